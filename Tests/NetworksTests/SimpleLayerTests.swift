import Kernels
import Networks
import Tensors
import TestSupport
import Testing

/// Layers without weights to speak of against their references; see ``checkLayer(_:inputs:examples:seed:)``.
@Suite struct SimpleLayerTests {
    static let elementwise: [any Layer] = [
        ReLU(), LeakyReLU(), LeakyReLU(slope: 0), LeakyReLU(slope: 0.3), ClippedReLU(), ClippedReLU(ceiling: 0.5),
        PReLU(), ELU(), ELU(alpha: 0.7), GELU(), GELU(approximation: .tanh), Swish(), Tanh(), Sigmoid(), HardSigmoid(),
        HardSwish(), HardTanh(),
    ]

    static let kinds: Set<String> = Set(
        elementwise.map { $0.kind } + [
            "layerNormalization", "groupNormalization", "softmax", "sequenceInput", "imageInput", "maxPooling2d",
            "averagePooling2d", "add", "subtract", "multiply", "concatenate", "slice", "pad", "reshape",
        ])

    @Test(arguments: [[1, 1], [3, 5], [2, 17], [6], [2, 40], [2, 3, 4]])
    func `element by element layers equal their references`(shape: [Int]) throws {
        for layer in Self.elementwise { try checkLayer(layer, inputs: [Shape(shape)]) }
    }

    /// Nineteen examples make chunks of two: what a chunk adds up, and where its examples lie.
    @Test func `every kind equals its reference when a chunk has several examples`() throws {
        let sequences: [any Layer] = [
            PReLU(), GELU(), LayerNormalization(), LayerNormalization(over: .channels), GroupNormalization(groups: 2),
            Softmax(), Slice(axis: .steps, start: 1, length: 2), Pad(amounts: [1, 2], channels: [0, 1]),
            Reshape(positions: [2, 2]),
        ]
        for layer in sequences { try checkLayer(layer, inputs: [[4, 4]], examples: 19) }
        for layer in [Add(), Subtract(), Multiply()] as [any Layer] {
            try checkLayer(layer, inputs: [[2, 3], [2]], examples: 19)
        }
        try checkLayer(Concatenate(axis: .steps), inputs: [[2, 3], [2, 2]], examples: 19)
        try checkLayer(MaxPooling2D(size: [2, 2]), inputs: [[2, 3, 4]], examples: 19)
    }

    // MARK: - Normalization

    @Test(arguments: [[4, 1], [2, 7], [6, 8], [4, 21], [8], [4, 3, 5], [18]])
    func `normalization of an example equals its reference`(shape: [Int]) throws {
        try checkLayer(LayerNormalization(), inputs: [Shape(shape)])
        try checkLayer(LayerNormalization(over: .channels, epsilon: 0.01), inputs: [Shape(shape)])
        try checkLayer(GroupNormalization(groups: 1, epsilon: 0.1), inputs: [Shape(shape)])
        try checkLayer(GroupNormalization(groups: 2), inputs: [Shape(shape)])
        // Of one element alone nothing is left but the offset.
        if shape.count > 1, shape[1] > 1 {
            try checkLayer(GroupNormalization(groups: shape[0]), inputs: [Shape(shape)])
        }
    }

    @Test(arguments: [[1], [10], [17], [3, 5], [2, 16], [5, 40], [3, 4, 6]])
    func `softmax is over the channels of each position`(shape: [Int]) throws {
        try checkLayer(Softmax(), inputs: [Shape(shape)])
    }

    @Test(arguments: InputNormalization.allCases)
    func `input layers normalize raw data`(normalization: InputNormalization) throws {
        let layers: [any Layer] = [
            SequenceInput(channels: 2, steps: 6, normalization: normalization),
            ImageInput(height: 2, width: 3, channels: 2, normalization: normalization),
        ]
        for layer in layers {
            let network = try RandomNetworks.randomized(
                try Network(nodes: [Network.Node("input", layer, inputs: [])]), seed: 3)
            var random = SeededGenerator(seed: 3)
            let input = random.signed(4 * 12)
            var reference = ReferenceNetwork(network, mode: .inference)
            let expected = try reference.values(of: input.map(Double.init), count: 4, changesStates: false)["input"]
            expectClose(try forward(network, input, count: 4), expected?.elements ?? [], relative: 2e-6, absolute: 2e-7)
            let readBack = try LayerKinds.layer(kind: layer.kind, attributes: layer.attributes)
            #expect(readBack == layer)
        }
    }

    @Test(arguments: [InputNormalization.rescaleZeroOne, .rescaleSymmetric])
    func `a channel of one value is moved and not divided by zero`(normalization: InputNormalization) throws {
        let network = try Network(
            nodes: [
                Network.Node("input", SequenceInput(channels: 1, steps: 2, normalization: normalization), inputs: [])
            ], parameters: ["input.minimum": Tensor([3]), "input.maximum": Tensor([3])])
        #expect(try forward(network, [3, 4], count: 1) == [0, 1])
    }

    // MARK: - Pooling

    @Test(arguments: [[1, 1], [2, 2], [3, 2], [1, 3]], [[1, 1], [2, 2], [1, 3]])
    func `pooling over images equals its reference`(size: [Int], stride: [Int]) throws {
        let paddings: [Padding] = [
            .none2D, .same, .explicit([size[0] - 1, 0, size[1] / 2, size[1] - 1]),
        ]
        for padding in paddings {
            for shape in [[1, 4, 5], [2, 3, 40]] as [Shape] {
                try checkLayer(
                    MaxPooling2D(size: size, stride: stride, padding: padding), inputs: [shape], examples: 2)
                try checkLayer(
                    AveragePooling2D(size: size, stride: stride, padding: padding), inputs: [shape], examples: 2)
            }
        }
    }

    @Test(arguments: [1, 2, 3], [1, 2, 3])
    func `pooling over many steps equals its reference`(size: Int, stride: Int) throws {
        for padding in [Padding.none1D, .same, .causal] {
            try checkLayer(MaxPooling1D(size: size, stride: stride, padding: padding), inputs: [[2, 81]], examples: 1)
            try checkLayer(
                AveragePooling1D(size: size, stride: stride, padding: padding), inputs: [[2, 81]], examples: 1)
        }
    }

    @Test func `global pooling is over all positions of an image`() throws {
        try checkLayer(GlobalAveragePooling(), inputs: [[3, 4, 5]])
        try checkLayer(GlobalMaxPooling(), inputs: [[3, 4, 5]])
    }

    // MARK: - Several inputs

    @Test(arguments: [
        [[3, 4], [3, 4]], [[2, 20], [2, 20]], [[3, 4], [3]], [[3], [3, 4]], [[2, 20], [2, 1]], [[2, 3, 4], [2]],
        [[2, 3, 4], [2, 1, 1]], [[5], [5]], [[2, 3, 4], [2, 3, 4]],
    ])
    func `sums, differences and products equal their references`(shapes: [[Int]]) throws {
        for layer in [Add(), Subtract(), Multiply()] as [any Layer] {
            try checkLayer(layer, inputs: shapes.map { Shape($0) })
        }
        for layer in [Add(), Multiply()] as [any Layer] {
            try checkLayer(layer, inputs: (shapes + [shapes[1], shapes[0]]).map { Shape($0) }, examples: 2)
        }
    }

    @Test func `a layer may read one node twice`() throws {
        for (layer, expected) in [(Multiply(), [Float](arrayLiteral: 4, 9)), (Subtract(), [0, 0]), (Add(), [4, -6])]
            as [(any Layer, [Float])]
        {
            let network = try Network(nodes: [
                Network.Node("input", SequenceInput(channels: 1, steps: 2), inputs: []),
                Network.Node("layer", layer, inputs: ["input", "input"]),
            ])
            let compiled = try CompiledNetwork(
                network, batchCapacity: 1, purpose: .training, pool: WorkerPool(threads: 1))
            compiled.setInput([2, -3], count: 1)
            compiled.forward(count: 1, mode: .inference)
            #expect(compiled.values(of: "layer").array == expected)
            compiled.gradient(of: "layer").copy(from: [1, 1])
            compiled.backward(from: "layer", count: 1)
            let slopes: [Float] = layer is Multiply ? [4, -6] : layer is Add ? [2, 2] : [0, 0]
            #expect(compiled.gradient(of: "input").array == slopes)
        }
    }

    // MARK: - Shapes

    @Test(arguments: [
        (Axis.channels, [[3, 4], [1, 4]]), (.channels, [[2], [3], [1]]), (.steps, [[2, 3], [2, 1], [2, 4]]),
        (.height, [[2, 3, 4], [2, 1, 4]]), (.width, [[2, 3, 4], [2, 3, 1], [2, 3, 2]]),
        (.channels, [[2, 3, 4], [1, 3, 4]]),
    ])
    func `concatenation along every axis equals its reference`(axis: Axis, shapes: [[Int]]) throws {
        try checkLayer(Concatenate(axis: axis), inputs: shapes.map { Shape($0) })
    }

    @Test(arguments: [[5], [5, 4], [5, 4, 3]])
    func `slices and padding equal their references`(shape: [Int]) throws {
        for axis in [[Axis.channels], [.channels, .steps], [.channels, .height, .width]][shape.count - 1] {
            for (start, length) in [(0, 1), (1, 2), (0, 3), (2, 1)] {
                try checkLayer(Slice(axis: axis, start: start, length: length), inputs: [Shape(shape)])
            }
        }
        let amounts = [[], [0, 0], [2, 1], [1, 0, 0, 3]].filter { $0.isEmpty || $0.count == 2 * (shape.count - 1) }
        for amounts in amounts {
            for channels in [[0, 0], [1, 2]] {
                try checkLayer(Pad(amounts: amounts, channels: channels), inputs: [Shape(shape)])
            }
        }
    }

    @Test(arguments: [
        ([2, 12], [12]), ([2, 12], [3, 4]), ([2, 3, 4], [12]), ([2, 3, 4], [6, 2]), ([24], [3, 4]),
    ])
    func `a change of shape keeps every element`(shape: [Int], positions: [Int]) throws {
        try checkLayer(Reshape(positions: positions), inputs: [Shape(shape)])
        #expect(try Reshape(positions: positions).outputShape(of: [Shape(shape)]) == Shape([2] + positions))
    }
}
