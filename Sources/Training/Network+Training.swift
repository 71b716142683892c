package import Datasets
internal import Kernels
package import Networks
internal import Tensors

extension Network {
    /// The network with the constants of its input taken from the data, where they are missing.
    ///
    /// Mean and deviation of each channel over all examples and positions, in double precision; the deviation is that of
    /// the population, and 1 where it is zero. What lies beyond the steps of an example does not count.
    ///
    /// - Throws: `NetworkError`, or `DatasetError` if a file has changed since it was opened.
    package func normalizing(_ data: Dataset) throws -> Network {
        guard let input = inputs.first,
            specifications(of: input).contains(where: {
                $0.specification.role == .constant && parameters[$0.name] == nil
            })
        else { return self }
        let channels = data.inputShape[0]
        let (sums, count) = try data.sums(ofChannels: channels) { _, value in value }
        let means = sums.map { $0 / Double(count) }
        let (squares, _) = try data.sums(ofChannels: channels) { channel, value in
            (value - means[channel]) * (value - means[channel])
        }
        let deviations = squares.map { ($0 / Double(count)).squareRoot() }
        let constants = [
            "mean": means.map { Float($0) }, "deviation": deviations.map { $0 > 0 ? Float($0) : 1 },
        ]
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

extension Dataset {
    /// Sums a function of the values of each channel over all examples and their steps, batch by batch.
    ///
    /// - Returns: The sums, and how many values each channel has.
    fileprivate func sums(ofChannels channels: Int, _ term: (Int, Double) -> Double) throws -> ([Double], Int) {
        let positions = inputShape.count / channels
        var sums = [Double](repeating: 0, count: channels)
        var count = 0
        for start in stride(from: 0, to: self.count, by: 64) {
            let rows = start..<min(start + 64, self.count)
            let values = try values(in: rows)
            for (example, row) in rows.enumerated() {
                let steps = steps?[row] ?? positions
                for channel in 0..<channels {
                    let first = (example * channels + channel) * positions
                    for index in first..<first + steps { sums[channel] += term(channel, Double(values[index])) }
                }
                count += steps
            }
        }
        return (sums, count)
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
