internal import Foundation
package import Networks
internal import Tensors

/// A network run by ``ReferenceKernels``: slow, in double precision, and written from the formulas alone.
package struct ReferenceNetwork: Sendable {
    package let network: Network
    package let mode: ReferenceKernels.Mode
    /// All parameters by name; states change when the network runs in training mode.
    package var parameters: [String: [Double]]

    package init(_ network: Network, mode: ReferenceKernels.Mode) {
        self.network = network
        self.mode = mode
        parameters = network.parameters.mapValues { $0.floats.map(Double.init) }
    }

    /// The output of every node for a batch of raw data.
    ///
    /// - Parameter changesStates: Whether a run in training mode leaves its states behind.
    package mutating func values(of input: [Double], count: Int, changesStates: Bool) throws -> [String:
        ReferenceValues]
    {
        var values: [String: ReferenceValues] = [:]
        for (node, shape) in zip(network.nodes, network.shapes) {
            let inputs =
                node.inputs.isEmpty
                ? [ReferenceValues(shape: shape, examples: count, elements: input)]
                : node.inputs.compactMap { values[$0] }
            let names = network.specifications(of: node).map(\.name)
            var tensors = names.map { parameters[$0] ?? [] }
            values[node.name] = try ReferenceKernels.forward(
                node.layer, name: node.name, inputs: inputs, parameters: &tensors, mode: mode)
            if changesStates { for (name, tensor) in zip(names, tensors) { parameters[name] = tensor } }
        }
        return values
    }

    /// The gradients of `sum(weights * output of node)` by central differences.
    ///
    /// - Parameter step: How far each number is moved to both sides.
    /// - Returns: The gradient of each learnable by name, and of the raw data.
    package func gradients(
        of node: String, weights: [Double], input: [Double], count: Int, step: Double = 1e-5
    ) throws -> (learnables: [String: [Double]], input: [Double]) {
        func loss(_ network: ReferenceNetwork, _ input: [Double]) throws -> Double {
            var network = network
            let output = try network.values(of: input, count: count, changesStates: false)[node]?.elements ?? []
            return zip(output, weights).map { $0 * $1 }.reduce(0, +)
        }
        var moved = self
        var learnables: [String: [Double]] = [:]
        for (name, specification) in network.specifications where specification.role == .learnable {
            let original = parameters[name] ?? []
            learnables[name] = try original.indices.map { index in
                var slope = 0.0
                for sign in [1.0, -1.0] {
                    moved.parameters[name]?[index] = original[index] + sign * step
                    slope += try sign * loss(moved, input) / (2 * step)
                }
                moved.parameters[name]?[index] = original[index]
                return slope
            }
        }
        let inputGradient = try input.indices.map { index in
            var (above, below) = (input, input)
            above[index] += step
            below[index] -= step
            return try (loss(self, above) - loss(self, below)) / (2 * step)
        }
        return (learnables, inputGradient)
    }
}

/// `exp`, here so that one file alone needs Foundation.
func exponential(_ x: Double) -> Double { exp(x) }
