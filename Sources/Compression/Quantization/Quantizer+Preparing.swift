package import Networks

extension Quantizer {
    /// The network without dropout, after the given steps in their one order.
    ///
    /// - Throws: ``CompressionError`` for batch normalization that cannot be folded.
    package static func prepare(
        _ network: Network, steps: [QuantizationOptions.Preparation]
    ) throws(CompressionError) -> Network {
        var network = network.removingDropout()
        if steps.contains(.unpack) { network = network.unpacked }
        if steps.contains(.fold) { network = try network.foldingBatchNormalization() }
        if steps.contains(.equalize) { network = network.equalizing() }
        return network
    }
}
