import Compression
import Datasets
import Foundation
import Kernels
import Networks
import Tensors
import TestSupport
import Testing
import Training

@Suite struct QuantizationRepairTests {
    private static let coarse = QuantizationScheme(scaling: .powerOfTwo, granularity: .tensor)
    private static let all = Set(QuantizationOptions.Repair.allCases)

    private static func options(
        _ repair: Set<QuantizationOptions.Repair>, _ scheme: QuantizationScheme = coarse
    ) -> QuantizationOptions {
        var options = QuantizationOptions(scheme: scheme, repair: repair)
        options.adaRoundIterations = 200
        return options
    }

    private static func quantize(
        _ network: Network, _ options: QuantizationOptions, threads: Int = 1, epochs: Int = 3,
        monitor: CompressionMonitor = .none, from checkpoint: Data? = nil
    ) throws -> QuantizationResult {
        var settings = training(epochs: epochs, learnRate: 0.01)
        settings.l2Regularization = 0
        return try Quantizer.quantize(
            network, calibration: waves(96), options: options, pool: WorkerPool(threads: threads),
            training: RepairTraining(options: settings, data: waves(96), seed: 5, stream: "quantize/0"),
            monitor: monitor, from: checkpoint)
    }

    /// The outputs before the softmax, as the integers stand for.
    private static func scores(_ network: QuantizedNetwork, on data: Dataset) throws -> [Float] {
        let integer = try IntegerNetwork(network)
        let node = network.structure.nodes.count - 2
        return try (0..<data.count).flatMap { row -> [Float] in
            let input = integer.quantizedInput(try data.example(row)[...])
            let quantization = network.activation(of: network.structure.nodes[node].name)
            return integer.activations(of: input)[node].map(quantization.dequantize)
        }
    }

    private static func values(_ network: Network, on data: Dataset) throws -> [Float] {
        try run(network, on: data.values(in: 0..<data.count), node: network.nodes[network.nodes.count - 2].name)
    }

    private static func meanSquare(_ left: [Float], _ right: [Float]) -> Double {
        zip(left, right).reduce(0) { $0 + Double($1.0 - $1.1) * Double($1.0 - $1.1) } / Double(max(1, left.count))
    }

    @Test func `a simulation comes to what the integers stand for`() throws {
        var (steps, same, count) = (0.0, 0, 0)
        for seed in UInt64(0)..<40 {
            for scheme in [Self.coarse, QuantizationScheme()] {
                let scenario = try QuantizationScenario(seed: seed, scheme: scheme)
                var real = scenario.prepared
                for (name, values) in scenario.realParameters {
                    guard let tensor = real.parameters[name] else { continue }
                    try real.setParameters([name: Tensor(values.map { Float($0) }, shape: tensor.shape)])
                }
                let simulation = scenario.quantized.simulation(of: real)
                let integer = try IntegerNetwork(scenario.quantized)
                let output = try #require(scenario.quantized.structure.outputs.first).name
                for example in scenario.examples {
                    let found = try run(simulation, on: example)
                    let quantization = scenario.quantized.activation(of: output)
                    for (value, expected) in zip(found, integer.run(integer.quantizedInput(example[...]))) {
                        let distance = abs(Int(quantization.quantize(value)) - Int(expected))
                        steps += Double(distance)
                        same += distance == 0 ? 1 : 0
                        count += 1
                    }
                }
            }
        }
        #expect(steps / Double(count) < 0.6 && same > count / 2, "\(steps) steps, \(same) the same of \(count)")
    }

    @Test func `corrected biases leave no mean error`() throws {
        let network = try wavesNetwork()
        let (data, options) = (waves(96), Self.options([]))
        let plain = try Self.quantize(network, options)
        let corrected = try Self.quantize(network, Self.options([.biasCorrection]))
        let float = try Self.values(plain.prepared, on: data)
        func meanError(_ result: QuantizationResult) throws -> Double {
            let scores = try Self.scores(result.network, on: data)
            let errors = zip(float, scores).map { Double($0 - $1) }
            return (0..<2).map { unit in
                abs(stride(from: unit, to: errors.count, by: 2).reduce(0) { $0 + errors[$1] })
            }.reduce(0, +) / Double(errors.count)
        }
        let (before, after) = (try meanError(plain), try meanError(corrected))
        let step = corrected.layers[corrected.layers.count - 2].step
        #expect(after < step / 2 && after < before, "\(before) before, \(after) after, steps of \(step)")
        #expect(plain.network.tensors["fc_2.bias"] != corrected.network.tensors["fc_2.bias"])
        #expect(plain.network.tensors["fc_2.weights"] == corrected.network.tensors["fc_2.weights"])
    }

    @Test func `each repair comes closer to the float network or its task`() throws {
        var errors: [Set<QuantizationOptions.Repair>: Double] = [:]
        for seed in UInt64(0)..<4 {
            let network = try RandomNetworks.randomized(ExampleNetworks.road(filters: [5, 6], steps: 24), seed: seed)
            for repair in [[], [.adaRound], [.biasCorrection], [.adaRound, .biasCorrection]]
                as [Set<QuantizationOptions.Repair>]
            {
                let result = try Self.quantize(network, Self.options(repair))
                let float = try Self.values(result.prepared, on: waves(96))
                let power = Self.meanSquare(float, float.map { _ in 0 })
                errors[repair, default: 0] +=
                    Self.meanSquare(float, try Self.scores(result.network, on: waves(96))) / power
            }
        }
        let plain = try #require(errors[[]])
        for (repair, error) in errors where !repair.isEmpty { #expect(error < plain, "\(repair): \(error), \(plain)") }
    }

    @Test func `fine-tuning learns as the integers that it rounds to`() throws {
        // A network that has learned nothing yet.
        let network = try wavesNetwork(epochs: 0)
        func loss(_ result: QuantizationResult) throws -> Double {
            let scores = try IntegerNetwork(result.network).scores(of: waves(96), pool: WorkerPool(threads: 1))
            return Evaluation(scores: scores, areProbabilities: true, of: waves(96)).loss
        }
        let plain = try Self.quantize(network, Self.options([]))
        let tuned = try Self.quantize(network, Self.options([.finetune]), epochs: 20)
        let (before, after) = (try loss(plain), try loss(tuned))
        #expect(after < 0.9 * before, "\(before) before, \(after) after")
        #expect(tuned.finetuning.count == 20)
        // The loss that training ended with is that of the integers, but for what they round within a layer.
        let last = try #require(tuned.finetuning.last).loss
        #expect(abs(after - last) < 0.15 * last + 0.02, "\(after) and \(last)")
    }

    @Test(arguments: [[.adaRound], [.biasCorrection], [.finetune], all] as [Set<QuantizationOptions.Repair>])
    func `scales stay, and so do the bytes at any number of threads`(
        repair: Set<QuantizationOptions.Repair>
    ) throws {
        let network = try wavesNetwork()
        for scheme in [Self.coarse, QuantizationScheme()] {
            let plain = try Self.quantize(network, Self.options([], scheme))
            let repaired = try Self.quantize(network, Self.options(repair, scheme))
            for (name, tensor) in plain.network.tensors
            where !["weights", "bias"].contains(name.split(separator: ".").last) {
                #expect(repaired.network.tensors[name] == tensor, "\(name)")
            }
            #expect(repaired.network != plain.network)
            let bytes = QuantizedNetworkFile.encode(repaired.network)
            let threads = try Self.quantize(network, Self.options(repair, scheme), threads: 3)
            #expect(QuantizedNetworkFile.encode(threads.network) == bytes)
            #expect(threads.layers == repaired.layers)
        }
    }

    @Test func `stopped at any checkpoint and resumed, the bytes are the same`() throws {
        let (network, options) = (try wavesNetwork(filters: [3, 4]), Self.options(Self.all))
        var total = 0
        let whole = try Self.quantize(
            network, options,
            monitor: CompressionMonitor(
                report: { _ in }, isCheckpointDue: { _ in true }, save: { _ in total += 1 }, checkCancellation: {}))
        #expect(total > 12)
        for stop in 1...total {
            let stopping = StoppingMonitor(afterSaves: stop)
            #expect(throws: StoppingMonitor.Stop.self) {
                try Self.quantize(network, options, monitor: stopping.monitor)
            }
            let resumed = try Self.quantize(network, options, from: stopping.saved)
            #expect(resumed.network == whole.network, "stopped after \(stop)")
            #expect(resumed.layers == whole.layers && resumed.finetuning == whole.finetuning)
        }
    }

    @Test func `a checkpoint of something else is refused`() throws {
        let network = try wavesNetwork(filters: [3, 4], epochs: 1)
        let message = "the checkpoint is damaged or not one of a 'quantize' stage"
        #expect(throws: CompressionError(.invalidCheckpoint, message)) {
            try Self.quantize(network, Self.options([.biasCorrection]), from: Data([1, 2, 3]))
        }
        var last: Data?
        _ = try Self.quantize(
            network, Self.options([.biasCorrection]),
            monitor: CompressionMonitor(
                report: { _ in }, isCheckpointDue: { _ in true }, save: { last = $0 }, checkCancellation: {}))
        #expect(throws: CompressionError(.invalidCheckpoint, "the checkpoint is of other repairs")) {
            try Self.quantize(network, Self.options([]), from: last)
        }
    }

    @Test func `the rounding of a layer can be stopped at any iteration, and what was done before is saved`() throws {
        let network = try wavesNetwork(filters: [3, 4], epochs: 1)
        var (checks, saves, isStopping) = (0, 0, false)
        let monitor = CompressionMonitor(
            report: { if $0.what.hasPrefix("rounding 'conv1d_2'") { isStopping = true } },
            isCheckpointDue: { _ in isStopping }, save: { _ in saves += 1 },
            checkCancellation: {
                if isStopping { checks += 1 }
                // Past the patches of the layer's examples, among the 200 iterations.
                if checks == 250 { throw StoppingMonitor.Stop() }
            })
        #expect(throws: StoppingMonitor.Stop.self) {
            try Self.quantize(network, Self.options([.adaRound]), monitor: monitor)
        }
        #expect(saves == 1)
    }

    @Test func `details say what was quantized and repaired, and what not and why`() throws {
        var options = Self.options([.adaRound, .biasCorrection])
        options.keepFloat = ["fc_*2"]
        let result = try Self.quantize(try wavesNetwork(filters: [2, 3], epochs: 1), options)
        let details = result.details
        #expect(details.isQuantized && details.targetLibrary == "integer reference")
        #expect(
            details.quantizedLayerNames
                == ["input", "conv1d_1", "relu_1", "conv1d_2", "relu_2", "pool", "fc_1", "relu_3", "softmax"])
        #expect(
            details.quantizedLearnables.map { "\($0.layer).\($0.parameter) \($0.type) \($0.bytes)" } == [
                "conv1d_1.weights int8 6", "conv1d_1.bias int32 8", "conv1d_2.weights int8 18",
                "conv1d_2.bias int32 12", "fc_1.weights int8 96", "fc_1.bias int32 128",
            ])
        #expect(
            details.notQuantized.map { "\($0.layer): \($0.reason)" } == [
                "bn_1: folded into the layers around it", "bn_2: folded into the layers around it",
                "fc_2: kept in float32 by keepFloat",
            ])
        #expect(details.notRepaired.isEmpty)
        let repairs = Dictionary(uniqueKeysWithValues: result.layers.map { ($0.name, $0.repairs) })
        #expect(repairs["conv1d_2"] == [.adaRound, .biasCorrection] && repairs["fc_2"] == [])
        options.keepFloat = ["fc_3"]
        #expect(
            throws: CompressionError(
                .unmatchedPattern,
                "'fc_3' matches no layer that can be kept in float32; there are: input, conv1d_1, relu_1, conv1d_2, "
                    + "relu_2, pool, fc_1, relu_3, fc_2, softmax")
        ) { try Self.quantize(try wavesNetwork(filters: [2, 3], epochs: 1), options) }
    }

    @Test func `a layer without a bias is left out of the correction, with the reason`() throws {
        let network = try Network(nodes: [
            Network.Node("input", SequenceInput(channels: 1, steps: 24), inputs: []),
            Network.Node("conv", Convolution1D(filters: 3, filterSize: 3, hasBias: false), inputs: ["input"]),
            Network.Node("pool", GlobalAveragePooling(), inputs: ["conv"]),
            Network.Node("fc", Dense(outputs: 2), inputs: ["pool"]),
        ]).initialized(seed: 1, stream: "test")
        let result = try Self.quantize(network, Self.options([.biasCorrection]))
        #expect(
            result.details.notRepaired.map { "\($0.layer), \($0.repair): \($0.reason)" }
                == ["conv, biasCorrection: the layer has no bias"])
    }

    @Test func `every layer without an integer form is named`() throws {
        let network = try Network(nodes: [
            Network.Node("input", SequenceInput(channels: 1, steps: 24), inputs: []),
            Network.Node("one", Rounding(step: 1, bounds: 0...1), inputs: ["input"]),
            Network.Node("two", Rounding(step: 1, bounds: 0...1), inputs: ["one"]),
        ])
        #expect(
            throws: CompressionError(
                .unsupportedLayer,
                "2 layers have no integer form: 'one' of kind 'rounding', 'two' of kind 'rounding'; keep them in float32"
            )
        ) { try ScaleSharing(of: network) }
    }
}
