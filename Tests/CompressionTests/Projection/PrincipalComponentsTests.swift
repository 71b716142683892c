import Compression
import Tensors
import Testing

@Suite struct PrincipalComponentsTests {
    @Test(arguments: [(1, 5, 3), (2, 1, 4), (4, 3, 7), (7, 10, 1)])
    func `streamed components agree with two passes over all data`(dimension: Int, batch: Int, positions: Int) throws {
        var random = RandomStream(seed: 11, name: "\(dimension)/\(batch)/\(positions)")
        var accumulator = CovarianceAccumulator(dimension: dimension)
        var vectors: [[Double]] = []
        for size in [batch, 1, batch + 2] {
            // A large mean: the difference of sums of squares would lose half of the digits.
            let values = (0..<size * dimension * positions).map { _ in 100 + random.uniform() }
            accumulator.add(values, examples: size, positions: positions)
            for example in 0..<size {
                for position in 0..<positions {
                    vectors.append(
                        (0..<dimension).map { Double(values[(example * dimension + $0) * positions + position]) })
                }
            }
        }
        let count = Double(vectors.count)
        let mean = (0..<dimension).map { channel in vectors.reduce(0) { $0 + $1[channel] } / count }
        let components = try accumulator.principalComponents()
        #expect(accumulator.count == vectors.count)
        for channel in 0..<dimension { #expect(abs(components.mean[channel] - mean[channel]) < 1e-11) }
        for row in 0..<dimension {
            for column in 0..<dimension {
                let covariance =
                    vectors.reduce(0) { $0 + ($1[row] - mean[row]) * ($1[column] - mean[column]) } / count
                let rebuilt = (0..<dimension).reduce(0.0) {
                    $0 + components.variances[$1] * components.directions[$1][row] * components.directions[$1][column]
                }
                #expect(abs(rebuilt - covariance) < 1e-12)
            }
        }
    }

    @Test func `what is not valid does not count`() throws {
        var (padded, plain) = (CovarianceAccumulator(dimension: 2), CovarianceAccumulator(dimension: 2))
        padded.add([1, 2, .nan, 4, 5, .nan, 7, .nan, .nan, 9, .nan, .nan], examples: 2, positions: 3, valid: [2, 1])
        plain.add([1, 2, 7, 4, 5, 9], examples: 1, positions: 3)
        #expect(try padded.principalComponents() == plain.principalComponents())
        #expect(padded.count == 3)
    }

    @Test func `one sample or a value that is not finite has no components`() throws {
        var single = CovarianceAccumulator(dimension: 2)
        single.add([1, 2], examples: 1, positions: 1)
        let few = "principal components need two activation vectors, and there are 1; give more training examples"
        #expect(throws: CompressionError(.invalidData, few)) { try single.principalComponents() }
        var infinite = CovarianceAccumulator(dimension: 1)
        infinite.add([1, .infinity, 2], examples: 3, positions: 1)
        #expect(throws: CompressionError.self) { try infinite.principalComponents() }
    }

    @Test func `the rank is the smallest that reaches a level`() {
        let components = PrincipalComponents(
            mean: [0, 0, 0, 0], variances: [6, 3, 1, 0],
            directions: [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]])
        let side = ProjectionSide([components])
        #expect((0...4).map(side.explainedVariance) == [0, 0.6, 0.9, 1, 1])
        #expect([0, 0.6, 0.600001, 0.9, 0.95, 1].map(side.rank) == [1, 1, 2, 2, 3, 3])
    }

    @Test func `blocks share a rank, which explains what their variances do together`() {
        func block(_ variances: [Double]) -> PrincipalComponents {
            PrincipalComponents(mean: [0, 0], variances: variances, directions: [[1, 0], [0, 1]])
        }
        let side = ProjectionSide([block([6, 0]), block([3, 1])])
        #expect(side.explained == [0.9, 1] && side.dimension == 2)
        #expect(side.rank(reaching: 0.9) == 1 && side.rank(reaching: 0.95) == 2)
    }

    @Test func `channels that never change are explained by one direction`() {
        let components = PrincipalComponents(mean: [3, 4], variances: [0, 0], directions: [[1, 0], [0, 1]])
        #expect(ProjectionSide([components]).rank(reaching: 1) == 1)
        #expect(ProjectionSide([components]).explainedVariance(rank: 1) == 1)
        #expect(components.lostMean(rank: 1) == [0, 4])
    }

    @Test func `a variance at the level of rounding is zero`() {
        let components = PrincipalComponents(mean: [0, 0], variances: [1, 1e-14], directions: [[1, 0], [0, 1]])
        #expect(ProjectionSide([components]).rank(reaching: 1) == 1)
    }
}
