/// The extents of a tensor, outermost first.
///
/// The shape of one example puts channels first: `[channels]`, `[channels, steps]` or `[channels, height, width]`.
/// A batch adds a dimension in front of it.
package struct Shape: Hashable, Sendable {
    package var dimensions: [Int]

    package init(_ dimensions: [Int]) {
        precondition(dimensions.allSatisfy { $0 >= 0 }, "a dimension is negative")
        self.dimensions = dimensions
    }

    /// The number of elements: the product of the dimensions, 1 for a scalar.
    package var count: Int { dimensions.reduce(1, *) }
    package var rank: Int { dimensions.count }
    package subscript(axis: Int) -> Int { dimensions[axis] }
}

extension Shape: ExpressibleByArrayLiteral {
    package init(arrayLiteral dimensions: Int...) { self.init(dimensions) }
}

extension Shape: CustomStringConvertible {
    /// `16 x 200`; `scalar` without dimensions.
    package var description: String {
        dimensions.isEmpty ? "scalar" : dimensions.map(String.init).joined(separator: " x ")
    }
}
