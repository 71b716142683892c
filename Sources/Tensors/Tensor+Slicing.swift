// MARK: - Slicing

extension Tensor {
    /// The tensor that keeps the given indices of one axis, in the order given.
    ///
    /// - Precondition: this is a float32 tensor that has the axis, and every index is inside it.
    package func keeping(_ indices: [Int], axis: Int) -> Tensor {
        let inner = shape.dimensions[(axis + 1)...].reduce(1, *)
        let outer = shape.dimensions[..<axis].reduce(1, *)
        let source = floats
        var kept: [Float] = []
        kept.reserveCapacity(outer * indices.count * inner)
        for block in 0..<outer {
            for index in indices {
                let start = (block * shape[axis] + index) * inner
                kept.append(contentsOf: source[start..<start + inner])
            }
        }
        var dimensions = shape.dimensions
        dimensions[axis] = indices.count
        return Tensor(kept, shape: Shape(dimensions))
    }
}
