internal import CKernels

/// Sums and sums of products of a stream of vectors, in double precision and in the order given: what a covariance is
/// made of.
package struct MomentSums: Sendable {
    /// Elements of one vector.
    package let width: Int
    /// Vectors taken so far.
    package private(set) var count = 0
    private var sums: [Double]
    private var products: [Double]

    package init(width: Int) {
        self.width = width
        sums = Array(repeating: 0, count: width)
        products = Array(repeating: 0, count: width * width)
    }

    /// Takes `count` vectors; element `i` of vector `k` is `buffer[start + k * vectorStride + i * elementStride]`.
    package mutating func add(
        _ buffer: FloatBuffer, start: Int, count: Int, vectorStride: Int, elementStride: Int
    ) {
        guard count > 0, width > 0 else { return }
        let last = start + (count - 1) * vectorStride + (width - 1) * elementStride
        precondition(start >= 0 && last < buffer.count, "vectors up to \(last) of \(buffer.count) floats")
        pare_accumulate_moments(
            Int64(count), Int64(width), Int64(vectorStride), Int64(elementStride), buffer.pointer + start, &sums,
            &products)
        self.count += count
    }

    /// Takes every position of the first examples of `[examples, width, positions]` as a vector over the channels.
    package mutating func add(_ values: FloatBuffer, examples: Int, positions: Int) {
        for example in 0..<examples {
            add(values, start: example * width * positions, count: positions, vectorStride: 1, elementStride: positions)
        }
    }

    /// Takes all that another has taken, after what was taken here.
    package mutating func add(_ other: MomentSums) {
        precondition(other.width == width, "vectors of \(width) and \(other.width) elements")
        for index in sums.indices { sums[index] += other.sums[index] }
        for index in products.indices { products[index] += other.products[index] }
        count += other.count
    }

    package var mean: [Double] { sums.map { $0 / Double(max(1, count)) } }

    /// The covariance `E[x x'] - E[x] E[x]'`, row-major, divided by the number of vectors.
    package var covariance: [Double] {
        let mean = mean
        var covariance = products
        for row in 0..<width {
            for column in row..<width {
                let value = products[row * width + column] / Double(max(1, count)) - mean[row] * mean[column]
                covariance[row * width + column] = value
                covariance[column * width + row] = value
            }
        }
        return covariance
    }

    /// The second moment `E[x x']`, row-major, about zero.
    package var secondMoment: [Double] {
        var moment = products
        for row in 0..<width {
            for column in row..<width {
                let value = products[row * width + column] / Double(max(1, count))
                moment[row * width + column] = value
                moment[column * width + row] = value
            }
        }
        return moment
    }
}
