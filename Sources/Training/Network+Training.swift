internal import Datasets
internal import Kernels
internal import Networks
internal import Tensors

extension Network {
    /// Checks that the network reads the examples of a data set and gives one score a class.
    ///
    /// - Throws: ``TrainingError`` with code `invalidData` that names both shapes.
    func checkFit(_ data: Dataset) throws(TrainingError) {
        if let input = inputs.first, let shape = shape(of: input.name), shape != data.inputShape {
            throw .input(input.name, shape, data)
        }
        if let output = outputs.last, let shape = shape(of: output.name), shape.count != data.classes.count {
            throw .output(output.name, shape, data)
        }
    }

    /// Where the learnables that are regularized stand in the flat buffer of a compiled network: all but biases.
    var regularizedRanges: [Range<Int>] {
        var ranges: [Range<Int>] = []
        var start = 0
        for (_, specification) in specifications where specification.role == .learnable {
            let range = start..<start + specification.shape.count
            start = range.upperBound
            guard !["bias", "recurrentBias"].contains(specification.name) else { continue }
            if let last = ranges.last, last.upperBound == range.lowerBound {
                ranges[ranges.count - 1] = last.lowerBound..<range.upperBound
            } else {
                ranges.append(range)
            }
        }
        return ranges
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

    fileprivate static func output(_ layer: String, _ shape: Shape, _ data: Dataset) -> TrainingError {
        TrainingError(
            .invalidData,
            "layer '\(layer)' gives \(shape) scores, and '\(data.name)' has \(data.classes.count) classes: "
                + data.classes.joined(separator: ", "))
    }
}
