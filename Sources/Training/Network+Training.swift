package import Datasets
internal import Kernels
package import Networks
internal import Tensors

extension Network {
    /// The network with the constants of its input taken from the data, where they are missing.
    ///
    /// Mean and deviation of each channel over all examples and positions, in double precision; the deviation is that of
    /// the population, and 1 where it is zero.
    package func normalizing(_ data: Dataset) throws(NetworkError) -> Network {
        guard let input = inputs.first,
            specifications(of: input).contains(where: {
                $0.specification.role == .constant && parameters[$0.name] == nil
            })
        else { return self }
        let channels = data.inputShape[0]
        let positions = data.inputShape.count / channels
        var constants = ["mean": [Float](), "deviation": [Float]()]
        for channel in 0..<channels {
            var (sum, squares) = (0.0, 0.0)
            func each(_ body: (Double) -> Void) {
                for example in 0..<data.count {
                    let start = (example * channels + channel) * positions
                    for index in start..<start + positions { body(Double(data.examples[index])) }
                }
            }
            each { sum += $0 }
            let mean = sum / Double(data.count * positions)
            each { squares += ($0 - mean) * ($0 - mean) }
            let deviation = (squares / Double(data.count * positions)).squareRoot()
            constants["mean"]?.append(Float(mean))
            constants["deviation"]?.append(deviation > 0 ? Float(deviation) : 1)
        }
        var network = self
        var missing: [String: Tensor] = [:]
        for (name, specification) in specifications(of: input)
        where specification.role == .constant && parameters[name] == nil {
            missing[name] = constants[specification.name].map { Tensor($0) }
        }
        try network.setParameters(missing)
        return network
    }

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
            guard specification.name != "bias" else { continue }
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
