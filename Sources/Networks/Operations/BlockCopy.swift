internal import Kernels
internal import Tensors

/// A block of elements that has a place in two arrays of up to three axes each.
///
/// Slices, concatenations and padding are such copies; their backward passes copy the other way.
struct BlockCopy {
    /// Where a block is in an array.
    private struct Layout {
        var start: Int
        let plane: Int
        let row: Int

        init(_ shape: [Int], at origin: [Int]) {
            (plane, row) = (shape[1] * shape[2], shape[2])
            start = origin[0] * plane + origin[1] * row + origin[2]
        }
    }

    private var source: Layout
    private var target: Layout
    private let planes: Int
    private let rows: Int
    private var run: Int

    /// - Parameters:
    ///   - extent: The shape of the block.
    ///   - origins: Where it begins in the source and in the target; all of one rank, three at the most.
    init(_ extent: Shape, from source: Shape, at sourceOrigin: [Int], to target: Shape, at targetOrigin: [Int]) {
        func padded(_ dimensions: [Int], _ filling: Int) -> [Int] {
            Array(repeating: filling, count: 3 - dimensions.count) + dimensions
        }
        let block = padded(extent.dimensions, 1)
        self.source = Layout(padded(source.dimensions, 1), at: padded(sourceOrigin, 0))
        self.target = Layout(padded(target.dimensions, 1), at: padded(targetOrigin, 0))
        (planes, rows, run) = (block[0], block[1], block[2])
    }

    /// Copies the block of one example.
    func run(from x: Floats, to y: Floats) {
        if run == source.row, run == target.row {
            // Rows follow each other on both sides.
            for plane in 0..<planes {
                (y + target.start + plane * target.plane).update(
                    from: x + source.start + plane * source.plane, count: rows * run)
            }
            return
        }
        for plane in 0..<planes {
            for row in 0..<rows {
                (y + target.start + plane * target.plane + row * target.row).update(
                    from: x + source.start + plane * source.plane + row * source.row, count: run)
            }
        }
    }

    /// The copy from the target back to the source.
    var reversed: BlockCopy {
        var copy = self
        (copy.source, copy.target) = (target, source)
        return copy
    }

    /// The copy of the first elements of each row, of all without a count, to a place so many elements further.
    func first(_ count: Int?, movedBy distance: Int) -> BlockCopy {
        var copy = self
        copy.run = count ?? run
        copy.target.start += distance
        return copy
    }
}
