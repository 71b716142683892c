internal import Tensors

/// What one layer puts out for a batch of examples.
struct LayerValues {
    /// `[examples] + shape`, row-major.
    let values: [Float]
    let shape: Shape
    /// The steps of each example that count; `nil` if all do.
    let lengths: [Int]?

    var examples: Int { shape.count == 0 ? 0 : values.count / shape.count }
    var channels: Int { shape.rank == 0 ? 1 : shape[0] }
    var positions: Int { shape.count / max(1, channels) }

    /// How many positions of an example count, the first ones.
    func validPositions(of example: Int) -> Int { lengths?[example] ?? positions }

    /// The values that count.
    var valid: [Float] {
        guard lengths != nil else { return values }
        return values.indices.filter { $0 % positions < validPositions(of: $0 / shape.count) }.map { values[$0] }
    }

    /// For each channel the sum of the values that count, and how many those are.
    var channelSums: (sums: [Double], count: Int) {
        var (sums, count) = ([Double](repeating: 0, count: channels), 0)
        for example in 0..<examples {
            let valid = validPositions(of: example)
            count += valid
            for channel in 0..<channels {
                let start = example * shape.count + channel * positions
                for value in values[start..<start + valid] { sums[channel] += Double(value) }
            }
        }
        return (sums, count)
    }
}
