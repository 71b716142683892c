import Datasets
import Foundation
import Kernels
import Tensors
import Testing

/// The data set that is shipped.
@Suite struct RoadSurfaceQualityTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "datasets/road-surface-quality")

    private static func splits(channels: [String]? = nil) throws -> DataSplits {
        let description = DatasetDescription(
            name: "road-surface-quality", task: .classification(classes: ["good", "bad"]),
            input: .sequence(channels: ["x", "y", "z"], steps: 200), train: .init(["RoadSurfaceQuality_TRAIN.ts"]),
            validation: .drawn(fraction: Fraction(20, of: 100), stratified: true),
            test: .files(.init(["RoadSurfaceQuality_TEST.ts"])))
        return try DataSplits(reading: description, in: DataFolder(folder.path), channels: channels, seed: 7)
    }

    @Test func `it has the published counts`() throws {
        let splits = try Self.splits()
        #expect(splits.train.classCounts == [194 - 39, 188 - 38])
        #expect(splits.validation?.classCounts == [39, 38])
        #expect(splits.test?.classCounts == [84, 83])
    }

    @Test func `the first values of the test file are read exactly`() throws {
        let test = try #require(try Self.splits().test)
        #expect(test.inputShape == [3, 200])
        #expect(try test.example(0).prefix(5) == [-0.5622, -0.4438, -0.6482, -0.6206, -0.4910])
    }

    /// One threshold on the deviation of z alone is right in 91.6 % of the cases: 153 of 167.
    @Test func `one threshold on the deviation of z tells most cases apart`() throws {
        let splits = try Self.splits(channels: ["z"])
        func deviations(_ data: Dataset) throws -> [(Double, Int)] {
            try (0..<data.count).map { row in
                let values = try data.example(row).map(Double.init)
                let mean = values.reduce(0, +) / Double(values.count)
                let sum = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
                return ((sum / Double(values.count)).squareRoot(), data.labels[row])
            }
        }
        func correct(_ cases: [(Double, Int)], above threshold: Double) -> Int {
            cases.count { ($0.0 > threshold ? 1 : 0) == $0.1 }
        }
        let test = try deviations(try #require(splits.test))
        let best = test.map { correct(test, above: $0.0) }.max()
        #expect(try #require(best) >= 150)
    }
}
