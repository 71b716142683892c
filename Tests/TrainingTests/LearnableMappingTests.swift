import AllocationCounter
import Interchange
import Kernels
import Networks
import Tensors
import Testing
import Training

@Suite struct LearnableMappingTests {
    private struct Identity: LearnableMapping {
        func map(_ master: FloatBuffer, to learnables: FloatBuffer, in range: Range<Int>) {
            for index in range { learnables[index] = master[index] }
        }
    }

    /// Every third learnable is zero, and nothing is learned of it.
    private struct Mask: LearnableMapping {
        func map(_ master: FloatBuffer, to learnables: FloatBuffer, in range: Range<Int>) {
            for index in range { learnables[index] = index % 3 == 0 ? 0 : master[index] }
        }

        func pullBack(_ gradients: FloatBuffer, to master: FloatBuffer, in range: Range<Int>) {
            for index in range where index % 3 == 0 { gradients[index] = 0 }
        }
    }

    /// Multiples of 1/8, with straight-through gradients.
    private struct Rounding: LearnableMapping {
        func map(_ master: FloatBuffer, to learnables: FloatBuffer, in range: Range<Int>) {
            for index in range { learnables[index] = (master[index] * 8).rounded() / 8 }
        }
    }

    private struct Frozen: LearnableMapping {
        func map(_ master: FloatBuffer, to learnables: FloatBuffer, in range: Range<Int>) {
            for index in range { learnables[index] = master[index] }
        }

        func pullBack(_ gradients: FloatBuffer, to master: FloatBuffer, in range: Range<Int>) {
            for index in range { gradients[index] = 0 }
        }
    }

    private static func options(
        _ solver: TrainingOptions.Solver = .adam, threshold: TrainingOptions.ThresholdMethod? = nil
    ) -> TrainingOptions {
        var options = TrainingOptions()
        options.solver = solver
        options.initialLearnRate = 0.02
        options.maxEpochs = 5
        options.miniBatchSize = 8
        options.gradientThreshold = threshold == nil ? nil : 0.5
        if let threshold { options.thresholdMethod = threshold }
        options.outputNetwork = .bestValidation
        return options
    }

    private static func train(
        _ mapping: (any LearnableMapping)?, _ options: TrainingOptions, threads: Int = 2,
        from checkpoint: TrainingCheckpoint? = nil, monitor: TrainingMonitor = .none
    ) throws -> Network {
        try Trainer(
            ToyProblem.network(), data: ToyProblem.data(28, seed: 1), validation: ToyProblem.data(16, seed: 2),
            options: options, seed: 7, stream: "train", pool: WorkerPool(threads: threads), mapping: mapping,
            from: checkpoint
        ).run(monitor).network
    }

    private static func learnables(of network: Network) -> [Float] {
        network.learnableRanges.flatMap { network.parameters[$0.name]?.floats ?? [] }
    }

    @Test(arguments: TrainingOptions.Solver.allCases, [nil, TrainingOptions.ThresholdMethod.globalNorm])
    func `the identity is no mapping`(
        solver: TrainingOptions.Solver, threshold: TrainingOptions.ThresholdMethod?
    ) throws {
        let options = Self.options(solver, threshold: threshold)
        let plain = try Self.train(nil, options)
        #expect(NetworkFile.encode(try Self.train(Identity(), options)) == NetworkFile.encode(plain))
    }

    @Test(arguments: TrainingOptions.Solver.allCases)
    func `what is masked stays zero, and the rest learns`(solver: TrainingOptions.Solver) throws {
        let before = Self.learnables(of: try ToyProblem.network())
        let after = Self.learnables(of: try Self.train(Mask(), Self.options(solver, threshold: .norm)))
        #expect(stride(from: 0, to: after.count, by: 3).allSatisfy { after[$0] == 0 })
        // Biases before batch normalization have no gradient, and masked ones are zero from the start.
        #expect(zip(before, after).filter { $0 == $1 }.count <= 6)
    }

    @Test func `the network of the best validation has the mapped learnables`() throws {
        let learnables = Self.learnables(of: try Self.train(Rounding(), Self.options()))
        #expect(learnables.allSatisfy { $0 * 8 == ($0 * 8).rounded() })
        #expect(Set(learnables).count > 4)
    }

    /// The norm is of the gradients that the solver sees.
    @Test(arguments: [nil, TrainingOptions.ThresholdMethod.globalNorm, .norm, .absoluteValue])
    func `gradients are pulled back before they are bounded and used`(
        threshold: TrainingOptions.ThresholdMethod?
    ) throws {
        var options = Self.options(.sgdm, threshold: threshold)
        options.l2Regularization = 0
        #expect(
            try Self.learnables(of: Self.train(Frozen(), options)) == Self.learnables(of: ToyProblem.network()))
    }

    @Test(arguments: [1, 2, 3])
    func `any number of threads gives the same bytes`(threads: Int) throws {
        let expected = NetworkFile.encode(try Self.train(Rounding(), Self.options(), threads: 4))
        #expect(NetworkFile.encode(try Self.train(Rounding(), Self.options(), threads: threads)) == expected)
    }

    private struct Stop: Error {}

    @Test(arguments: 1...19)
    func `stopped after some steps and resumed, the bytes are the same`(stop: Int) throws {
        let whole = try Self.train(Rounding(), Self.options())
        var (left, saved) = (stop, TrainingCheckpoint?.none)
        let monitor = TrainingMonitor(
            report: { _ in },
            isCheckpointDue: { _ in
                left -= 1; return left == 0
            }, save: { saved = try TrainingCheckpoint(SafetensorsFile(decoding: $0.encoded)) },
            checkCancellation: { if left == 0 { throw Stop() } })
        #expect(throws: Stop.self) { try Self.train(Rounding(), Self.options(), monitor: monitor) }
        let checkpoint = try #require(saved)
        let resumed = try Self.train(Rounding(), Self.options(), from: checkpoint)
        #expect(NetworkFile.encode(resumed) == NetworkFile.encode(whole))
    }

    @Test(
        .enabled(if: allocations_of_this_thread() >= 0, "heap allocations are counted on glibc"),
        arguments: [nil, TrainingOptions.ThresholdMethod.norm])
    func `no step after the first allocates`(threshold: TrainingOptions.ThresholdMethod?) throws {
        var counts: [Int] = []
        counts.reserveCapacity(100)
        let monitor = TrainingMonitor(
            report: { _ in counts.append(Int(allocations_of_this_thread())) }, isCheckpointDue: { _ in false },
            save: { _ in }, checkCancellation: {})
        var options = Self.options(threshold: threshold)
        options.maxEpochs = 1
        options.miniBatchSize = 2
        options.outputNetwork = .lastIteration
        _ = try Trainer(
            ToyProblem.network(), data: ToyProblem.data(28, seed: 1), options: options, seed: 1, stream: "",
            pool: WorkerPool(threads: 1), mapping: Mask()
        ).run(monitor)
        // The last step ends the epoch, which writes a row of the history.
        #expect(counts.count == 14 && Set(counts.dropFirst().dropLast()).count == 1, "\(counts)")
    }
}
