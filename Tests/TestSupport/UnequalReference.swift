package import Networks
internal import Tensors

/// A network run by ``ReferenceKernels`` on sequences of unequal length, each without any padding.
///
/// Every layer sees one example at a time, but for batch normalization, which sees all steps of all examples as one
/// long sequence.
package struct UnequalReference: Sendable {
    package let network: Network
    package let mode: ReferenceKernels.Mode
    /// All parameters by name; states change when the network runs in training mode.
    package var parameters: [String: [Double]]

    package init(_ network: Network, mode: ReferenceKernels.Mode) {
        self.network = network
        self.mode = mode
        parameters = network.parameters.mapValues { $0.floats.map(Double.init) }
    }

    /// The output of every node, example by example.
    ///
    /// - Parameter examples: Each `[channels, steps]` of its own number of steps.
    package mutating func values(
        of examples: [ReferenceValues], changesStates: Bool
    ) throws -> [String: [ReferenceValues]] {
        var values: [String: [ReferenceValues]] = [:]
        for node in network.nodes {
            let names = network.specifications(of: node).map(\.name)
            var tensors = names.map { parameters[$0] ?? [] }
            func run(_ inputs: [ReferenceValues]) throws -> ReferenceValues {
                try ReferenceKernels.forward(
                    node.layer, name: node.name, inputs: inputs, parameters: &tensors, mode: mode)
            }
            let inputs = node.inputs.isEmpty ? [examples] : node.inputs.map { values[$0] ?? [] }
            if node.layer is BatchNormalization {
                values[node.name] = Self.split(try run([Self.joined(inputs[0])]), as: inputs[0])
            } else {
                values[node.name] = try examples.indices.map { example in try run(inputs.map { $0[example] }) }
            }
            if changesStates { for (name, tensor) in zip(names, tensors) { parameters[name] = tensor } }
        }
        return values
    }

    /// The gradients of `sum(weights * output of the last node)` by central differences.
    package func gradients(
        weights: [[Double]], examples: [ReferenceValues], step: Double = 1e-5
    ) throws -> (learnables: [String: [Double]], examples: [[Double]]) {
        func loss(_ reference: UnequalReference, _ examples: [ReferenceValues]) throws -> Double {
            var reference = reference
            let outputs = try reference.values(of: examples, changesStates: false)[network.nodes.last?.name ?? ""] ?? []
            return zip(outputs, weights).map { zip($0.elements, $1).map { $0 * $1 }.reduce(0, +) }.reduce(0, +)
        }
        var moved = self
        var learnables: [String: [Double]] = [:]
        for (name, specification) in network.specifications where specification.role == .learnable {
            let original = parameters[name] ?? []
            learnables[name] = try original.indices.map { index in
                defer { moved.parameters[name]?[index] = original[index] }
                moved.parameters[name]?[index] = original[index] + step
                let above = try loss(moved, examples)
                moved.parameters[name]?[index] = original[index] - step
                return (above - (try loss(moved, examples))) / (2 * step)
            }
        }
        let slopes = try examples.indices.map { example in
            try examples[example].elements.indices.map { index in
                var changed = examples
                changed[example].elements[index] += step
                let above = try loss(self, changed)
                changed[example].elements[index] -= 2 * step
                return (above - (try loss(self, changed))) / (2 * step)
            }
        }
        return (learnables, slopes)
    }

    private static func joined(_ examples: [ReferenceValues]) -> ReferenceValues {
        let channels = examples[0].channels
        let elements = (0..<channels).flatMap { channel in
            examples.flatMap { example in (0..<example.positions).map { example[0, channel, $0] } }
        }
        return ReferenceValues(shape: [channels, elements.count / channels], examples: 1, elements: elements)
    }

    private static func split(_ joined: ReferenceValues, as examples: [ReferenceValues]) -> [ReferenceValues] {
        var first = 0
        return examples.map { example in
            defer { first += example.positions }
            var part = example
            for channel in 0..<part.channels {
                for position in 0..<part.positions { part[0, channel, position] = joined[0, channel, first + position] }
            }
            return part
        }
    }
}
