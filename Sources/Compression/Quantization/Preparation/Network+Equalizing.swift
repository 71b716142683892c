package import Networks
internal import Tensors

/// A layer through which a factor above zero on a channel passes: `f(s x) = s f(x)`.
private protocol PositivelyHomogeneousLayer: Layer {}
extension ReLU: PositivelyHomogeneousLayer {}
extension LeakyReLU: PositivelyHomogeneousLayer {}
extension PReLU: PositivelyHomogeneousLayer {}
extension MaxPooling1D: PositivelyHomogeneousLayer {}
extension MaxPooling2D: PositivelyHomogeneousLayer {}
extension AveragePooling1D: PositivelyHomogeneousLayer {}
extension AveragePooling2D: PositivelyHomogeneousLayer {}
extension GlobalAveragePooling: PositivelyHomogeneousLayer {}
extension GlobalMaxPooling: PositivelyHomogeneousLayer {}
extension Flatten: PositivelyHomogeneousLayer {}

extension Network {
    /// The network with the ranges of channels evened out between layers that follow each other: cross-layer
    /// equalization (Nagel et al., "Data-free quantization through weight equalization and bias correction", 2019).
    ///
    /// For channel i between two layers with weights, `r1` is the largest magnitude among the weights and the bias that
    /// make it and `r2` among the weights that read it; with `s = r1 / sqrt(r1 r2)` the weights and bias that make it
    /// are divided by s and those that read it multiplied, so that both ranges become `sqrt(r1 r2)`. Other than in the
    /// paper the bias counts: of a unit whose weights have vanished it would grow without bound. Where a range is zero,
    /// s is one. The pairs are visited until no s differs from one by more than a thousandth; so the three layers around a
    /// depthwise convolution come to the cube root of their ranges, as the paper has it for such triples.
    package func equalizing() -> Network {
        var network = self
        let pairs = nodes.compactMap(equalizablePair(from:))
        for _ in 0..<Self.equalizationRounds {
            let farthest = pairs.map { network.equalize($0) }.max() ?? 0
            if farthest < 1e-3 { break }
        }
        return network
    }

    private static let equalizationRounds = 100
}

// MARK: - One pair

/// Two layers with weights, dense or convolutions of any kind, where each channel of the first reaches only the second.
private struct EqualizablePair {
    let first: String
    let second: String
}

extension Network {
    private func equalizablePair(from node: Node) -> EqualizablePair? {
        guard node.layer.hasFilters else { return nil }
        var last = node.name
        while true {
            let readers = consumers(of: last)
            guard readers.count == 1 else { return nil }
            if readers[0].layer.hasFilters { return EqualizablePair(first: node.name, second: readers[0].name) }
            guard readers[0].layer is any PositivelyHomogeneousLayer else { return nil }
            last = readers[0].name
        }
    }

    /// Equalizes one pair and returns how far its factors were from one.
    private mutating func equalize(_ pair: EqualizablePair) -> Double {
        guard let first = parameters["\(pair.first).weights"], let second = parameters["\(pair.second).weights"],
            let reader = node(pair.second)
        else { return 0 }
        let channels = first.shape[0]
        let made = first.shape.count / channels
        let read = reader.layer.readChannels(weights: second.shape, of: channels)
        var (ranges1, ranges2) = ([Float](repeating: 0, count: channels), [Float](repeating: 0, count: channels))
        for (index, weight) in first.floats.enumerated() {
            ranges1[index / made] = max(ranges1[index / made], abs(weight))
        }
        for (index, bias) in (parameters["\(pair.first).bias"]?.floats ?? []).enumerated() {
            ranges1[index] = max(ranges1[index], abs(bias))
        }
        for (index, weight) in second.floats.enumerated() {
            ranges2[read(index)] = max(ranges2[read(index)], abs(weight))
        }
        let factors = zip(ranges1, ranges2).map { (r1, r2) -> Double in
            let root = (Double(r1) * Double(r2)).squareRoot()
            return root > 0 ? Double(r1) / root : 1
        }
        var changes = [
            "\(pair.first).weights": Tensor(
                first.floats.enumerated().map { Float(Double($1) / factors[$0 / made]) }, shape: first.shape),
            "\(pair.second).weights": Tensor(
                second.floats.enumerated().map { Float(Double($1) * factors[read($0)]) },
                shape: second.shape),
        ]
        if let bias = parameters["\(pair.first).bias"] {
            changes["\(pair.first).bias"] = Tensor(bias.floats.enumerated().map { Float(Double($1) / factors[$0]) })
        }
        self = editing(parameters: changes)
        return factors.map { abs($0 - 1) }.max() ?? 0
    }
}

extension Layer {
    fileprivate var hasFilters: Bool { self is Dense || self is any ConvolutionLayer }
}
