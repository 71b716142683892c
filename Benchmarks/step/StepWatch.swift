internal import Training

/// Lets a training run for some steps at a time, and times each.
///
/// A step is what lies between two progress reports: the batch is gathered, run forward and back, and the learnables
/// are updated. Nothing of the trainer is replaced, so that what is timed is what a recipe's stage does.
final class StepWatch {
    /// Takes the times of the last steps in milliseconds, `nil` after those that warm up; returns how many come next.
    private let next: ([Double]?) -> Int?
    private let clock = ContinuousClock()
    private var times: [Double] = []
    private var wanted = 3
    private var isWarm = false
    private var isDone = false

    init(next: @escaping ([Double]?) -> Int?) { self.next = next }

    /// Trains until no more steps are wanted.
    func run(_ trainer: Trainer) throws {
        var start = clock.now
        let monitor = TrainingMonitor(
            report: { [self] _ in
                times.append((clock.now - start) / .milliseconds(1))
                if times.count >= wanted { turn() }
                start = clock.now
            },
            isCheckpointDue: { _ in false }, save: { _ in },
            checkCancellation: { [self] in if isDone { throw Done() } })
        do { _ = try trainer.run(monitor) } catch is Done {}
    }

    private func turn() {
        let count = next(isWarm ? times : nil)
        isWarm = true
        isDone = count == nil
        wanted = count ?? 0
        times.removeAll(keepingCapacity: true)
    }

    private struct Done: Error {}
}
