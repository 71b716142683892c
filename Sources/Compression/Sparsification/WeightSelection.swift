internal import Foundation
internal import Networks
internal import Tensors

/// Chooses the weights of a network that are set to zero.
struct WeightSelection {
    /// How far a selection is.
    struct Progress: Hashable, Codable {
        var rounds = 0
        /// One byte a weight, in the order of the network: zero if it was set to zero.
        var kept: Data
    }

    private let network: Network
    private let names: [String]
    private let options: SparsificationOptions

    /// - Parameter names: The full names of the weights to choose of.
    init(of network: Network, among names: [String], options: SparsificationOptions) {
        self.network = network
        self.names = names
        self.options = options
    }

    /// The network with as many weights set to zero as the options ask for, at the least.
    ///
    /// Those of the lowest scores over all layers together; of equal scores the first.
    ///
    /// - Parameters:
    ///   - progress: From where an earlier run is to go on.
    ///   - report: Is told after each round how far the selection is, and of how many rounds.
    /// - Throws: ``CompressionError`` if a weight is missing, not finite, or the flow leaves the range of double, or the
    ///   progress is not that of this network; what `report` throws.
    func sparsified(
        from progress: Progress? = nil, report: (Progress, Int) throws -> Void = { _, _ in }
    ) throws -> Network {
        var elements: [String: [Float]] = [:]
        for name in names {
            guard let tensor = network.parameters[name] else {
                throw CompressionError(.invalidNetwork, "the network has no '\(name)'; train the network first")
            }
            guard tensor.floats.allSatisfy(\.isFinite) else {
                throw CompressionError(.nonFiniteValue, "a weight of '\(name)' is not finite; train the network anew")
            }
            elements[name] = tensor.floats
        }
        // Each weight by its tensor and its place there, in the order of the network.
        var kept = names.flatMap { name in (elements[name] ?? []).indices.map { (name: name, place: $0) } }
        let all = kept
        let count = kept.count
        let rounds = options.criterion == .synflow ? options.iterations : 1
        var progress = progress ?? Progress(kept: Data(repeating: 1, count: count))
        guard progress.kept.count == count, (0...rounds).contains(progress.rounds) else {
            throw CompressionError(.invalidCheckpoint, "the checkpoint is of a network with other weights")
        }
        kept = zip(all, progress.kept).filter { $1 != 0 }.map(\.0)
        for (weight, mark) in zip(all, progress.kept) where mark == 0 { elements[weight.name]?[weight.place] = 0 }
        let starts = Dictionary(uniqueKeysWithValues: all.enumerated().filter { $1.place == 0 }.map { ($1.name, $0) })
        while progress.rounds < rounds {
            let round = progress.rounds + 1
            let left = Self.left(of: count, sparsity: options.sparsity, round: round, of: rounds)
            if left < kept.count {
                let scores =
                    switch options.criterion {
                    case .magnitude: elements.mapValues { $0.map { Double(abs($0)) } }
                    case .synflow: try flow(of: elements)
                    }
                let values = kept.map { scores[$0.name]?[$0.place] ?? 0 }
                let order = kept.indices.sorted { (values[$0], $0) < (values[$1], $1) }
                for weight in order.prefix(kept.count - left).map({ kept[$0] }) {
                    elements[weight.name]?[weight.place] = 0
                    progress.kept[(starts[weight.name] ?? 0) + weight.place] = 0
                }
                kept = order.dropFirst(kept.count - left).sorted().map { kept[$0] }
            }
            progress.rounds = round
            try report(progress, rounds)
        }
        var result = network
        try result.setParameters(
            Dictionary(
                uniqueKeysWithValues: names.compactMap { name in
                    network.parameters[name].map { (name, Tensor(elements[name] ?? [], shape: $0.shape)) }
                }))
        return result
    }

    /// How many weights are left after a round: `(1 - sparsity)^(round / rounds)` of them, at the end rounded down so that
    /// the sparsity is reached.
    static func left(of count: Int, sparsity: Double, round: Int, of rounds: Int) -> Int {
        let goal = count - Int((sparsity * Double(count) - 1e-9).rounded(.up))
        guard round < rounds else { return goal }
        return max(goal, Int((Double(count) * pow(1 - sparsity, Double(round) / Double(rounds))).rounded(.up)))
    }

    /// The scores of the weights as they are now, by name.
    private func flow(of elements: [String: [Float]]) throws(CompressionError) -> [String: [Double]] {
        for node in network.nodes {
            guard let layer = node.layer as? any RecurrentLayer else { continue }
            guard layer.projectors.input == nil, layer.projectors.output == nil else {
                throw CompressionError(
                    .unsupportedLayer, layer: node.name,
                    "has projectors, through which 'synflow' has no path; use the criterion 'magnitude'")
            }
        }
        let (flow, scores) = SynapticFlow(network).scores(changing: elements)
        guard flow.isFinite, scores.values.allSatisfy({ $0.allSatisfy(\.isFinite) }) else {
            throw CompressionError(
                .nonFiniteValue,
                "the flow through the network is \(flow): its weights are too large for 'synflow'; "
                    + "use the criterion 'magnitude'")
        }
        return scores
    }
}
