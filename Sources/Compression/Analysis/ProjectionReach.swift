internal import Datasets
internal import Kernels
internal import Networks
internal import Training

/// What projection can make of one layer.
package struct ProjectionReach: Hashable, Sendable, Encodable {
    /// The learnables that stay with one dimension, where it leaves the fewest.
    package let minimumLearnables: Int
    /// With data: what stays if a share of the variance is kept.
    package let atExplainedVariance: [Kept]
    /// Why it cannot be projected, if so.
    package let reason: String?

    package struct Kept: Hashable, Sendable, Encodable {
        package let level: Double
        package let learnables: Int
    }

    /// The shares that are looked at.
    package static let levels = [0.9, 0.95, 0.99]
}

extension ProjectionReach {
    /// What projection can make of a network.
    struct Plan {
        private let network: Network
        private let isProjected: Bool
        private let projectable: Set<String>
        /// The learnables of each layer at each of the levels.
        private var kept: [String: [Kept]] = [:]
        /// The counts with every layer projected as far as it goes; `nil` if none can be.
        private(set) var smallest: Counts?

        init(of network: Network, data: Dataset?, pool: WorkerPool, checkCancellation: @escaping () throws -> Void)
            throws
        {
            self.network = network
            isProjected = network.isProjected
            let layers = isProjected ? [] : network.projectableLayers
            projectable = Set(layers)
            guard !layers.isEmpty else { return }
            var counts = network.counts
            counts.learnables -= counts.totalParameters - network.minimumTotalParameters(projecting: layers)
            smallest = counts
            guard let data, network.isComplete else { return }
            var monitor = CompressionMonitor.none
            monitor.checkCancellation = checkCancellation
            let analysis = try ActivationAnalyzer(network, layers: layers, data: data, pool: pool).run(monitor)
            for level in levels {
                for layer in try ProjectionPlan(network, analysis: analysis, goal: .explainedVariance(level)).layers {
                    kept[layer.name, default: []].append(Kept(level: level, learnables: layer.learnablesAfter))
                }
            }
        }

        func reach(of node: Network.Node) -> ProjectionReach? {
            let counts = network.counts(of: node)
            guard counts.learnables > 0 else { return nil }
            guard projectable.contains(node.name) else {
                return ProjectionReach(
                    minimumLearnables: counts.learnables, atExplainedVariance: [],
                    reason: isProjected
                        ? "the network has projected layers: unpack it first" : node.layer.reasonAgainstProjection)
            }
            let saved = network.counts.totalParameters - network.minimumTotalParameters(projecting: [node.name])
            return ProjectionReach(
                minimumLearnables: counts.learnables - saved, atExplainedVariance: kept[node.name] ?? [], reason: nil)
        }
    }
}
