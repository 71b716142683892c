package import Networks

extension Quantizer {
    /// The network without dropout, after the given steps in their one order.
    package static func prepare(_ network: Network, steps: [QuantizationOptions.Preparation]) -> Network {
        var network = network.removingDropout()
        if steps.contains(.unpack) { network = network.unpacked }
        if steps.contains(.fold) { network = network.foldingBatchNormalization() }
        if steps.contains(.equalize) { network = network.equalizing() }
        return network
    }
}
