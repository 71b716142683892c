package import Tensors

/// Two or more inputs, one after the other along an axis; all other axes must agree.
package struct Concatenate: Layer {
    package static let kind = "concatenate"

    package var axis: Axis

    package init(axis: Axis = .channels) { self.axis = axis }

    package init(reading attributes: inout AttributeReader) throws(NetworkError) {
        axis = try attributes.choice("axis", default: .channels)
    }

    package var attributes: [String: Attribute] { axis == .channels ? [:] : ["axis": .text(axis.rawValue)] }
    package var inputCount: ClosedRange<Int> { 2...Int.max }

    package func outputShape(of inputs: [Shape]) throws(NetworkError) -> Shape {
        guard inputs[0].rank >= 1 else { throw NetworkError(.shapeMismatch, "the inputs have no channels") }
        let index = try axis.index(in: inputs[0])
        func rest(_ shape: Shape) -> [Int] {
            shape.dimensions.enumerated().filter { $0.offset != index }.map(\.element)
        }
        guard let other = inputs.first(where: { $0.rank != inputs[0].rank || rest($0) != rest(inputs[0]) }) else {
            var dimensions = inputs[0].dimensions
            dimensions[index] = inputs.map { $0[index] }.reduce(0, +)
            return Shape(dimensions)
        }
        throw NetworkError(
            .shapeMismatch, "cannot concatenate \(inputs[0]) and \(other): only \(axis.rawValue) may differ")
    }

    /// The valid steps of one sequence follow those of the one before.
    package func steps(of inputs: [Int], shapes: [Shape], output: Shape) throws(NetworkError) -> Int? {
        axis == .steps ? inputs.reduce(0, +) : try sharedSteps(of: inputs, shapes: shapes, output: output)
    }

    package func flow(
        of inputs: [[ChannelFlow.Channel]], output: Shape, in flow: inout ChannelFlow
    ) -> [ChannelFlow.Channel] {
        axis == .channels ? flow.keep(inputs.flatMap { $0 }) : flow.join(inputs)
    }
}
