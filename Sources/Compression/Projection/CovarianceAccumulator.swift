internal import Kernels
internal import Tensors

/// Mean and covariance of channel vectors, batch by batch in double precision and in bounded memory.
///
/// Batches are merged with the formula of Chan, Golub and LeVeque (1983), which does not cancel as the difference of
/// sums of squares does.
package struct CovarianceAccumulator: Sendable {
    package private(set) var count = 0
    package private(set) var mean: [Double]
    /// Sums of products of deviations from the mean, `dimension * dimension` in row-major order.
    private var products: [Double]
    private let dimension: Int

    /// - Parameter dimension: The number of channels.
    package init(dimension: Int) {
        self.dimension = dimension
        mean = [Double](repeating: 0, count: dimension)
        products = [Double](repeating: 0, count: dimension * dimension)
    }

    /// Takes in the channel vectors at every position of every example.
    ///
    /// - Parameters:
    ///   - values: `[examples, dimension, positions]`, row-major.
    ///   - positions: 1 for vectors without positions.
    ///   - valid: How many positions of each example count, the first ones; `nil` if all do.
    package mutating func add(_ values: [Float], examples: Int, positions: Int, valid: [Int]? = nil) {
        let size = dimension * positions
        precondition(values.count == examples * size, "\(values.count) values do not fill the batch")
        guard size > 0 else { return }
        // Some examples at a time bound the memory of their copies in double precision.
        let step = max(1, Self.valuesAtOnce / size)
        for first in stride(from: 0, to: examples, by: step) {
            let count = min(step, examples - first)
            let valid = valid ?? Array(repeating: positions, count: examples)
            add(
                values[first * size..<(first + count) * size], positions: positions,
                valid: valid[first..<first + count])
        }
    }

    private static let valuesAtOnce = 1 << 20

    private mutating func add(_ values: ArraySlice<Float>, positions: Int, valid: ArraySlice<Int>) {
        let samples = valid.reduce(0, +)
        guard samples > 0 else { return }
        // Channels as rows, and the same transposed.
        var rows = [Double](repeating: 0, count: dimension * samples)
        var columns = rows
        var batchMean = mean
        for channel in 0..<dimension {
            var sum = 0.0
            var target = channel * samples
            for (example, count) in valid.enumerated() {
                let source = values.startIndex + (example * dimension + channel) * positions
                for value in values[source..<source + count] {
                    rows[target] = Double(value)
                    sum += rows[target]
                    target += 1
                }
            }
            batchMean[channel] = sum / Double(samples)
            for sample in 0..<samples {
                rows[channel * samples + sample] -= batchMean[channel]
                columns[sample * dimension + channel] = rows[channel * samples + sample]
            }
        }
        let batch = LinearAlgebra.product(rows, columns, rows: dimension, inner: samples, columns: dimension)
        merge(batch, mean: batchMean, count: samples)
    }

    /// The principal components of everything taken in.
    ///
    /// - Throws: ``CompressionError`` with code `nonFiniteValue` if a value was infinite or NaN, or `invalidData` if
    ///   there were fewer than two vectors.
    package func principalComponents() throws(CompressionError) -> PrincipalComponents {
        guard count >= 2 else {
            throw CompressionError(
                .invalidData,
                "principal components need two activation vectors, and there are \(count); give more training examples")
        }
        do {
            let eigen = try LinearAlgebra.symmetricEigen(products.map { $0 / Double(count) }, order: dimension)
            return PrincipalComponents(mean: mean, variances: eigen.values, directions: eigen.vectors)
        } catch {
            throw CompressionError(.nonFiniteValue, "the activations have no principal components: \(error.message)")
        }
    }

    /// Everything that was taken in, for a checkpoint.
    var tensors: [String: Tensor] {
        [
            "count": Tensor(doubles: [Double(count)], shape: [1]), "mean": Tensor(doubles: mean, shape: [dimension]),
            "products": Tensor(doubles: products, shape: [dimension, dimension]),
        ]
    }

    /// Takes back what ``tensors`` gave.
    ///
    /// - Returns: Whether it fits.
    mutating func restore(_ tensor: (String) -> Tensor?) -> Bool {
        func elements(_ name: String, _ shape: Shape) -> [Double]? {
            guard let tensor = tensor(name), tensor.elementType == .float64, tensor.shape == shape else { return nil }
            return tensor.doubles
        }
        guard let count = elements("count", [1]).flatMap({ Int(exactly: $0[0]) }),
            let mean = elements("mean", [dimension]), let products = elements("products", [dimension, dimension])
        else { return false }
        (self.count, self.mean, self.products) = (count, mean, products)
        return true
    }

    private mutating func merge(_ batch: [Double], mean batchMean: [Double], count samples: Int) {
        let total = Double(count + samples)
        let weight = Double(count) * Double(samples) / total
        let shift = zip(batchMean, mean).map { $0 - $1 }
        for row in 0..<dimension {
            for column in 0..<dimension {
                let index = row * dimension + column
                products[index] += batch[index] + weight * shift[row] * shift[column]
            }
        }
        for index in mean.indices { mean[index] += shift[index] * Double(samples) / total }
        count += samples
    }
}
