import Datasets
import Foundation
import Kernels
import Networks
import Tensors
import Testing
import Training

/// The whole step (weighted loss, regularization, clipping, schedule, solver) against the same in double precision.
@Suite struct SolverReferenceTests {
    private static let data: Dataset = {
        var random = RandomStream(seed: 3, name: "data")
        let labels = [0, 1, 2, 1, 0, 1, 2]
        return Dataset(
            name: "linear", channels: ["x"], steps: 4, classes: ["a", "b", "c"], labels: labels,
            examples: (0..<28).map { _ in 2 * random.uniform() - 1 })
    }()

    /// One dense layer on raw values.
    private static func network() throws -> Network {
        try Network(nodes: [
            Network.Node("input", SequenceInput(channels: 1, steps: 4), inputs: []),
            Network.Node("flatten", Flatten(), inputs: ["input"]),
            Network.Node("fc", Dense(outputs: 3), inputs: ["flatten"]),
        ]).initialized(seed: 5, stream: "linear")
    }

    private static func options(
        _ solver: TrainingOptions.Solver, _ change: (inout TrainingOptions) -> Void = { _ in }
    ) -> TrainingOptions {
        var options = TrainingOptions()
        options.solver = solver
        options.initialLearnRate = 0.05
        options.maxEpochs = 4
        options.miniBatchSize = 3
        options.shuffle = .never
        options.l2Regularization = 0
        change(&options)
        return options
    }

    static let cases: [TrainingOptions] = TrainingOptions.Solver.allCases.flatMap { solver in
        [
            options(solver),
            options(solver) { $0.l2Regularization = 0.1 },
            options(solver) { $0.gradientThreshold = 0.2 },
            options(solver) {
                $0.gradientThreshold = 0.1
                $0.thresholdMethod = .norm
            },
            options(solver) {
                $0.gradientThreshold = 0.05
                $0.thresholdMethod = .absoluteValue
                $0.l2Regularization = 0.1
            },
            options(solver) { $0.classWeights = .given([1, 0.25, 4]) },
            options(solver) {
                $0.warmupEpochs = 2
                $0.schedule = .cosine
                $0.gradientDecay = 0.7
                $0.squaredGradientDecay = 0.9
                $0.epsilon = 0.01
                $0.momentum = 0.5
            },
            options(solver) {
                $0.l2Regularization = 0.01
                $0.gradientThreshold = 0.3
                $0.classWeights = .balanced
                $0.schedule = .piecewise
                $0.dropFactor = 0.5
                $0.dropPeriod = 2
                $0.momentum = 0.8
            },
        ]
    }

    private static func logits(_ x: [Double], _ w: [Double]) -> [Double] {
        (0..<3).map { o in
            var z = w[12 + o]
            for i in 0..<4 { z += w[4 * o + i] * x[i] }
            return z
        }
    }

    private static func shorten(_ gradient: inout [Double], _ range: Range<Int>, to threshold: Double) {
        let norm = gradient[range].reduce(0) { $0 + $1 * $1 }.squareRoot()
        if norm > threshold { for i in range { gradient[i] *= threshold / norm } }
    }

    /// Three steps an epoch, each counted from 0.
    private static func rate(_ options: TrainingOptions, epoch: Int, step: Double) -> Double {
        let warmup = 3 * options.warmupEpochs
        let part = step < warmup ? (step + 1) / warmup : 1
        switch options.schedule {
        case .none: return options.initialLearnRate * part
        case .piecewise:
            return options.initialLearnRate * part * pow(options.dropFactor, Double(epoch / options.dropPeriod))
        case .cosine: return options.initialLearnRate * part * (1 + cos(Double.pi * Double(epoch) / 4)) / 2
        }
    }

    /// Trains the dense layer in double precision: 12 weights, then 3 biases; gives the mean loss of each epoch, too.
    private static func reference(_ options: TrainingOptions) throws -> (parameters: [Double], losses: [Double]) {
        let network = try network()
        let tensors = ["fc.weights", "fc.bias"].compactMap { network.parameters[$0] }
        var w = tensors.flatMap(\.floats).map { Double($0) }
        let weights: [Double] =
            switch options.classWeights {
            case nil: [1, 1, 1]
            case .given(let given)?: given
            case .balanced?: [7.0 / (3 * 2), 7.0 / (3 * 3), 7.0 / (3 * 2)]
            }
        var (m, v) = ([Double](repeating: 0, count: 15), [Double](repeating: 0, count: 15))
        var (step, losses) = (0.0, [Double]())
        for epoch in 0..<options.maxEpochs {
            var (sum, total) = (0.0, 0.0)
            for start in stride(from: 0, to: 7, by: 3) {
                let rows = start..<min(start + 3, 7)
                let batchWeight = rows.reduce(0) { $0 + weights[data.labels[$1]] }
                var g = [Double](repeating: 0, count: 15)
                for row in rows {
                    let x = try data.example(row).map { Double($0) }
                    let label = data.labels[row]
                    let z = logits(x, w)
                    let normalizer = z.reduce(0.0) { $0 + exp($1) }
                    sum -= weights[label] * (z[label] - log(normalizer))
                    for o in 0..<3 {
                        let error: Double = exp(z[o]) / normalizer - (o == label ? 1 : 0)
                        let d: Double = weights[label] * error / batchWeight
                        for i in 0..<4 { g[4 * o + i] += d * x[i] }
                        g[12 + o] += d
                    }
                }
                total += batchWeight
                if options.solver != .adamw { for i in 0..<12 { g[i] += options.l2Regularization * w[i] } }
                if let threshold = options.gradientThreshold {
                    switch options.thresholdMethod {
                    case .globalNorm: shorten(&g, 0..<15, to: threshold)
                    case .norm:
                        shorten(&g, 0..<12, to: threshold)
                        shorten(&g, 12..<15, to: threshold)
                    case .absoluteValue: g = g.map { max(-threshold, min(threshold, $0)) }
                    }
                }
                let rate = rate(options, epoch: epoch, step: step)
                step += 1
                for i in 0..<15 {
                    switch options.solver {
                    case .adam, .adamw:
                        if options.solver == .adamw, i < 12 { w[i] -= rate * options.l2Regularization * w[i] }
                        m[i] = options.gradientDecay * m[i] + (1 - options.gradientDecay) * g[i]
                        v[i] = options.squaredGradientDecay * v[i] + (1 - options.squaredGradientDecay) * g[i] * g[i]
                        let mean: Double = m[i] / (1 - pow(options.gradientDecay, step))
                        let square: Double = v[i] / (1 - pow(options.squaredGradientDecay, step))
                        w[i] -= rate * mean / (square.squareRoot() + options.epsilon)
                    case .rmsprop:
                        v[i] = options.squaredGradientDecay * v[i] + (1 - options.squaredGradientDecay) * g[i] * g[i]
                        w[i] -= rate * g[i] / (v[i].squareRoot() + options.epsilon)
                    case .sgdm:
                        v[i] = options.momentum * v[i] - rate * g[i]
                        w[i] += v[i]
                    }
                }
            }
            losses.append(sum / total)
        }
        return (w, losses)
    }

    @Test(arguments: cases)
    func `twelve steps are those of the reference`(options: TrainingOptions) throws {
        let result = try Trainer(
            try Self.network(), data: Self.data, options: options, seed: 1, stream: "", pool: WorkerPool(threads: 1)
        ).run()
        let expected = try Self.reference(options)
        let weights = try #require(result.network.parameters["fc.weights"]).floats
        let bias = try #require(result.network.parameters["fc.bias"]).floats
        for (value, reference) in zip(weights + bias, expected.parameters) {
            #expect(abs(Double(value) - reference) < 2e-5 * max(1, abs(reference)), "\(value) for \(reference)")
        }
        for (record, loss) in zip(result.history, expected.losses) {
            #expect(abs(record.loss - loss) < 1e-5 * max(1, loss))
        }
    }

    @Test func `the cases differ from each other`() throws {
        for solver in TrainingOptions.Solver.allCases {
            let weights = try Self.cases.filter { $0.solver == solver }.map { try Self.reference($0).parameters[0] }
            #expect(Set(weights.map { ($0 * 1e4).rounded() }).count == weights.count)
        }
    }
}
