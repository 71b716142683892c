package import Datasets
package import Networks
internal import Tensors

extension Network {
    /// The network with the constants of its input taken from the data, where they are missing.
    ///
    /// Mean, deviation, smallest and largest value of each channel over all examples and positions, in double precision;
    /// the deviation is that of the population, and 1 where it is zero. What lies beyond the steps of an example does not
    /// count.
    ///
    /// - Throws: `NetworkError`, or `DatasetError` if a file has changed since it was opened.
    package func normalizing(_ data: Dataset) throws -> Network {
        guard let input = inputs.first else { return self }
        let missing = specifications(of: input).filter {
            $0.specification.role == .constant && parameters[$0.name] == nil
        }
        guard !missing.isEmpty else { return self }
        var network = self
        let statistics = try ChannelStatistics(data)
        for (name, specification) in missing {
            let values = InputNormalization.Constant(rawValue: specification.name).map(statistics.values) ?? []
            try network.setParameters([name: Tensor(values.map { Float($0) })])
        }
        return network
    }
}

/// What the values of each channel of a data set are like.
private struct ChannelStatistics {
    private var mean: [Double]
    private var squares: [Double]
    private var minimum: [Double]
    private var maximum: [Double]
    /// How many values each channel has.
    private var count = 0

    init(_ data: Dataset) throws {
        let channels = data.inputShape[0]
        mean = Array(repeating: 0, count: channels)
        squares = mean
        minimum = Array(repeating: .infinity, count: channels)
        maximum = Array(repeating: -.infinity, count: channels)
        try data.forEachRun { channel, values in
            for value in values {
                mean[channel] += Double(value)
                minimum[channel] = min(minimum[channel], Double(value))
                maximum[channel] = max(maximum[channel], Double(value))
            }
            if channel == 0 { count += values.count }
        }
        mean = mean.map { $0 / Double(count) }
        // Distances from the mean lose nothing, however far it is from zero.
        try data.forEachRun { channel, values in
            let center = mean[channel]
            for value in values { squares[channel] += (Double(value) - center) * (Double(value) - center) }
        }
    }

    func values(of constant: InputNormalization.Constant) -> [Double] {
        switch constant {
        case .mean: mean
        case .deviation: squares.map { $0 > 0 ? ($0 / Double(count)).squareRoot() : 1 }
        case .minimum: minimum
        case .maximum: maximum
        }
    }
}

extension Dataset {
    /// Calls the body with the values of each channel of each example, batch by batch.
    fileprivate func forEachRun(_ body: (_ channel: Int, _ values: ArraySlice<Float>) -> Void) throws {
        let channels = inputShape[0]
        let positions = inputShape.count / channels
        for start in stride(from: 0, to: count, by: 64) {
            let rows = start..<min(start + 64, count)
            let values = try values(in: rows)
            for (example, row) in rows.enumerated() {
                for channel in 0..<channels {
                    let first = (example * channels + channel) * positions
                    body(channel, values[first..<first + (steps?[row] ?? positions)])
                }
            }
        }
    }
}
