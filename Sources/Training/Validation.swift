internal import Datasets
internal import Kernels
internal import Networks

/// A network compiled once to be measured on one data set many times.
final class Validation {
    private let compiled: CompiledNetwork
    private let data: Dataset
    private let loss: LossFunction
    private static let batch = 128

    /// - Parameter loss: Made for this network and targets of this kind.
    init(of network: Network, on data: Dataset, loss: LossFunction, pool: WorkerPool) throws {
        try network.checkInput(data)
        self.data = data
        self.loss = loss
        compiled = try CompiledNetwork(
            network, batchCapacity: max(1, min(Self.batch, data.count)), purpose: .inference,
            observing: .result, lossAt: loss.node, pool: pool)
    }

    /// Takes other learnables and states.
    func set(learnables: FloatBuffer, states: FloatBuffer) {
        compiled.learnables.copy(from: learnables)
        compiled.states.copy(from: states)
    }

    /// The loss over all data, and what is counted with it.
    ///
    /// - Throws: `DatasetError` if a file has changed since it was opened.
    func measure() throws -> LossFunction.Batch {
        var total = LossFunction.Batch()
        try forEachBatch { values, rows in total += loss.evaluate(values, targets: data.targets, rows: rows) }
        return total
    }

    /// Everything that can be measured.
    ///
    /// - Parameter check: Called before each batch; throws to stop.
    /// - Throws: ``TrainingError`` with code `diverged` if an output is infinite or NaN, and `DatasetError` if a file has
    ///   changed since it was opened.
    func evaluation(check: () throws -> Void = {}) throws -> Evaluation {
        var total = LossFunction.Batch()
        var outputs: [Float] = []
        try forEachBatch(check) { values, rows in
            total += loss.evaluate(values, targets: data.targets, rows: rows)
            outputs += values.array(in: 0..<rows.count * loss.outputs)
        }
        if let index = outputs.firstIndex(where: { !$0.isFinite }) {
            throw TrainingError.output(outputs[index], example: index / loss.outputs + 1, of: data)
        }
        return Evaluation(scores: outputs, areProbabilities: false, of: data, loss: total.loss)
    }

    private func forEachBatch(
        _ check: () throws -> Void = {}, _ body: (FloatBuffer, ArraySlice<Int>) -> Void
    ) throws {
        let rows = Array(0..<data.count)
        for start in stride(from: 0, to: data.count, by: compiled.batchCapacity) {
            let batch = rows[start..<min(start + compiled.batchCapacity, data.count)]
            try check()
            try compiled.setInput(data, rows: batch)
            compiled.forward(count: batch.count, mode: .inference)
            body(compiled.values(of: loss.node), batch)
        }
    }
}

// MARK: - Messages

extension TrainingError {
    fileprivate static func output(_ value: Float, example: Int, of data: Dataset) -> TrainingError {
        let what = if case .classes = data.targets { "score" } else { "value" }
        return TrainingError(
            .diverged,
            "the network gives the \(what) \(value) for example \(example) of '\(data.name)': its parameters are damaged "
                + "or too large; train it anew with a smaller InitialLearnRate")
    }
}
