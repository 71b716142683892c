import Kernels
import Networks
import Tensors
import TestSupport
import Testing

/// LSTM and GRU against their formulas; sequences of unequal length: see ``TorchRecurrentTests``.
@Suite struct RecurrentTests {
    /// Every kind with one shape, each with its modes and both states to start from.
    ///
    /// With zeros to start from, this also holds the gradient of the recurrent weights, which some libraries get wrong
    /// when the first state is left out.
    @Test(arguments: RecurrentOutputMode.allCases, InitialState.allCases)
    func `a recurrent layer follows its formula`(_ mode: RecurrentOutputMode, _ state: InitialState) throws {
        let layers: [any Layer] = [
            LSTM(units: 3, outputMode: mode, initialState: state),
            BiLSTM(units: 2, outputMode: mode, initialState: state),
            GRU(units: 3, outputMode: mode, initialState: state, resetGate: .after),
            GRU(units: 3, outputMode: mode, initialState: state, resetGate: .before),
            BiGRU(units: 3, outputMode: mode, initialState: state, resetGate: .after),
            BiGRU(units: 2, outputMode: mode, initialState: state, resetGate: .before),
        ]
        for layer in layers { try checkLayer(layer, inputs: [[3, 4]]) }
    }

    /// Each kind with a projector of the input, of the hidden state and of both, also one that is no smaller.
    @Test(arguments: RecurrentOutputMode.allCases, InitialState.allCases)
    func `a projected recurrent layer follows its formula`(_ mode: RecurrentOutputMode, _ state: InitialState) throws {
        for projectors in [
            RecurrentProjectors(input: 2), RecurrentProjectors(output: 2), RecurrentProjectors(input: 4, output: 1),
        ] {
            let layers: [any Layer] = [
                LSTM(units: 3, outputMode: mode, initialState: state, projectors: projectors),
                BiLSTM(units: 2, outputMode: mode, initialState: state, projectors: projectors),
                GRU(units: 3, outputMode: mode, initialState: state, resetGate: .after, projectors: projectors),
                GRU(units: 3, outputMode: mode, initialState: state, resetGate: .before, projectors: projectors),
                BiGRU(units: 3, outputMode: mode, initialState: state, resetGate: .after, projectors: projectors),
                BiGRU(units: 2, outputMode: mode, initialState: state, resetGate: .before, projectors: projectors),
            ]
            for layer in layers { try checkLayer(layer, inputs: [[3, 4]], examples: 15) }
        }
    }

    /// One unit, one step, one channel; whole vectors and a lane more or less; more examples than one block has.
    @Test(arguments: [(1, 1, 1, 1), (2, 1, 1, 13), (1, 16, 2, 2), (17, 2, 2, 3), (1, 17, 2, 1), (1, 2, 18, 4)])
    func `any size is computed`(channels: Int, units: Int, steps: Int, examples: Int) throws {
        let layers: [any Layer] = [
            LSTM(units: units), BiLSTM(units: units, outputMode: .last), GRU(units: units, resetGate: .after),
            GRU(units: units, outputMode: .last, resetGate: .before),
        ]
        for layer in layers { try checkLayer(layer, inputs: [[channels, steps]], examples: examples) }
    }

    @Test func `a large layer gives the same bytes on any number of threads`() throws {
        let network = try RandomNetworks.randomized(
            try networkAround(
                BiLSTM(units: 40, outputMode: .last, projectors: RecurrentProjectors(input: 5, output: 17)),
                inputs: [[12, 20]]), seed: 1)
        var random = SeededGenerator(seed: 2)
        let (input, weights) = (random.signed(27 * 240), random.signed(27 * 80))
        let runs = try (1...3).map { threads in
            let compiled = try CompiledNetwork(
                network, batchCapacity: 27, purpose: .training, pool: WorkerPool(threads: threads))
            compiled.setInput(input, count: 27)
            compiled.forward(count: 27, mode: .training(dropoutSeed: 0, step: 0))
            compiled.gradient(of: "layer").copy(from: weights)
            compiled.backward(from: "layer", count: 27)
            return LayerRun(compiled, examples: 27)
        }
        #expect(runs[1] == runs[0] && runs[2] == runs[0])
    }

    /// What a batch is cut into must fit the scratch memory that was made for the largest batch.
    @Test func `every size of batch up to the capacity runs`() throws {
        let network = try RandomNetworks.randomized(
            try networkAround(GRU(units: 4, outputMode: .last), inputs: [[2, 3]]), seed: 1)
        var random = SeededGenerator(seed: 2)
        let input = random.signed(40 * 6)
        let compiled = try CompiledNetwork(
            network, batchCapacity: 40, purpose: .inference, pool: WorkerPool(threads: 2))
        compiled.setInput(input, count: 40)
        compiled.forward(count: 40, mode: .inference)
        let all = compiled.values(of: "layer").array
        for count in 1..<40 {
            compiled.setInput(Array(input.prefix(count * 6)), count: count)
            compiled.forward(count: count, mode: .inference)
            #expect(compiled.values(of: "layer").array(in: 0..<count * 4) == Array(all.prefix(count * 4)))
        }
    }

    // MARK: - What a layer is made of

    @Test func `gates are blocks of rows, directions blocks of gates`() {
        func parameters(_ layer: any Layer) -> [String] {
            layer.parameters(inputs: [[12, 20]]).map { "\($0.name) \($0.shape)" }
        }
        #expect(
            parameters(LSTM(units: 100)) == ["inputWeights 400 x 12", "recurrentWeights 400 x 100", "bias 400"])
        #expect(
            parameters(BiLSTM(units: 10, initialState: .given)) == [
                "inputWeights 80 x 12", "recurrentWeights 80 x 10", "bias 80", "initialHidden 20",
                "initialCell 20",
            ])
        #expect(
            parameters(GRU(units: 10, initialState: .given)) == [
                "inputWeights 30 x 12", "recurrentWeights 30 x 10", "bias 30", "recurrentBias 10",
                "initialHidden 10",
            ])
        #expect(
            parameters(GRU(units: 10, resetGate: .before)) == [
                "inputWeights 30 x 12", "recurrentWeights 30 x 10", "bias 30",
            ])
        #expect(
            parameters(LSTM(units: 100, projectors: RecurrentProjectors(input: 8, output: 7))) == [
                "inputProjector 8 x 12", "inputWeights 400 x 8", "outputProjector 7 x 100", "recurrentWeights 400 x 7",
                "bias 400",
            ])
        #expect(
            parameters(BiGRU(units: 10, projectors: RecurrentProjectors(input: 8, output: 7))) == [
                "inputProjector 8 x 12", "inputWeights 60 x 8", "outputProjector 14 x 10", "recurrentWeights 60 x 7",
                "bias 60", "recurrentBias 20",
            ])
    }

    @Test(
        arguments: [
            (LSTM(units: 10), 40 * (3 + 10)),
            (LSTM(units: 10, projectors: RecurrentProjectors(input: 2)), 2 * 3 + 40 * (2 + 10)),
            (BiLSTM(units: 10, projectors: RecurrentProjectors(input: 2, output: 4)), 2 * 3 + 2 * (40 * (2 + 4) + 40)),
            (GRU(units: 10, projectors: RecurrentProjectors(output: 4)), 30 * (3 + 4) + 40),
            (GRU(units: 10, resetGate: .before, projectors: RecurrentProjectors(output: 4)), 30 * (3 + 4) + 80),
        ] as [(any Layer, Int)])
    func `every product of a step is counted`(layer: any Layer, macs: Int) throws {
        #expect(layer.macs(inputs: [[3, 7]], output: try layer.outputShape(of: [[3, 7]])) == 7 * macs)
    }

    @Test func `a new layer has a forget gate that is open and recurrent weights at right angles`() throws {
        let layer = BiLSTM(units: 3)
        var first: [String: [Float]] = [:]
        for specification in layer.parameters(inputs: [[2, 4]]) {
            var random = RandomStream(seed: 1, name: specification.name)
            first[specification.name] =
                specification.initializer.tensor(shape: specification.shape, random: &random).floats
        }
        let gates: [Float] = [0, 0, 0, 1, 1, 1, 0, 0, 0, 0, 0, 0]
        #expect(first["bias"] == gates + gates)
        let weights = try #require(first["recurrentWeights"])
        for left in 0..<3 {
            for right in 0..<3 {
                let product = (0..<24).reduce(Float(0)) { $0 + weights[$1 * 3 + left] * weights[$1 * 3 + right] }
                #expect(abs(product - (left == right ? 1 : 0)) < 1e-5)
            }
        }
    }

    @Test func `input channels can be removed, units stay`() throws {
        let network = try Network(nodes: [
            Network.Node("input", SequenceInput(channels: 2, steps: 9), inputs: []),
            Network.Node("conv", Convolution1D(filters: 4, filterSize: 3), inputs: ["input"]),
            Network.Node("gru", GRU(units: 3, outputMode: .last), inputs: ["conv"]),
            Network.Node("fc", Dense(outputs: 2), inputs: ["gru"]),
        ])
        let channels = NetworkChannels(of: network)
        let isPinned = { (node: String) in
            (channels.channels[node] ?? []).map { channels.flow.isPinned(channels.flow.group(of: $0)) }
        }
        #expect(isPinned("conv") == [false, false, false, false])
        #expect(isPinned("gru") == [true, true, true])
    }

    // MARK: - Messages

    @Test func `a recurrent layer needs a sequence`() {
        #expect(
            throws: NetworkError(.shapeMismatch, "the input is 8; expected [channels, steps]")
        ) {
            _ = try LSTM(units: 3).outputShape(of: [[8]])
        }
    }

    @Test(
        arguments: [
            (
                "lstm", ["units": 3, "outputMode": "first"],
                "attribute 'outputMode' is 'first'; expected one of 'sequence', 'last'"
            ),
            (
                "gru", ["units": 3, "resetGate": "never"],
                "attribute 'resetGate' is 'never'; expected one of 'before', 'after'"
            ),
            (
                "bilstm", ["units": 3, "initialState": "learned"],
                "attribute 'initialState' is 'learned'; expected one of 'zeros', 'given'"
            ),
            ("bigru", [:], "attribute 'units' is missing"),
            (
                "lstm", ["units": 3, "inputProjectorSize": 0],
                "attribute 'inputProjectorSize' is 0; expected an integer, 1 or more"
            ),
            (
                "gru", ["units": 3, "outputProjectorSize": "half"],
                "attribute 'outputProjectorSize' is 'half'; expected an integer, 1 or more"
            ),
        ] as [(String, [String: Attribute], String)])
    func `attributes are checked`(kind: String, attributes: [String: Attribute], message: String) {
        #expect(throws: NetworkError(.invalidAttribute, message)) {
            _ = try LayerKinds.layer(kind: kind, attributes: attributes)
        }
    }
}
