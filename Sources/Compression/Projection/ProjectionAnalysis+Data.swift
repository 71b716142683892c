package import Datasets
package import Kernels
package import Networks
internal import Tensors
internal import Training

extension ProjectionAnalysis {
    /// Analyzes the activations around layers over the training data, batch by batch; padding of sequences does not count.
    ///
    /// - Parameters:
    ///   - network: With all its parameters; batch normalization uses its states.
    ///   - layers: Names out of ``Networks/Network/projectableLayers``.
    ///   - checkCancellation: Asked before each batch.
    /// - Throws: ``CompressionError`` if activations are too few or not finite, what the network throws if it cannot
    ///   run, and what `checkCancellation` throws.
    package init(
        of network: Network, layers: [String], data: Dataset, pool: WorkerPool,
        checkCancellation: () throws -> Void = {}
    ) throws {
        let nodes = layers.compactMap(network.node)
        var accumulators: [String: CovarianceAccumulator] = [:]
        for name in nodes.flatMap({ [$0.inputs[0], $0.name] }) {
            let channels = network.shape(of: name)?[0] ?? 0
            if channels <= Self.widestSide { accumulators[name] = CovarianceAccumulator(dimension: channels) }
        }
        guard data.count > 0 else {
            throw CompressionError(.invalidData, "there is no example to analyze activations with")
        }
        let compiled = try CompiledNetwork(
            network, batchCapacity: min(128, data.count), purpose: .inference, pool: pool)
        let rows = Array(0..<data.count)
        for start in stride(from: 0, to: data.count, by: compiled.batchCapacity) {
            try checkCancellation()
            let batch = rows[start..<min(start + compiled.batchCapacity, data.count)]
            try compiled.setInput(data, rows: batch)
            compiled.forward(count: batch.count, mode: .inference)
            for name in accumulators.keys {
                guard let shape = network.shape(of: name) else { continue }
                accumulators[name]?.add(
                    compiled.values(of: name).array(in: 0..<batch.count * shape.count), examples: batch.count,
                    positions: shape.count / shape[0], valid: compiled.validSteps(of: name))
            }
        }
        var components: [String: PrincipalComponents] = [:]
        for node in network.nodes {
            do {
                components[node.name] = try accumulators[node.name]?.principalComponents()
            } catch {
                throw CompressionError(error.code, layer: node.name, error.message)
            }
        }
        self.init(
            layers: nodes.map { Layer(name: $0.name, input: components[$0.inputs[0]], output: components[$0.name]) })
    }
}
