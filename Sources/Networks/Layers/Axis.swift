package import Tensors

/// An axis of a layer's input by name.
package enum Axis: String, Hashable, Sendable, CaseIterable {
    case channels
    /// The positions of a sequence, `[channels, steps]`.
    case steps
    /// The positions of an image, `[channels, height, width]`.
    case height
    case width

    /// The axes of shapes of a rank, in order.
    static func all(rank: Int) -> [Axis] {
        switch rank {
        case 0: []
        case 1: [.channels]
        case 2: [.channels, .steps]
        default: [.channels, .height, .width]
        }
    }

    /// The place of this axis in a shape.
    ///
    /// - Throws: ``NetworkError`` with code `shapeMismatch` if the shape has no such axis.
    package func index(in shape: Shape) throws(NetworkError) -> Int {
        let axes = Self.all(rank: shape.rank)
        guard let index = axes.firstIndex(of: self) else {
            let names = axes.map(\.rawValue).joined(separator: ", ")
            throw NetworkError(.shapeMismatch, "the input \(shape) has no axis '\(rawValue)'; it has \(names)")
        }
        return index
    }
}
