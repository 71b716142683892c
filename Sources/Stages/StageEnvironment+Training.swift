internal import Compression
internal import Diagnostics
internal import Documents
internal import Execution
internal import Interchange
internal import Networks
internal import Recipes
internal import Training

extension StageEnvironment {
    /// Trains a network as a whole stage, with the stage's inner checkpoint for the training's.
    ///
    /// - Parameters:
    ///   - settings: Resolved training options.
    ///   - work: Where progress and checkpoints go.
    func train(_ network: Network, on data: DataSource.Splits, settings: JSONValue, work: StageWork) throws
        -> TrainingResult
    {
        let checkpoint = try work.checkpointing.load().map { try TrainingCheckpoint(SafetensorsFile(decoding: $0)) }
        let trainer = try Trainer(
            network, data: data.train, validation: data.validation, teacher: StageNetwork.teacher(work),
            options: settings.decode(TrainingOptions.self), seed: situation.seed, stream: situation.stream, pool: pool,
            from: checkpoint)
        return try trainer.run(
            TrainingMonitor(
                report: { work.report(StageProgress($0)) },
                isCheckpointDue: { work.checkpointing.isDue(unitEnded: $0) },
                save: { try work.checkpointing.save($0.encoded) },
                checkCancellation: { try work.checkCancellation() }))
    }
}

extension StageProgress {
    init(_ progress: TrainingProgress) {
        self.init(
            fraction: progress.fraction, what: "epoch \(progress.epoch) of \(progress.maxEpochs)",
            metrics: JSONValue(numbers: [
                "loss": progress.loss, "accuracy": progress.accuracy, "rmse": progress.rmse,
            ]))
    }
}

extension TrainingResult {
    /// The `training` or `retrain` member of an artifact.
    var json: JSONValue {
        [
            "epochs": .array(history.map(\.json)), "stopReason": .string(stopReason.rawValue),
            "selectedEpoch": .integer(selectedEpoch),
        ]
    }
}

extension EpochRecord {
    var json: JSONValue {
        var row = JSONValue(numbers: [
            "learnRate": learnRate, "loss": loss, "accuracy": accuracy, "rmse": rmse,
            "validationLoss": validation?.loss, "validationAccuracy": validation?.accuracy,
            "validationRmse": validation?.rmse,
        ])
        row["epoch"] = .integer(epoch)
        if let metrics = validation?.metrics, !metrics.isEmpty {
            row["validationMetrics"] = JSONValue(numbers: metrics)
        }
        return row
    }
}

extension JSONValue {
    /// An object of the numbers that there are.
    init(numbers: [String: Double?]) { self = .object(numbers.compactMapValues { $0.map { .number($0) } }) }
}

extension CompressionMonitor {
    /// Passes what a compression says to the stage that runs it.
    init(_ work: StageWork) {
        self.init(
            report: {
                work.report(
                    StageProgress(
                        fraction: $0.fraction, what: $0.what, metrics: JSONValue(numbers: ["loss": $0.loss])))
            },
            isCheckpointDue: { work.checkpointing.isDue(unitEnded: $0) },
            save: { try work.checkpointing.save($0) },
            checkCancellation: { try work.checkCancellation() })
    }
}
