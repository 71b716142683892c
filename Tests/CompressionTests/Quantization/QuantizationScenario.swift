import Compression
import Networks
import Tensors
import TestSupport

/// A network drawn at random, quantized without running it: the scales come from ``DirectLayer`` on a few examples.
struct QuantizationScenario {
    let prepared: Network
    let quantized: QuantizedNetwork
    let examples: [[Float]]

    /// - Parameter widening: The largest number of doublings by which a power-of-two scale is off, either way.
    init(seed: UInt64, scheme: QuantizationScheme, softmax: Bool = false, widening: Int = 0) throws {
        var random = RandomStream(seed: seed, name: "scenario")
        var network = try RandomNetworks.sequenceClassifier(seed: seed, isolatesBatchNormalization: true)
        if softmax {
            let last = network.outputs[0].name
            network = try Network(
                nodes: network.nodes + [Network.Node("softmax", Softmax(), inputs: [last])],
                parameters: network.parameters)
        }
        let prepared = Quantizer.prepare(network, steps: [.fold])
        let size = prepared.shape(of: prepared.inputs[0].name)?.count ?? 0
        let examples = (0..<4).map { _ in (0..<size).map { _ in 4 * random.uniform() - 2 } }
        try self.init(prepared, examples: examples, scheme: scheme) { exponent in
            exponent + (widening == 0 ? 0 : random.below(2 * widening + 1) - widening)
        }
    }

    init(
        _ prepared: Network, examples: [[Float]], scheme: QuantizationScheme,
        exponent: (Int) -> Int = { $0 }
    ) throws {
        let outputs = examples.map { DirectLayer.outputs(of: prepared, input: $0) }
        var activations: [String: ActivationQuantization] = [:]
        for layer in try ScaleSharing(of: prepared).calibrated.values.sorted() {
            let values = outputs.flatMap { $0[prepared.index(of: layer) ?? 0] }
            let (least, most) = (min(0, values.min() ?? 0), max(0, values.max() ?? 0))
            switch scheme.scaling {
            case .affine:
                let step = max(Float((most - least) / 255), 1e-6)
                activations[layer] = ActivationQuantization(
                    scale: .real(step), zeroPoint: Int8(max(-128, min(127, (-128 - least / Double(step)).rounded()))))
            case .powerOfTwo:
                var covering = -20
                while 127 * Double(sign: .plus, exponent: covering, significand: 1) < max(most, -least) {
                    covering += 1
                }
                activations[layer] = ActivationQuantization(
                    scale: .exponent(Int8(exponent(covering))), zeroPoint: 0)
            }
        }
        self.prepared = prepared
        self.examples = examples
        quantized = try QuantizedNetwork(rounding: prepared, activations: activations, scheme: scheme)
    }

    /// The stored parameters as the real numbers that they stand for.
    var realParameters: [String: [Double]] {
        var result: [String: [Double]] = [:]
        for node in quantized.structure.nodes {
            let steps = quantized.scales(of: "\(node.name).weights").map(\.step)
            guard let weights = quantized.tensors["\(node.name).weights"]?.int8s else { continue }
            let size = weights.count / steps.count
            result["\(node.name).weights"] = weights.indices.map { Double(weights[$0]) * steps[$0 / size] }
            let inputStep = quantized.activation(of: node.inputs[0]).step
            result["\(node.name).bias"] = quantized.tensors["\(node.name).bias"].map { bias in
                bias.int32s.enumerated().map { Double($1) * inputStep * steps[steps.count == 1 ? 0 : $0] }
            }
        }
        return result
    }

    /// For every node but the input, the real output that its integer inputs should have, and its integers.
    func comparisons(of input: [Int8]) throws -> [Comparison] {
        let network = quantized.structure
        let integers = try IntegerNetwork(quantized).activations(of: input)
        let parameters = realParameters
        return network.nodes.enumerated().filter { !$1.inputs.isEmpty }.map { index, node in
            let inputs = node.inputs.map { name in
                let quantization = quantized.activation(of: name)
                return integers[network.index(of: name) ?? 0].map { integer in
                    quantization.step * Double(Int(integer) - Int(quantization.zeroPoint))
                }
            }
            return Comparison(
                node: node,
                real: DirectLayer.output(of: node, in: network, inputs: inputs, parameters: parameters),
                integers: integers[index], quantization: quantized.activation(of: node.name),
                lowest: quantized.sharing.clampsAtZero(node.name)
                    ? Int(quantized.activation(of: node.name).zeroPoint) : -128)
        }
    }

    struct Comparison {
        let node: Network.Node
        let real: [Double]
        let integers: [Int8]
        let quantization: ActivationQuantization
        let lowest: Int

        /// The integers that the real outputs round to, halves up.
        var rounded: [Int] {
            real.map { value in
                let steps = (value / quantization.step + 0.5).rounded(.down)
                return max(lowest, min(127, Int(max(-1e6, min(1e6, steps))) + Int(quantization.zeroPoint)))
            }
        }

        /// The largest distance between the integers and the rounded outputs.
        var distance: Int { zip(rounded, integers).map { abs($0 - Int($1)) }.max() ?? 0 }
    }
}
