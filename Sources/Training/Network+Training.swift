internal import Datasets
internal import Kernels
internal import Networks
internal import Tensors

extension Network {
    /// Checks that the network reads the examples of a data set.
    ///
    /// - Throws: ``TrainingError`` with code `invalidData` that names both shapes, or the layer that cannot follow unequal lengths.
    func checkInput(_ data: Dataset) throws(TrainingError) {
        if let input = inputs.first, let shape = shape(of: input.name), shape != data.inputShape {
            throw .input(input.name, shape, data)
        }
        guard let steps = data.steps else { return }
        do {
            try check(steps: steps)
        } catch {
            throw TrainingError(.invalidData, "\(error)")
        }
    }
}

// MARK: - Messages

extension TrainingError {
    fileprivate static func input(_ layer: String, _ shape: Shape, _ data: Dataset) -> TrainingError {
        TrainingError(
            .invalidData,
            "layer '\(layer)' reads \(shape), and the examples of '\(data.name)' are \(data.inputShape) "
                + "(\(data.channels.joined(separator: ", "))); choose channels that fit")
    }
}
