package import Networks
internal import Tensors

extension RandomNetworks {
    /// A network of every kind of layer, over steps or over an image, with one to three outputs and all its parameters.
    ///
    /// It has convolutions (plain, depthwise, grouped, transposed), residual sums, dense concatenations, gates, slices and
    /// paddings of channels, normalizations, poolings, recurrent layers and vectors cut into channels again.
    ///
    /// - Parameter normalizesExamples: Whether layer and group normalization may stand in it, which see how many channels
    ///   there are.
    package static func graph(seed: UInt64, normalizesExamples: Bool = true) throws -> Network {
        var builder = GraphBuilder(seed: seed, normalizesExamples: normalizesExamples)
        for _ in 0..<8 + builder.random.below(12) { builder.grow() }
        return try randomized(try builder.finished(), seed: seed)
    }
}

private struct GraphBuilder {
    var random: RandomStream
    private var nodes: [Network.Node]
    private var shapes: [Shape]
    private let isImage: Bool
    private let normalizesExamples: Bool

    init(seed: UInt64, normalizesExamples: Bool) {
        random = RandomStream(seed: seed, name: "graph")
        isImage = random.below(2) == 0
        self.normalizesExamples = normalizesExamples
        let channels = 1 + random.below(3)
        let input: any Layer =
            isImage
            ? ImageInput(height: 4 + random.below(3), width: 4 + random.below(3), channels: channels)
            : SequenceInput(channels: channels, steps: 5 + random.below(6))
        nodes = [Network.Node("input", input, inputs: [])]
        shapes = [(try? input.outputShape(of: [])) ?? []]
        filters(reading: 0, count: 4)
    }

    /// Appends a layer; what does not fit its inputs is left out.
    @discardableResult private mutating func append(_ layer: any Layer, _ inputs: Int...) -> Int? {
        append(layer, reading: inputs)
    }

    private mutating func append(_ layer: any Layer, reading inputs: [Int]) -> Int? {
        guard layer.inputCount.contains(inputs.count),
            let shape = try? layer.outputShape(of: inputs.map { shapes[$0] }),
            shape.count <= 400
        else { return nil }
        nodes.append(Network.Node("\(layer.kind)_\(nodes.count)", layer, inputs: inputs.map { nodes[$0].name }))
        shapes.append(shape)
        return nodes.count - 1
    }

    /// One of the last nodes, so that graphs become deep.
    private mutating func source(where isFit: (Shape) -> Bool = { _ in true }) -> Int? {
        let fitting = nodes.indices.dropFirst().filter { isFit(shapes[$0]) }
        return fitting.isEmpty ? nil : fitting[max(0, fitting.count - 1 - random.below(4))]
    }

    private func isMap(_ shape: Shape) -> Bool { shape.rank > 1 }

    mutating func grow() {
        guard let source = source() else { return }
        let shape = shapes[source]
        let channels = shape[0]
        switch random.below(18) {
        case 0...2: filters(reading: source, count: random.below(2) == 0 ? channels : 2 + random.below(6))
        case 3: residual(around: source)
        case 4: dense(after: source)
        case 5: gate(of: source)
        case 6: convolution(reading: source, count: channels * (1 + random.below(2)), groups: channels)
        case 7: convolution(reading: source, count: 2 * (1 + random.below(3)), groups: 2)
        case 8: transposed(reading: source)
        case 9:
            let start = random.below(channels)
            append(Slice(start: start, length: 1 + random.below(channels - start)), source)
        case 10: append(Pad(channels: [random.below(3), random.below(2)]), source)
        case 11: append(BatchNormalization(), source)
        case 12:
            guard normalizesExamples else { return }
            let layers: [any Layer] = [
                LayerNormalization(), LayerNormalization(over: .channels), GroupNormalization(groups: 2),
                GroupNormalization(groups: channels),
            ]
            append(layers[random.below(4)], source)
        case 13: pooling(reading: source)
        case 14:
            let layers: [any Layer] = [ReLU(), PReLU(), Tanh(), Sigmoid(), HardSwish(), Dropout(probability: 0.2)]
            append(layers[random.below(6)], source)
        case 15: flattened(source)
        case 16:
            let layers: [any Layer] = [LSTM(units: 2), BiLSTM(units: 1), GRU(units: 2), BiGRU(units: 1)]
            append(layers[random.below(4)], source)
        default:
            guard let partner = self.source(where: { [shape] in $0 == shape }) else { return }
            let layers: [any Layer] = [Add(), Subtract(), Multiply(), Concatenate(), Concatenate(axis: .steps)]
            append(layers[random.below(5)], source, partner)
        }
    }

    // MARK: Parts

    /// A convolution or a dense layer, perhaps with what usually follows it.
    private mutating func filters(reading source: Int, count: Int) {
        guard isMap(shapes[source]) else {
            append(Dense(outputs: count), source)
            return
        }
        guard let made = convolution(reading: source, count: count, groups: 1), random.below(3) > 0,
            let normalized = append(BatchNormalization(), made), random.below(3) > 0
        else { return }
        append(ReLU(), normalized)
    }

    @discardableResult private mutating func convolution(reading source: Int, count: Int, groups: Int) -> Int? {
        let hasBias = random.below(3) > 0
        let layer: any Layer =
            isImage
            ? Convolution2D(
                filters: count, filterSize: [1 + random.below(3), 1 + random.below(3)], padding: .same, groups: groups,
                hasBias: hasBias)
            : Convolution1D(
                filters: count, filterSize: 1 + random.below(3), padding: .same, groups: groups, hasBias: hasBias)
        return append(layer, source)
    }

    private mutating func transposed(reading source: Int) {
        let (count, groups) = (2 * (1 + random.below(3)), 1 + random.below(2))
        let layer: any Layer =
            isImage
            ? TransposedConvolution2D(
                filters: count, filterSize: [2, 1], stride: [2, 1], cropping: .same, groups: groups)
            : TransposedConvolution1D(filters: count, filterSize: 2, stride: 2, cropping: .same, groups: groups)
        append(layer, source)
    }

    /// A way of two convolutions around which the input goes, added at the end.
    private mutating func residual(around source: Int) {
        guard isMap(shapes[source]), let first = convolution(reading: source, count: 2 + random.below(4), groups: 1),
            let normalized = append(BatchNormalization(), first), let active = append(ReLU(), normalized),
            let second = convolution(reading: active, count: shapes[source][0], groups: 1),
            let body = append(BatchNormalization(), second), let sum = append(Add(), body, source)
        else { return }
        if random.below(3) > 0 { append(ReLU(), sum) }
    }

    /// Two layers that each read everything before them, normalized.
    private mutating func dense(after source: Int) {
        var last = source
        for _ in 0..<2 where isMap(shapes[last]) {
            guard let normalized = append(BatchNormalization(), last), let active = append(ReLU(), normalized),
                let grown = convolution(reading: active, count: 1 + random.below(3), groups: 1),
                let both = append(Concatenate(), last, grown)
            else { return }
            last = both
        }
    }

    /// Squeeze and excitation: channels times what a dense layer makes of their means.
    private mutating func gate(of source: Int) {
        guard isMap(shapes[source]), let mean = append(GlobalAveragePooling(), source),
            let dense = append(Dense(outputs: shapes[source][0]), mean), let gate = append(Sigmoid(), dense)
        else { return }
        append(Multiply(), source, gate)
    }

    private mutating func pooling(reading source: Int) {
        let layers: [any Layer] =
            isImage
            ? [
                MaxPooling2D(size: [2, 2]), AveragePooling2D(size: [2, 1], stride: [1, 1], padding: .same),
                GlobalAveragePooling(), GlobalMaxPooling(),
            ]
            : [
                MaxPooling1D(size: 2), AveragePooling1D(size: 2, stride: 1, padding: .same), GlobalAveragePooling(),
                GlobalMaxPooling(),
            ]
        append(layers[random.below(4)], source)
    }

    /// A vector, and perhaps channels made of it again.
    private mutating func flattened(_ source: Int) {
        guard let flat = append(Flatten(), source), random.below(2) == 0 else { return }
        let positions = shapes[source].dimensions.dropFirst()
        append(Reshape(positions: positions.isEmpty ? [2] : Array(positions)), flat)
    }

    // MARK: The end

    /// One to three outputs; each but the first reads one node, the first all that nothing reads.
    mutating func finished() throws -> Network {
        var ends: [Int] = []
        let read = Set(nodes.flatMap(\.inputs))
        for index in nodes.indices where !read.contains(nodes[index].name) {
            let layers: [any Layer] = [GlobalAveragePooling(), GlobalMaxPooling(), Flatten()]
            guard isMap(shapes[index]) else {
                ends.append(index)
                continue
            }
            if let end = append(layers[random.below(3)], index) { ends.append(end) }
        }
        if let all = ends.count == 1 ? ends[0] : append(Concatenate(), reading: ends) { append(Dense(outputs: 3), all) }
        for _ in 0..<random.below(3) {
            guard let map = source(where: isMap), let mean = append(GlobalAveragePooling(), map) else { continue }
            append(Dense(outputs: 2), mean)
        }
        return try Network(nodes: nodes)
    }
}
