/// Pooling over windows of images: `[channels, height, width]` to `[channels, outputHeight, outputWidth]`.
package protocol Pooling2D: WindowPooling {
    /// Height and width.
    var size: [Int] { get }
    var stride: [Int] { get }

    /// - Parameter stride: `nil` for windows that touch.
    init(size: [Int], stride: [Int]?, padding: Padding)
}

extension Pooling2D {
    package init(reading attributes: inout AttributeReader) throws(NetworkError) {
        let size = try attributes.integers("size", count: 2)
        self.init(
            size: size, stride: try attributes.integers("stride", count: 2, default: size),
            padding: try attributes.padding("padding", axes: 2))
    }

    package var attributes: [String: Attribute] {
        ["size": .integers(size), "stride": .integers(stride), "padding": padding.attribute]
    }

    package var sizes: [Int] { size }
    package var strides: [Int] { stride }
}
