import Compression
import Kernels
import Networks
import Tensors
import TestSupport
import Testing

/// Integer kernels give the integers of ``IntegerReference``, whatever the geometry; a failure names its seed.
@Suite struct IntegerKernelTests {
    private static let schemes = QuantizationScheme.Scaling.allCases.flatMap { scaling in
        [QuantizationScheme.Granularity.channel, .tensor].map { QuantizationScheme(scaling: scaling, granularity: $0) }
    }

    @Test(arguments: schemes) func `convolutions are the reference`(scheme: QuantizationScheme) throws {
        try compare(200, scheme) { random in
            let isImage = random.below(2) == 0
            let (channels, groups) = (1 + random.below(6), 1 + random.below(3))
            let filters = groups * (1 + random.below(6))
            let kernel = [1 + random.below(4), 1 + random.below(4)],
                stride = [1 + random.below(6), 1 + random.below(6)]
            let shape: Shape =
                isImage
                ? [channels * groups, 1 + random.below(9), 1 + random.below(40)]
                : [channels * groups, 1 + random.below(90)]
            let amounts = (0..<4).map { _ in random.below(3) }
            let padding: Padding = random.below(2) == 0 ? .same : .explicit(isImage ? amounts : Array(amounts[..<2]))
            let dilation = [1 + random.below(2), 1 + random.below(3)]
            let hasBias = random.below(3) > 0
            let layer: any IntegerLayer =
                switch (isImage, random.below(3) == 0) {
                case (false, false):
                    Convolution1D(
                        filters: filters, filterSize: kernel[0], stride: stride[0], dilation: dilation[0],
                        padding: random.below(4) == 0 ? .causal : padding, groups: groups, hasBias: hasBias)
                case (true, false):
                    Convolution2D(
                        filters: filters, filterSize: kernel, stride: stride, dilation: dilation, padding: padding,
                        groups: groups, hasBias: hasBias)
                case (false, true):
                    TransposedConvolution1D(
                        filters: filters, filterSize: kernel[0], stride: stride[0], cropping: padding, groups: groups,
                        hasBias: hasBias)
                case (true, true):
                    TransposedConvolution2D(
                        filters: filters, filterSize: kernel, stride: stride, cropping: padding, groups: groups,
                        hasBias: hasBias)
                }
            return (layer, [shape])
        }
    }

    @Test(arguments: schemes) func `dense layers are the reference`(scheme: QuantizationScheme) throws {
        try compare(60, scheme) { random in (Dense(outputs: 1 + random.below(90)), [[1 + random.below(150)]]) }
    }

    @Test(arguments: schemes) func `recurrent layers are the reference`(scheme: QuantizationScheme) throws {
        try compare(80, scheme) { random in
            let (units, channels) = (1 + random.below(20), 1 + random.below(9))
            let mode: RecurrentOutputMode = random.below(2) == 0 ? .last : .sequence
            let state: InitialState = random.below(2) == 0 ? .given : .zeros
            let gate: ResetGate = random.below(2) == 0 ? .before : .after
            let projectors = RecurrentProjectors(
                input: random.below(2) == 0 ? nil : 1 + random.below(channels),
                output: random.below(2) == 0 ? nil : 1 + random.below(units))
            let layers: [any IntegerLayer] = [
                LSTM(units: units, outputMode: mode, initialState: state, projectors: projectors),
                BiLSTM(units: units, outputMode: mode, initialState: state, projectors: projectors),
                GRU(units: units, outputMode: mode, initialState: state, resetGate: gate, projectors: projectors),
                BiGRU(units: units, outputMode: mode, initialState: state, resetGate: gate, projectors: projectors),
            ]
            return (layers[random.below(4)], [[channels, 1 + random.below(6)]])
        }
    }

    @Test(arguments: schemes) func `sums, products and poolings are the reference`(scheme: QuantizationScheme) throws {
        try compare(150, scheme) { random in
            let shape: Shape = [1 + random.below(5), 2 + random.below(6), 2 + random.below(30)]
            let other: Shape = random.below(2) == 0 ? shape : [shape[0]]
            let size = [1 + random.below(3), 1 + random.below(3)], stride = [1 + random.below(2), 1 + random.below(3)]
            switch random.below(7) {
            case 0: return (Add(), [shape, other, shape])
            case 1: return (Subtract(), random.below(2) == 0 ? [shape, other] : [other, shape])
            case 2: return (Multiply(), [other, shape])
            case 3: return (Multiply(), [shape, other, shape])
            case 4: return (MaxPooling2D(size: size, stride: stride, padding: .same), [shape])
            case 5: return (AveragePooling2D(size: size, stride: stride, padding: .same), [shape])
            default:
                let steps: Shape = [shape[0], shape[2]]
                return (AveragePooling1D(size: size[1], stride: stride[1], padding: .same), [steps])
            }
        }
    }

    // MARK: - Comparing

    /// Draws layers with integers and scales, and compares them with the reference; those that do not fit are skipped.
    private func compare(
        _ count: Int, _ scheme: QuantizationScheme,
        _ layer: (inout RandomStream) -> (layer: any IntegerLayer, inputs: [Shape])
    ) throws {
        var (compared, found) = (0, Set<Int8>())
        for seed in 0..<UInt64(count) {
            var random = RandomStream(seed: seed, name: "geometry")
            let (layer, inputs) = layer(&random)
            guard let output = try? layer.outputShape(of: inputs) else { continue }
            func quantization(_ exponents: ClosedRange<Int>) -> ActivationQuantization {
                let exponent = exponents.lowerBound + random.below(exponents.count)
                return scheme.scaling == .powerOfTwo
                    ? ActivationQuantization(scale: .exponent(Int8(exponent)), zeroPoint: 0)
                    : ActivationQuantization(
                        scale: .real(Float(sign: .plus, exponent: exponent, significand: 1 + random.uniform())),
                        zeroPoint: Int8(truncatingIfNeeded: Int(random.word())))
            }
            let activations = inputs.map { _ in quantization(-8 ... -4) }
            let place = IntegerPlace(
                node: Network.Node("layer", layer, inputs: inputs.indices.map(String.init)), inputShapes: inputs,
                outputShape: output, inputs: activations, output: quantization(-7 ... -1),
                clampsAtZero: random.below(4) == 0,
                tensors: tensors(of: layer, inputs: inputs, scheme, &random))
            let operation = try layer.integerOperation(in: place)
            let values = inputs.map { shape in
                (0..<shape.count).map { _ in Int8(truncatingIfNeeded: Int(random.word())) }
            }
            let expected = try #require(IntegerReference(place: place).output(values))
            let actual = operation.run(values)
            #expect(actual == expected, "seed \(seed): \(layer) of \(inputs)")
            compared += 1
            found.formUnion(actual)
        }
        #expect(compared > count / 2 && found.count > 100, "\(compared) layers gave \(found.count) integers")
    }

    /// Parameters of a layer drawn at random.
    private func tensors(
        of layer: any IntegerLayer, inputs: [Shape], _ scheme: QuantizationScheme, _ random: inout RandomStream
    ) -> [String: Tensor] {
        var tensors: [String: Tensor] = [:]
        for parameter in layer.integerParameters(inputs: inputs) {
            let count = parameter.shape.count
            guard parameter.form.hasScales else {
                let biases = (0..<count).map { _ in Int32(random.below(1 << 15)) - 1 << 14 }
                tensors[parameter.name] = Tensor(shape: parameter.shape, storage: .int32(biases))
                continue
            }
            let weights = (0..<count).map { _ in Int8(random.below(255) - 127) }
            tensors[parameter.name] = Tensor(shape: parameter.shape, storage: .int8(weights))
            let rows = scheme.granularity == .channel ? parameter.shape[0] : 1
            let exponents = (0..<rows).map { _ in Int8(random.below(4)) - 9 }
            tensors["\(parameter.name).\(scheme.scaling == .affine ? "scale" : "exponent")"] =
                scheme.scaling == .affine
                ? Tensor(exponents.map { Float(sign: .plus, exponent: Int($0), significand: 1 + random.uniform()) })
                : Tensor(shape: [rows], storage: .int8(exponents))
        }
        for specification in layer.parameters(inputs: inputs) where specification.role == .constant {
            tensors[specification.name] = Tensor(
                (0..<specification.shape.count).map { _ in 2 * random.uniform() - 1 }, shape: specification.shape)
        }
        for state in layer.carriedStates {
            tensors["\(state).exponent"] = Tensor(shape: [1], storage: .int8([Int8(random.below(5)) - 15]))
        }
        return tensors
    }
}
