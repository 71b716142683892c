package import Networks
package import Training

/// A network with zeros and how it came about.
package struct SparsificationResult: Sendable {
    /// One tensor of weights: a row of the report.
    package struct Weights: Codable, Hashable, Sendable {
        package var layer: String
        package var parameter: String
        package var count: Int
        package var zeros: Int
        /// How it is stored in the fewest bytes, and in how many.
        package var encoding: SparseEncoding.Form
        package var bytes: Int
        /// As float32, zeros and all.
        package var denseBytes: Int
    }

    package var network: Network
    /// In the order of the network; of the selected layers.
    package var weights: [Weights]
    /// The epochs of the training afterwards.
    package var retraining: [EpochRecord]

    package var count: Int { weights.map(\.count).reduce(0, +) }
    package var zeros: Int { weights.map(\.zeros).reduce(0, +) }
    /// The share of the weights that is zero.
    package var sparsity: Double { Double(zeros) / Double(max(1, count)) }

    /// Everything that inference needs, weights as they are encoded and all else as float32.
    package var sparseBytes: Int {
        network.counts.float32Bytes - weights.map { $0.denseBytes - $0.bytes }.reduce(0, +)
    }
}
