internal import Foundation
internal import Interchange
internal import Networks
internal import Training

/// How far a quantization is.
struct QuantizationCheckpoint {
    var calibration = Calibration.Progress()
    /// How many repairs are done.
    var done = 0
    /// The network with the repairs so far, once there is one.
    var network: Network?
    /// The epochs of the repair `finetune`.
    var history: [EpochRecord] = []
    /// That of `finetune`, while it goes on.
    var training: TrainingCheckpoint?
}

extension QuantizationCheckpoint {
    private struct State: Codable {
        var calibration: Calibration.Progress
        var done: Int
        var history: [EpochRecord]
    }

    private static let kind = "quantize"

    func encoded() throws -> Data {
        var files: [String: Data] = [:]
        files["network"] = network.map { NetworkFile.encode($0) }
        files["training"] = training?.encoded
        let state = State(calibration: calibration, done: done, history: history)
        return try CheckpointFile(kind: Self.kind, state: state, files: files).encoded()
    }

    /// - Throws: ``CompressionError`` with code `invalidCheckpoint`.
    init(decoding data: Data) throws {
        let file = try CheckpointFile<State>(kind: Self.kind, decoding: data)
        calibration = file.state.calibration
        (done, history) = (file.state.done, file.state.history)
        network = try file.files["network"].map { try NetworkFile.decode($0) }
        training = try file.training()
    }
}
