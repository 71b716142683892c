internal import Datasets
internal import Execution
internal import Foundation
internal import Training

/// The networks that an evaluation has measured so far, which is its inner checkpoint.
struct MeasuredNetworks {
    /// What an ``Evaluation`` follows from.
    private struct Outputs: Codable {
        let scores: [Float]
        let areProbabilities: Bool
        let loss: Double
    }

    private var outputs: [String: Outputs] = [:]
    /// How many there were at the last checkpoint.
    private var saved = 0

    /// Begins where an earlier run of the stage was stopped; bytes of something else are ignored.
    init(from checkpoint: Data?) {
        let decoder = PropertyListDecoder()
        outputs = checkpoint.flatMap { try? decoder.decode([String: Outputs].self, from: $0) } ?? [:]
        saved = outputs.count
    }

    /// What was measured of the network of a stage.
    func evaluation(of stage: String, on data: Dataset) -> Evaluation? {
        outputs[stage].map {
            Evaluation(scores: $0.scores, areProbabilities: $0.areProbabilities, of: data, loss: $0.loss)
        }
    }

    mutating func add(_ evaluation: Evaluation, of stage: String) {
        outputs[stage] = Outputs(
            scores: evaluation.scores, areProbabilities: evaluation.areProbabilities, loss: evaluation.loss)
    }

    /// Saves a checkpoint if it is time and there is something new, and throws if the stage is to stop.
    mutating func check(_ work: StageWork, unitEnded: Bool = false) throws {
        if outputs.count > saved, work.checkpointing.isDue(unitEnded: unitEnded) {
            let encoder = PropertyListEncoder()
            encoder.outputFormat = .binary
            try work.checkpointing.save(encoder.encode(outputs))
            saved = outputs.count
        }
        try work.checkCancellation()
    }
}
