internal import Datasets
internal import Tensors

extension TrainingOptions {
    /// Refuses options that would do nothing, or not what they say, on the examples of a data set.
    ///
    /// - Throws: ``TrainingError`` with code `invalidOption` that names the option.
    func checkEffect(on data: Dataset) throws(TrainingError) {
        if warmupEpochs > Double(maxEpochs) { throw .warmup(warmupEpochs, maxEpochs) }
        guard let augmentation else { return }
        let extent = data.inputShape.dimensions.dropFirst()
        for (isOn, name) in [
            (augmentation.flipHorizontal, "RandomHorizontalFlip"), (augmentation.flipVertical, "RandomVerticalFlip"),
        ] where isOn && extent.count == 1 {
            throw .flip(name, data)
        }
        for (distance, name) in [
            (augmentation.shift, "RandomShift"), (augmentation.cropPadding, "RandomCropPadding"),
        ] {
            if let least = extent.min(), distance >= least { throw .move(name, distance, least, data) }
        }
    }
}

// MARK: - Messages

extension TrainingError {
    fileprivate static func warmup(_ warmup: Double, _ epochs: Int) -> TrainingError {
        let text = Int(exactly: warmup).map { String($0) } ?? String(warmup)
        return TrainingError(
            .invalidOption, "'warmupEpochs' is \(text), and training has \(epochs) epoch\(epochs == 1 ? "" : "s")",
            option: "warmupEpochs", help: "set it to less than 'MaxEpochs'")
    }

    fileprivate static func flip(_ option: String, _ data: Dataset) -> TrainingError {
        TrainingError(
            .invalidOption, "'\(option)' mirrors images, and the examples of '\(data.name)' are sequences",
            option: "augmentation.\(option)", help: "leave it out")
    }

    fileprivate static func move(_ option: String, _ distance: Int, _ extent: Int, _ data: Dataset) -> TrainingError {
        TrainingError(
            .invalidOption,
            "'\(option)' is \(distance), and the examples of '\(data.name)' are \(data.inputShape): nothing would be left",
            option: "augmentation.\(option)", help: "set it to less than \(extent)")
    }
}
