package import Networks
internal import Tensors

/// Residual networks over steps: units of two convolutions with batch normalization, and a way around them.
package enum ResidualNetworks {
    /// Stages of units, each unit given by its filters; where the filters change, the way around is a convolution.
    package static func units(_ stages: [[Int]], steps: Int) throws -> Network {
        var builder = Builder(steps: steps)
        for unit in stages.flatMap({ $0 }) { builder.appendUnit(filters: unit) { _ in 0 } }
        return try builder.finished()
    }

    /// Units that differ in what they add, in which order, and in what follows: a function of the seed alone.
    package static func random(seed: UInt64) throws -> Network {
        var random = RandomStream(seed: seed, name: "residual")
        var builder = Builder(steps: 5 + random.below(30))
        for _ in 0..<1 + random.below(4) { builder.appendUnit(filters: 2 + random.below(3)) { random.below($0) } }
        return try builder.finished()
    }
}

private struct Builder {
    private var nodes: [Network.Node] = []
    private var channels = 2
    private var last = "input"

    init(steps: Int) {
        nodes.append(Network.Node("input", SequenceInput(channels: 2, steps: steps), inputs: []))
        append(Convolution1D(filters: 2, filterSize: 3, padding: .same))
    }

    /// - Parameter choice: A number below the one given; always zero for the usual unit.
    mutating func appendUnit(filters: Int, choice: (Int) -> Int) {
        let entry = last
        append(Convolution1D(filters: filters, filterSize: 3, padding: .same))
        append(BatchNormalization())
        append(ReLU())
        append(Convolution1D(filters: filters, filterSize: 3, padding: .same))
        append(BatchNormalization())
        let body = last
        last = entry
        if filters != channels {
            append(Convolution1D(filters: filters, filterSize: 1))
            if choice(3) < 2 { append(BatchNormalization()) }
        } else if choice(4) == 1 {
            append(Dropout(probability: 0.3))
        }
        channels = filters
        let parts = [[body, last], [last, body], [body, last, body]][choice(3)]
        append(Add(), reading: parts)
        if choice(3) < 2 { append(ReLU()) }
        if choice(4) == 3 { append(Add(), reading: [last, last]) }
    }

    func finished() throws -> Network {
        var copy = self
        copy.append(GlobalAveragePooling())
        copy.append(Dense(outputs: 5))
        copy.append(ReLU())
        copy.append(Dense(outputs: 3))
        copy.append(Softmax())
        return try Network(nodes: copy.nodes)
    }

    private mutating func append(_ layer: any Layer, reading inputs: [String]? = nil) {
        let name = "\(layer.kind)_\(nodes.count)"
        nodes.append(Network.Node(name, layer, inputs: inputs ?? [last]))
        last = name
    }
}
