package import Foundation
internal import Interchange
package import Training

/// The monitor of a compression, whose checkpoint is the bytes of the whole.
package typealias CompressionMonitor = Monitor<CompressionProgress, Data>

/// The compression that goes on, for a progress line.
package struct CompressionProgress: Hashable, Sendable {
    /// An estimate of the share that is done, from 0 to 1.
    package var fraction: Double
    /// What goes on, such as `iteration 3, epoch 2 of 5`.
    package var what: String
    /// That of a training that goes on.
    package var loss: Double?
}

extension CompressionMonitor {
    /// The monitor of a training that is a part of this compression.
    ///
    /// - Parameters:
    ///   - phase: What the training is for.
    ///   - fraction: The share of the whole that is done when the given share of the training is.
    ///   - checkpoint: The checkpoint of the whole with that of the training inside.
    func training(
        phase: String, fraction: @escaping (Double) -> Double, checkpoint: @escaping (TrainingCheckpoint) throws -> Data
    ) -> TrainingMonitor {
        TrainingMonitor(
            report: {
                report(
                    CompressionProgress(
                        fraction: min(1, max(0, fraction($0.fraction))),
                        what: "\(phase), epoch \($0.epoch) of \($0.maxEpochs)", loss: $0.loss))
            },
            isCheckpointDue: isCheckpointDue, save: { try save(checkpoint($0)) }, checkCancellation: checkCancellation)
    }
}

/// Values and nested files as the bytes of an inner checkpoint.
struct CheckpointFile<State: Codable>: Codable {
    /// The kind of compression that wrote it.
    var kind: String
    var state: State
    /// Networks and the checkpoint of a training, by what they are.
    var files: [String: Data]

    func encoded() throws -> Data {
        let encoder = PropertyListEncoder()
        encoder.outputFormat = .binary
        return try encoder.encode(self)
    }

    /// - Throws: ``CompressionError`` with code `invalidCheckpoint`.
    init(kind: String, decoding data: Data) throws(CompressionError) {
        guard let file = try? PropertyListDecoder().decode(Self.self, from: data), file.kind == kind else {
            throw CompressionError(.invalidCheckpoint, "the checkpoint is damaged or not one of a '\(kind)' stage")
        }
        self = file
    }

    init(kind: String, state: State, files: [String: Data]) {
        self.kind = kind
        self.state = state
        self.files = files
    }

    /// The checkpoint of a training, if there is one.
    func training(_ name: String = "training") throws -> TrainingCheckpoint? {
        try files[name].map { try TrainingCheckpoint(SafetensorsFile(decoding: $0)) }
    }
}
