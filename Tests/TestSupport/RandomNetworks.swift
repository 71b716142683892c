package import Networks
internal import Tensors

/// Small networks drawn at random: a function of the seed alone.
package enum RandomNetworks {
    /// Layers that are drawn beyond the usual ones.
    package enum Variety: Sendable {
        case none
        case all
    }

    /// A network for a sequence of one to three channels that ends in a dense layer of `classes` units, with all its
    /// parameters, the statistics of batch normalization included.
    ///
    /// - Parameter isolatesBatchNormalization: Batch normalization follows a convolution or a dense layer at once and
    ///   nothing else reads that layer, so that a channel that is zero behind it is zero everywhere.
    /// - Parameter variety: Which layers besides those that have an integer form.
    package static func sequenceClassifier(
        seed: UInt64, classes: Int = 3, isolatesBatchNormalization: Bool = false, variety: Variety = .none
    ) throws -> Network {
        var builder = Builder(
            seed: seed, isolatesBatchNormalization: isolatesBatchNormalization, variety: variety)
        try builder.grow(nodes: 4 + builder.random.below(9))
        try builder.finish(classes: classes)
        return try randomized(try Network(nodes: builder.nodes), seed: seed)
    }

    /// The same network with every parameter drawn anew: weights and offsets in [-1, 1), scales and variances in
    /// [0.5, 1.5), the largest values of channels in [1, 3).
    package static func randomized(_ network: Network, seed: UInt64) throws -> Network {
        var random = RandomStream(seed: seed, name: "parameters")
        var network = network
        var parameters: [String: Tensor] = [:]
        for (name, specification) in network.specifications {
            let isPositive = ["scale", "variance", "deviation"].contains(specification.name)
            let least: Float = specification.name == "maximum" ? 2 : 0
            let elements = (0..<specification.shape.count).map { _ in
                isPositive ? 0.5 + random.uniform() : least + 2 * random.uniform() - 1
            }
            parameters[name] = Tensor(elements, shape: specification.shape)
        }
        try network.setParameters(parameters)
        return network
    }
}

private struct Builder {
    var random: RandomStream
    var nodes: [Network.Node] = []
    private var shapes: [Shape] = []
    private var isRead: [Bool] = []
    private let isolatesBatchNormalization: Bool
    private let variety: RandomNetworks.Variety
    /// Layers that only their batch normalization may read.
    private var isClosed: [Bool] = []

    init(seed: UInt64, isolatesBatchNormalization: Bool, variety: RandomNetworks.Variety) {
        self.variety = variety
        random = RandomStream(seed: seed, name: "network")
        self.isolatesBatchNormalization = isolatesBatchNormalization
    }

    mutating func grow(nodes count: Int) throws {
        try append(SequenceInput(channels: 1 + random.below(3), steps: 4 + random.below(9)), reading: [])
        for _ in 0..<count { try step() }
    }

    /// Joins everything that nothing reads yet.
    mutating func finish(classes: Int) throws {
        var ends: [Int] = []
        for index in nodes.indices where !isRead[index] {
            if shapes[index].rank == 1 {
                ends.append(index)
            } else {
                let layers: [any Layer] = [GlobalAveragePooling(), GlobalMaxPooling(), Flatten()]
                ends.append(try append(layers[random.below(3)], reading: [index]))
            }
        }
        let last = ends.count == 1 ? ends[0] : try append(Concatenate(), reading: ends)
        try append(Dense(outputs: classes), reading: [last])
    }

    private mutating func step() throws {
        let open = nodes.indices.filter { !isClosed[$0] }
        let source = open[random.below(open.count)]
        let isSequence = shapes[source].rank == 2
        if variety != .none, random.below(3) == 0 { return try special(reading: source, open: open) }
        switch random.below(10) {
        case 0...3:
            try filters(reading: source, isSequence: isSequence)
        case 4:
            try append(ReLU(), reading: [source])
        case 5:
            if isolatesBatchNormalization {
                try append(Dropout(probability: 0.25), reading: [source])
            } else {
                try append(BatchNormalization(), reading: [source])
            }
        case 6:
            let partners = open.filter { shapes[$0] == shapes[source] }
            try append(Add(), reading: [source, partners[random.below(partners.count)]])
        case 7:
            let partners = open.filter { shapes[$0].dimensions.dropFirst() == shapes[source].dimensions.dropFirst() }
            try append(Concatenate(), reading: [source, partners[random.below(partners.count)]])
        case 8 where isSequence && shapes[source][1] >= 2:
            let average = random.below(2) == 0
            try append(
                average ? AveragePooling1D(size: 2) : MaxPooling1D(size: 2, stride: 1, padding: .same),
                reading: [source])
        case 9 where isSequence:
            let layers: [any Layer] = [Flatten(), GlobalAveragePooling(), GlobalMaxPooling()]
            try append(layers[random.below(3)], reading: [source])
        default:
            try append(ReLU(), reading: [source])
        }
    }

    /// One of the layers of the variety that fits the source.
    private mutating func special(reading source: Int, open: [Int]) throws {
        let shape = shapes[source]
        let positions = shape.dimensions.dropFirst().reduce(1, *)
        let elementwise: [any Layer] = [
            LeakyReLU(), ClippedReLU(), PReLU(), ELU(), GELU(), Swish(), Tanh(), HardSwish(), HardTanh(),
        ]
        let others: [any Layer] = [
            Sigmoid(), LayerNormalization(), LayerNormalization(over: .channels), GroupNormalization(groups: shape[0]),
            GroupNormalization(groups: shape[0] % 2 == 0 ? 2 : 1),
        ]
        switch random.below(9) {
        case 0, 1: try append(elementwise[random.below(elementwise.count)], reading: [source])
        case 2:
            let start = random.below(shape[0])
            try append(Slice(start: start, length: 1 + random.below(shape[0] - start)), reading: [source])
        case 3:
            let amounts = shape.rank == 2 ? [random.below(2), random.below(2)] : []
            try append(Pad(amounts: amounts, channels: [random.below(3), random.below(2)]), reading: [source])
        case 4, 5:
            let partners = open.filter {
                shapes[$0] == shape || (shapes[$0].count == shape[0] && shapes[$0][0] == shape[0])
            }
            let layers: [any Layer] = [Multiply(), Subtract(), Concatenate(axis: .steps)]
            let partner = partners[random.below(partners.count)]
            let layer = layers[random.below(shape.rank == 2 && shapes[partner] == shape ? 3 : 2)]
            try append(layer, reading: [source, partner])
        case 6:
            // Other channels than before, if those of a vector were positions.
            let size = [3, 2, 1].first { shape[0] % $0 == 0 } ?? 1
            try append(Reshape(positions: [shape.rank == 1 ? size : positions]), reading: [source])
        default: try append(others[random.below(others.count)], reading: [source])
        }
    }

    /// A convolution or a dense layer, sometimes with its batch normalization, often followed by an addition's partner.
    private mutating func filters(reading source: Int, isSequence: Bool) throws {
        let hasBias = random.below(3) > 0
        // As many filters as channels half of the time, so that additions find partners.
        let count = random.below(2) == 0 ? shapes[source][0] : 1 + random.below(7)
        let layer: any Layer
        if isSequence {
            let paddings: [Padding] = [.same, .same, .causal, .explicit([1, 0])]
            layer = Convolution1D(
                filters: count, filterSize: 1 + random.below(3), stride: 1 + random.below(5) / 4,
                dilation: 1 + random.below(3) / 2, padding: paddings[random.below(4)], hasBias: hasBias)
        } else {
            layer = Dense(outputs: count, hasBias: hasBias)
        }
        guard (try? layer.outputShape(of: [shapes[source]])) != nil else {
            try append(ReLU(), reading: [source])
            return
        }
        let index = try append(layer, reading: [source])
        if random.below(2) == 0 {
            isClosed[index] = isolatesBatchNormalization
            try append(BatchNormalization(), reading: [index])
        }
    }

    @discardableResult private mutating func append(_ layer: any Layer, reading inputs: [Int]) throws -> Int {
        shapes.append(try layer.outputShape(of: inputs.map { shapes[$0] }))
        nodes.append(Network.Node("\(layer.kind)_\(nodes.count)", layer, inputs: inputs.map { nodes[$0].name }))
        for input in inputs { isRead[input] = true }
        isRead.append(false)
        isClosed.append(false)
        return nodes.count - 1
    }
}
