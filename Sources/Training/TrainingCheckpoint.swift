package import Foundation
package import Interchange
internal import Tensors

/// Everything that a training needs to go on as if it had never stopped.
///
/// Random choices are drawn from streams named by epoch and step, so the counters stand for the generators' states and
/// for the order of the data.
package struct TrainingCheckpoint: Hashable, Sendable {
    /// How far the training is.
    package struct Counters: Codable, Hashable, Sendable {
        /// Finished epochs.
        var epoch = 0
        /// Steps done in the epoch that goes on, and in all.
        var stepInEpoch = 0
        var step = 0
        /// Sums over the batches of the epoch that goes on.
        var sums = LossFunction.Batch()
        /// The last validation of the epoch that goes on.
        var validation: ValidationRecord?
        /// The merit of the best validation so far, larger for a better one, and how many came after it.
        var best: Double?
        var bestEpoch = 0
        var bestStep = 0
        var validationsSinceBest = 0
        package var history: [EpochRecord] = []
        var validations: [ValidationRecord] = []
    }

    package var counters: Counters
    /// `learnables`, `states`, the solver's `moment1` and `moment2`, and `best.learnables` and `best.states` if a
    /// validation was done.
    var tensors: [String: [Float]]
}

// MARK: - As a file

extension TrainingCheckpoint {
    private static let key = "pare.training"

    /// The checkpoint as tensors and one metadata text, to stand in a file with others.
    package var file: SafetensorsFile {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        let text = (try? encoder.encode(counters)).map { String(decoding: $0, as: UTF8.self) } ?? ""
        return SafetensorsFile(
            metadata: [Self.key: text], tensors: tensors.mapValues { Tensor($0) })
    }

    /// Reads what ``file`` made.
    ///
    /// - Throws: ``TrainingError`` with code `invalidCheckpoint`.
    package init(_ file: SafetensorsFile) throws(TrainingError) {
        guard let text = file.metadata[Self.key],
            let counters = try? JSONDecoder().decode(Counters.self, from: Data(text.utf8)),
            file.tensors.values.allSatisfy({ $0.elementType == .float32 })
        else { throw TrainingError(.invalidCheckpoint, "the checkpoint holds no training") }
        self.counters = counters
        tensors = file.tensors.mapValues(\.floats)
    }

    package var encoded: Data { file.encoded }
}
