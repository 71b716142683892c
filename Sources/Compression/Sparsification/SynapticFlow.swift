package import Networks
internal import Tensors

/// How much of a signal flows through each weight of a network, without looking at data.
///
/// Tanaka et al., "Pruning neural networks without any data by iteratively conserving synaptic flow" (2020): an input
/// of ones runs through the network with every weight replaced by its magnitude; `R` is the sum of the outputs, and the
/// score of a weight is `|weight| * dR/d|weight|`. All of it is in double precision, as products over deep networks
/// leave the range of float.
///
/// The path is linear. Biases, means and offsets, the normalization of the input, activations and softmax are left out;
/// batch normalization multiplies by `|scale| / sqrt(variance + epsilon)`, layer and group normalization by `|scale|`;
/// pooling takes the mean; sums, differences and products add up; a recurrent layer adds up its gates step by step, and
/// the hidden state that a step finds is taken for the mean of the layer's input. The paper leaves these open.
package struct SynapticFlow {
    private let network: Network
    /// The indices of the nodes that each node reads.
    private let sources: [[Int]]

    package init(_ network: Network) {
        self.network = network
        sources = network.nodes.map { $0.inputs.compactMap(network.index(of:)) }
    }

    /// The scores of the learnables of two and more axes by their full names, and `R`.
    ///
    /// - Parameter changes: Weights by their full names; those of the network where there are none.
    package func scores(changing changes: [String: [Float]] = [:]) -> (flow: Double, scores: [String: [Double]]) {
        let weights = network.nodes.map { node -> [Double] in
            guard let path = node.layer as? any LinearPath else { return [] }
            return path.pathWeights { parameter in
                let name = "\(node.name).\(parameter)"
                return (changes[name] ?? network.parameters[name]?.floats ?? []).map(Double.init)
            }
        }
        let (flow, values) = scores(of: weights)
        var scores: [String: [Double]] = [:]
        for (node, values) in zip(network.nodes, values) {
            var start = 0
            for (name, specification) in network.specifications(of: node)
            where specification.role == .learnable && specification.shape.rank > 1 {
                scores[name] = Array(values[start..<start + specification.shape.count])
                start += specification.shape.count
            }
        }
        return (flow, scores)
    }

    /// The same by node: of the path's weights of each, in the order of the nodes.
    private func scores(of weights: [[Double]]) -> (flow: Double, scores: [[Double]]) {
        var values: [[Double]] = []
        for (index, shape) in network.shapes.enumerated() {
            values.append(sources[index].isEmpty ? Array(repeating: 1, count: shape.count) : [])
            if !sources[index].isEmpty { values[index] = pass(index, values, weights[index]) }
        }
        var gradients = network.shapes.map { [Double](repeating: 0, count: $0.count) }
        var flow = 0.0
        for output in network.outputs {
            guard let index = network.index(of: output.name) else { continue }
            gradients[index] = Array(repeating: 1, count: gradients[index].count)
            flow += values[index].reduce(0, +)
        }
        var scores = weights
        for index in network.nodes.indices.reversed() where !sources[index].isEmpty {
            let slopes = passBack(index, values, weights[index], &gradients)
            for element in slopes.indices { scores[index][element] *= slopes[element] }
        }
        return (flow, scores)
    }

    private func pass(_ index: Int, _ values: [[Double]], _ weights: [Double]) -> [Double] {
        let shapes = sources[index].map { network.shapes[$0] }
        let inputs = sources[index].map { values[$0] }
        var result = [Double](repeating: 0, count: network.shapes[index].count)
        network.nodes[index].layer.forEachPathRun(inputs: shapes, output: network.shapes[index]) { run in
            let input = inputs[run.source]
            let factor = run.weight.map { run.weightStride == 0 ? run.factor * weights[$0] : run.factor } ?? run.factor
            for step in 0..<run.count {
                let weight =
                    run.weightStride == 0 ? factor : factor * weights[(run.weight ?? 0) + step * run.weightStride]
                result[run.output + step * run.outputStride] += weight * input[run.input + step * run.inputStride]
            }
        }
        return result
    }

    /// Adds to the gradients of a node's inputs and returns that of its weights.
    private func passBack(
        _ index: Int, _ values: [[Double]], _ weights: [Double], _ gradients: inout [[Double]]
    ) -> [Double] {
        let shapes = sources[index].map { network.shapes[$0] }
        let slope = gradients[index]
        var slopes = [Double](repeating: 0, count: weights.count)
        for (source, node) in sources[index].enumerated() {
            let input = values[node]
            var gradient = gradients[node]
            gradients[node] = []
            network.nodes[index].layer.forEachPathRun(inputs: shapes, output: network.shapes[index]) { run in
                guard run.source == source else { return }
                for step in 0..<run.count {
                    let (from, above) = (
                        run.input + step * run.inputStride, slope[run.output + step * run.outputStride]
                    )
                    if let first = run.weight {
                        let place = first + step * run.weightStride
                        gradient[from] += run.factor * weights[place] * above
                        slopes[place] += run.factor * input[from] * above
                    } else {
                        gradient[from] += run.factor * above
                    }
                }
            }
            gradients[node] = gradient
        }
        return slopes
    }
}
