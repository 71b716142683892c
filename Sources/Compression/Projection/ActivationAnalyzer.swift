package import Datasets
package import Foundation
internal import Interchange
package import Kernels
package import Networks
internal import Tensors
internal import Training

/// Finds the principal components around layers over the training data, batch by batch; padding of sequences does not
/// count.
///
/// The result is a function of network, layers and data: the same bytes at any number of threads, stopped and resumed
/// or not.
package final class ActivationAnalyzer {
    /// Where activations are taken: the output of a node, its channels cut into blocks.
    private struct Site: Hashable {
        let node: String
        let blocks: Int
    }

    private let network: Network
    private let data: Dataset
    private let pool: WorkerPool
    /// The sites of each layer's input and output.
    private let layers: [(name: String, input: Site, output: Site)]
    /// Each site once, with an accumulator a block; none for blocks too wide to analyze.
    private var accumulators: [(site: Site, blocks: [CovarianceAccumulator])] = []
    /// How many examples were taken in.
    private var done = 0

    private static let batch = 128

    /// Prepares an analysis.
    ///
    /// - Parameters:
    ///   - network: With all its parameters; batch normalization uses its states.
    ///   - patterns: `LayerNames`; `nil` for every layer that can be projected.
    ///   - checkpoint: What an earlier run of the same analysis saved.
    /// - Throws: ``CompressionError`` if the network is projected already, no layer can be projected, there is no
    ///   example, or the checkpoint is none of an analysis.
    package init(
        _ network: Network, layers patterns: [String]?, data: Dataset, pool: WorkerPool, from checkpoint: Data? = nil
    ) throws {
        let names = try network.projectableLayers(matching: patterns)
        guard data.count > 0 else {
            throw CompressionError(.invalidData, "there is no example to analyze activations with")
        }
        let (extended, states) = try network.withAllStates(of: names)
        self.network = extended
        self.data = data
        self.pool = pool
        layers = names.compactMap(network.node).map { node in
            let blocks = (node.layer as? any Projectable).map { type(of: $0).outputBlocks } ?? 1
            return (
                node.name, Site(node: node.inputs[0], blocks: 1),
                Site(node: states[node.name] ?? node.name, blocks: blocks)
            )
        }
        for site in layers.flatMap({ [$0.input, $0.output] }) where !accumulators.contains(where: { $0.site == site }) {
            let dimension = (extended.shape(of: site.node)?[0] ?? 0) / site.blocks
            let count = dimension <= ProjectionAnalysis.widestSide ? site.blocks : 0
            accumulators.append((site, Array(repeating: CovarianceAccumulator(dimension: dimension), count: count)))
        }
        if let checkpoint { try restore(checkpoint) }
    }

    /// Runs to the end.
    ///
    /// - Throws: ``CompressionError`` if activations are too few or not finite, what the network throws if it cannot
    ///   run, and what the monitor throws.
    package func run(_ monitor: CompressionMonitor = .none) throws -> ProjectionAnalysis {
        let compiled = try CompiledNetwork(
            network, batchCapacity: min(Self.batch, data.count), purpose: .inference, pool: pool)
        let rows = Array(0..<data.count)
        while done < data.count {
            let batch = rows[done..<min(done + compiled.batchCapacity, data.count)]
            try compiled.setInput(data, rows: batch)
            compiled.forward(count: batch.count, mode: .inference)
            for index in accumulators.indices { add(compiled, examples: batch.count, to: index) }
            done += batch.count
            monitor.report(
                CompressionProgress(
                    fraction: Double(done) / Double(data.count), what: "example \(done) of \(data.count)", loss: nil))
            if monitor.isCheckpointDue(false) { try monitor.save(checkpoint) }
            try monitor.checkCancellation()
        }
        return ProjectionAnalysis(
            layers: try layers.map {
                ProjectionAnalysis.Layer(name: $0.name, input: try side($0.input), output: try side($0.output))
            })
    }

    private func add(_ compiled: CompiledNetwork, examples: Int, to index: Int) {
        let (site, blocks) = accumulators[index]
        guard let shape = network.shape(of: site.node) else { return }
        let values = compiled.values(of: site.node).array(in: 0..<examples * shape.count)
        let size = shape.count / site.blocks
        for block in blocks.indices {
            var own = values
            if site.blocks > 1 {
                own = (0..<examples).flatMap { example -> ArraySlice<Float> in
                    let first = example * shape.count + block * size
                    return values[first..<first + size]
                }
            }
            accumulators[index].blocks[block].add(
                own, examples: examples, positions: shape.count / shape[0], valid: compiled.validSteps(of: site.node))
        }
    }

    private func side(_ site: Site) throws(CompressionError) -> ProjectionSide? {
        guard let blocks = accumulators.first(where: { $0.site == site })?.blocks, !blocks.isEmpty else { return nil }
        do {
            return ProjectionSide(
                try blocks.map { accumulator throws(CompressionError) in
                    try accumulator.principalComponents()
                })
        } catch {
            throw CompressionError(error.code, layer: site.node, error.message)
        }
    }
}

// MARK: - Recurrent layers

extension Network {
    /// The network with the hidden states after every step of its recurrent layers.
    ///
    /// A layer that gives out its last state alone gets a sibling that gives out all of them.
    ///
    /// - Returns: The network, and the sibling of each layer that has one.
    fileprivate func withAllStates(of layers: [String]) throws -> (Network, siblings: [String: String]) {
        var (nodes, parameters, siblings) = (nodes, parameters, [String: String]())
        for node in layers.compactMap(node) {
            guard var layer = node.layer as? any RecurrentLayer, layer.outputMode == .last else { continue }
            layer.outputMode = .sequence
            var name = "\(node.name)_states"
            while nodes.contains(where: { $0.name == name }) { name += "_" }
            nodes.append(Node(name, layer, inputs: node.inputs))
            for (own, specification) in specifications(of: node) {
                parameters["\(name).\(specification.name)"] = parameters[own]
            }
            siblings[node.name] = name
        }
        return (try Network(nodes: nodes, parameters: parameters), siblings)
    }
}

// MARK: - Checkpoints

extension ActivationAnalyzer {
    private var checkpoint: Data {
        var tensors = ["done": Tensor(doubles: [Double(done)], shape: [1])]
        for (index, (_, blocks)) in accumulators.enumerated() {
            for (block, accumulator) in blocks.enumerated() {
                for (name, tensor) in accumulator.tensors { tensors["\(index).\(block).\(name)"] = tensor }
            }
        }
        return SafetensorsFile(tensors: tensors).encoded
    }

    private func restore(_ checkpoint: Data) throws(CompressionError) {
        let damaged = CompressionError(.invalidCheckpoint, "the checkpoint is damaged or not one of a 'pca' stage")
        guard let tensors = try? SafetensorsFile(decoding: checkpoint).tensors, let count = tensors["done"],
            count.elementType == .float64, count.shape == [1], let count = Int(exactly: count.doubles[0]),
            (0...data.count).contains(count)
        else { throw damaged }
        done = count
        for index in accumulators.indices {
            for block in accumulators[index].blocks.indices {
                let prefix = "\(index).\(block)."
                guard accumulators[index].blocks[block].restore({ tensors[prefix + $0] }) else { throw damaged }
            }
        }
    }
}
