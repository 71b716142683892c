import Checkpoints
import Documents
import Execution
import Foundation
import Planning
import Synchronization

/// A runner whose stages add numbers, step by step, as a training adds epochs.
///
/// A stage adds its `value` once in each of its `steps` to the sum of what it reads. Options `fails` and `met` make it
/// throw, or miss its requirement.
final class SumRunner: StageRunner {
    struct Failure: Error, CustomStringConvertible { let description: String }

    private let log = Mutex<[String]>([])
    private let atStep: @Sendable (_ id: String, _ step: Int) -> Void

    init(atStep: @escaping @Sendable (_ id: String, _ step: Int) -> Void = { _, _ in }) {
        self.atStep = atStep
    }

    /// The ids of the stages that were run and the steps they began at, sorted.
    var begun: [String] { log.withLock { $0.sorted() } }

    func run(_ work: StageWork) throws -> StageOutcome {
        let options = work.specification.options
        let steps = options["steps"]?.whole ?? 1
        var sum = work.inputs.reduce(0) { $0 + ($1.record.result["sum"]?.whole ?? 0) }
        for input in work.inputs
        where try Data("\(input.record.result["sum"]?.whole ?? 0)".utf8)
            != input.output("network.safetensors")
        { throw Failure(description: "the network of \(input.id) is not its result") }
        var step = 0
        if let data = work.checkpointing.load() {
            let state = try JSONValue(parsing: data)
            step = state["step"]?.whole ?? 0
            sum = state["sum"]?.whole ?? 0
        }
        log.withLock { $0.append("\(work.specification.id)@\(step)") }
        while step < steps {
            sum = (sum * 31 + (options["value"]?.whole ?? 0)) % 1_000_003
            step += 1
            atStep(work.specification.id, step)
            work.report(StageProgress(fraction: Double(step) / Double(steps), what: "step \(step) of \(steps)"))
            if work.checkpointing.isDue() {
                let state: JSONValue = ["step": .integer(step), "sum": .integer(sum)]
                try work.checkpointing.save(Data(state.canonicalText.utf8))
            }
            try work.checkCancellation()
        }
        if let message = options["fails"]?.text { throw Failure(description: message) }
        return StageOutcome(
            result: ["sum": .integer(sum)], outputs: ["network.safetensors": Data("\(sum)".utf8)],
            requirementsMet: options["met"]?.flag ?? true)
    }
}
