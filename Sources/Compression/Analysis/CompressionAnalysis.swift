package import Datasets
package import Kernels
package import Networks
internal import Tensors

/// How much each technique can save at the most, layer by layer, before anything is compressed.
package struct CompressionAnalysis: Hashable, Sendable, Encodable {
    /// One layer, and what each technique can make of it.
    package struct Layer: Hashable, Sendable, Encodable {
        package let name: String
        package let kind: String
        package let outputShape: [Int]
        package let learnables: Int
        package let states: Int
        package let macs: Int
        /// Bytes in float32, and those of its activations.
        package let memoryBytes: Int
        package let activationBytes: Int
        /// Of a layer that makes channels.
        package let prune: PruningReach?
        /// Of a layer with learnables.
        package let project: ProjectionReach?
        package let quantize: IntegerReach
    }

    /// The whole network as one technique can leave it at the least.
    package struct Technique: Hashable, Sendable, Encodable {
        package let name: String
        package let learnables: Int
        package let totalParameters: Int
        package let memoryBytes: Int
        /// What is gone: of the total parameters or, for types of numbers, of the bytes.
        package let reduction: Double
    }

    package let layers: [Layer]
    package let techniques: [Technique]
    /// Bytes of the arena for the activations of one example.
    package let activationMemory: ActivationMemory

    package struct ActivationMemory: Hashable, Sendable, Encodable {
        package let float32: Int
        package let int8: Int
    }

    /// Analyzes a network.
    ///
    /// - Parameters:
    ///   - network: Trained or not; of one with projected layers only the types of numbers can be changed.
    ///   - data: If given, and the network is complete: what projections keep which share of the variance.
    ///   - checkCancellation: Asked before each batch of data.
    /// - Throws: What running the network on the data throws.
    package init(
        of network: Network, data: Dataset? = nil, pool: WorkerPool, checkCancellation: @escaping () throws -> Void = {}
    ) throws {
        let integers = IntegerReach.Plan(of: network)
        let pruning = PruningReach.Plan(of: network)
        let projection = try ProjectionReach.Plan(
            of: network, data: data, pool: pool, checkCancellation: checkCancellation)
        layers = zip(network.nodes, network.shapes).map { node, shape in
            let counts = network.counts(of: node)
            return Layer(
                name: node.name, kind: node.layer.kind, outputShape: shape.dimensions, learnables: counts.learnables,
                states: counts.states, macs: counts.macs, memoryBytes: counts.float32Bytes,
                activationBytes: 4 * shape.count, prune: pruning.reach(of: node), project: projection.reach(of: node),
                quantize: integers.reach(of: node))
        }
        techniques = Self.techniques(network, pruning, projection, integers)
        activationMemory = ActivationMemory(
            float32: ActivationArena(of: network).bytes,
            int8: ActivationArena(of: integers.structure ?? network, bytesPerElement: 1).bytes)
    }

    private static func techniques(
        _ network: Network, _ pruning: PruningReach.Plan, _ projection: ProjectionReach.Plan,
        _ integers: IntegerReach.Plan
    ) -> [Technique] {
        let counts = network.counts
        func structural(_ name: String, _ small: Counts) -> Technique {
            Technique(
                name: name, learnables: small.learnables, totalParameters: small.totalParameters,
                memoryBytes: small.float32Bytes,
                reduction: 1 - Double(small.totalParameters) / Double(max(1, counts.totalParameters)))
        }
        var techniques = [structural("as it is", counts)]
        if let smallest = pruning.smallest(.convolution) { techniques.append(structural("prune", smallest.counts)) }
        if let smallest = pruning.smallest(.dense), smallest.counts != pruning.smallest(.convolution)?.counts {
            techniques.append(structural("prune, dense too", smallest.counts))
        }
        if let smallest = projection.smallest { techniques.append(structural("project", smallest)) }
        if let pruned = pruning.smallest(.convolution), !pruned.projectableLayers.isEmpty {
            var smallest = pruned.counts
            let total = pruned.minimumTotalParameters(projecting: pruned.projectableLayers)
            smallest.learnables -= smallest.totalParameters - total
            techniques.append(structural("prune, then project", smallest))
        }
        for (name, bytes) in integers.bytes {
            techniques.append(
                Technique(
                    name: name, learnables: counts.learnables, totalParameters: counts.totalParameters,
                    memoryBytes: bytes, reduction: 1 - Double(bytes) / Double(max(1, counts.float32Bytes))))
        }
        return techniques
    }
}
