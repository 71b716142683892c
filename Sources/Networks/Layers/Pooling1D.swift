package import Tensors

/// Pooling over windows of steps: `[channels, steps]` to `[channels, outputSteps]`.
package protocol Pooling1D: WindowPooling {
    var size: Int { get }
    var stride: Int { get }

    /// - Parameter stride: `nil` for windows that touch.
    init(size: Int, stride: Int?, padding: Padding)
}

extension Pooling1D {
    package init(reading attributes: inout AttributeReader) throws(NetworkError) {
        let size = try attributes.integer("size")
        self.init(
            size: size, stride: try attributes.integer("stride", default: size),
            padding: try attributes.padding("padding", axes: 1))
    }

    package var attributes: [String: Attribute] {
        ["size": .integer(size), "stride": .integer(stride), "padding": padding.attribute]
    }

    package func steps(of inputs: [Int], shapes: [Shape], output: Shape) throws(NetworkError) -> Int? {
        padding.validSteps(of: inputs[0], whole: shapes[0][1], window: size, stride: stride, dilation: 1)
    }

    package var sizes: [Int] { [size] }
    package var strides: [Int] { [stride] }
}
