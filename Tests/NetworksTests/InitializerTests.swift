import Foundation
import Networks
import Tensors
import Testing

@Suite struct InitializerTests {
    private func values(_ initializer: Initializer, _ shape: Shape, seed: UInt64 = 1) -> [Double] {
        var random = RandomStream(seed: seed, name: "weights")
        return initializer.tensor(shape: shape, random: &random).floats.map(Double.init)
    }

    @Test(arguments: [(Initializer.he(fanIn: 8), 0.5), (.narrowNormal, 0.01)])
    func `normal initializers have their deviation`(initializer: Initializer, deviation: Double) {
        let values = values(initializer, [100, 100])
        let mean = values.reduce(0, +) / 10_000
        let spread = (values.map { $0 * $0 }.reduce(0, +) / 10_000).squareRoot()
        // The standard errors of mean and deviation are 1 % and 0.7 % of the deviation.
        #expect(abs(mean) < 0.05 * deviation && abs(spread / deviation - 1) < 0.03)
        // Of a normal distribution 4.55 % are beyond two deviations; the standard error is 0.2 %.
        let far = values.count { abs($0) > 2 * deviation }
        #expect((380...530).contains(far), "\(far) of 10,000")
    }

    @Test(arguments: [[4, 9], [9, 4], [6, 6], [3, 2, 5], [1, 7], [7, 1], [5]])
    func `orthogonal rows or columns have length one and right angles`(shape: [Int]) {
        let values = values(.orthogonal, Shape(shape))
        let (rows, columns) = (shape[0], values.count / shape[0])
        let vectors =
            rows <= columns
            ? (0..<rows).map { row in (0..<columns).map { values[row * columns + $0] } }
            : (0..<columns).map { column in (0..<rows).map { values[$0 * columns + column] } }
        for (i, left) in vectors.enumerated() {
            for (j, right) in vectors.enumerated() {
                let product = zip(left, right).map { $0 * $1 }.reduce(0, +)
                #expect(abs(product - (i == j ? 1 : 0)) < 1e-6, "\(i), \(j)")
            }
        }
        #expect(values == self.values(.orthogonal, Shape(shape)))
        #expect(values != self.values(.orthogonal, Shape(shape), seed: 2))
    }

    @Test func `layers take their initializers by name and write what is not usual`() throws {
        let layer = try LayerKinds.layer(
            kind: "dense",
            attributes: ["outputs": 3, "weightsInitializer": "he", "biasInitializer": "narrow-normal"])
        #expect(layer.attributes["weightsInitializer"] == "he")
        #expect(layer.parameters(inputs: [[5]]).map(\.initializer) == [.he(fanIn: 5), .narrowNormal])
        #expect(Dense(outputs: 3).attributes == ["outputs": 3, "bias": true])
        #expect(
            Dense(outputs: 3).parameters(inputs: [[5]]).map(\.initializer) == [.glorot(fanIn: 5, fanOut: 3), .zeros])
        let expected: [InitializerName: Initializer] = [
            .glorot: .glorot(fanIn: 5, fanOut: 3), .he: .he(fanIn: 5), .narrowNormal: .narrowNormal,
            .orthogonal: .orthogonal, .zeros: .zeros, .ones: .ones,
        ]
        for name in InitializerName.allCases { #expect(name.initializer(fanIn: 5, fanOut: 3) == expected[name]) }
        #expect(
            values(.ones, [2]) == [1, 1] && values(.zeros, [2]) == [0, 0] && values(.constant(0.25), [1]) == [0.25])
    }
}
