package import Networks
package import Tensors

/// A network in 8-bit integers, as a value: what a device would store.
///
/// `structure` is the prepared network without parameters. `tensors` holds everything else that inference needs, and
/// nothing that could be derived:
///
/// - `<layer>.weights` int8 and `<layer>.bias` int32, the bias in steps of input scale times weight scale;
/// - `<layer>.weights.scale` float32 or `<layer>.weights.exponent` int8, one for each filter or one for all;
/// - for each layer whose output has a scale of its own `<layer>.activation.scale` float32 with
///   `<layer>.activation.zeroPoint` int8, or `<layer>.activation.exponent` int8;
/// - `<input>.mean` and `<input>.deviation` float32.
package struct QuantizedNetwork: Sendable, Equatable {
    package let structure: Network
    package let scheme: QuantizationScheme
    package let tensors: [String: Tensor]
    package let sharing: ScaleSharing

    /// - Throws: ``CompressionError`` if a layer has no integer form, or a tensor is missing, unknown, of another shape
    ///   or type, or a scale is not above zero.
    package init(
        structure: Network, scheme: QuantizationScheme, tensors: [String: Tensor]
    ) throws(CompressionError) {
        self.structure = structure.architecture
        self.scheme = scheme
        self.tensors = tensors
        sharing = try ScaleSharing(of: structure)
        try check()
    }

    package static func == (left: QuantizedNetwork, right: QuantizedNetwork) -> Bool {
        left.structure == right.structure && left.scheme == right.scheme && left.tensors == right.tensors
    }
}

// MARK: - Bytes

extension QuantizedNetwork {
    /// Bytes of everything that inference needs, as stored.
    package var memoryBytes: Int { structure.nodes.map { memoryBytes(of: $0.name) }.reduce(0, +) }

    /// The part of ``memoryBytes`` that one layer stores.
    package func memoryBytes(of layer: String) -> Int {
        tensors.filter { $0.key.hasPrefix(layer + ".") }.values.map(\.byteCount).reduce(0, +)
    }
}

// MARK: - Scales

extension QuantizedNetwork {
    /// How the output of a layer stands in integers.
    package func activation(of layer: String) -> ActivationQuantization {
        let owner = sharing.owners[layer] ?? layer
        if let exponent = tensors["\(owner).activation.exponent"] {
            return ActivationQuantization(scale: .exponent(exponent.int8s[0]), zeroPoint: 0)
        }
        guard let scale = tensors["\(owner).activation.scale"],
            let zeroPoint = tensors["\(owner).activation.zeroPoint"]
        else { return .probabilities }
        return ActivationQuantization(scale: .real(scale.floats[0]), zeroPoint: zeroPoint.int8s[0])
    }

    /// One scale for each filter or one for all; none for a layer without weights.
    package func weightScales(of layer: String) -> [QuantizationScale] {
        if let exponents = tensors["\(layer).weights.exponent"] { return exponents.int8s.map { .exponent($0) } }
        return tensors["\(layer).weights.scale"]?.floats.map { .real($0) } ?? []
    }
}

// MARK: - What is stored

extension QuantizedNetwork {
    /// What one tensor must be.
    package struct StoredTensor: Hashable, Sendable {
        package let name: String
        package let shape: Shape
        package let elementType: ElementType

        init(_ name: String, _ shape: Shape, _ elementType: ElementType) {
            self.name = name
            self.shape = shape
            self.elementType = elementType
        }
    }

    /// Every tensor of a quantized network of the given structure, in the order of layers.
    package static func storedTensors(
        structure: Network, scheme: QuantizationScheme, sharing: ScaleSharing
    ) -> [StoredTensor] {
        structure.nodes.flatMap { node -> [StoredTensor] in
            var stored: [StoredTensor] = []
            for (name, specification) in structure.specifications(of: node) {
                switch (specification.role, specification.name) {
                case (.constant, _): stored.append(StoredTensor(name, specification.shape, .float32))
                case (_, "bias"): stored.append(StoredTensor(name, specification.shape, .int32))
                default:
                    stored.append(StoredTensor(name, specification.shape, .int8))
                    let count = scheme.granularity == .channel ? specification.shape[0] : 1
                    switch scheme.scaling {
                    case .affine: stored.append(StoredTensor("\(name).scale", [count], .float32))
                    case .powerOfTwo: stored.append(StoredTensor("\(name).exponent", [count], .int8))
                    }
                }
            }
            guard sharing.calibrated[node.name] != nil else { return stored }
            switch scheme.scaling {
            case .affine:
                stored.append(StoredTensor("\(node.name).activation.scale", [1], .float32))
                stored.append(StoredTensor("\(node.name).activation.zeroPoint", [1], .int8))
            case .powerOfTwo: stored.append(StoredTensor("\(node.name).activation.exponent", [1], .int8))
            }
            return stored
        }
    }

    private func check() throws(CompressionError) {
        let expected = Self.storedTensors(structure: structure, scheme: scheme, sharing: sharing)
        for stored in expected {
            guard let tensor = tensors[stored.name] else {
                throw CompressionError(.invalidNetwork, "the tensor '\(stored.name)' is missing")
            }
            guard tensor.shape == stored.shape, tensor.elementType == stored.elementType else {
                throw CompressionError(
                    .invalidNetwork,
                    "the tensor '\(stored.name)' is \(tensor.elementType.rawValue) \(tensor.shape); "
                        + "expected \(stored.elementType.rawValue) \(stored.shape)")
            }
            if stored.name.hasSuffix(".scale"),
                let scale = tensor.floats.first(where: { !($0.isFinite && $0 > 0) })
            {
                throw CompressionError(
                    .invalidNetwork, "the tensor '\(stored.name)' holds \(scale); expected a number above zero")
            }
        }
        let known = Set(expected.map(\.name))
        if let unknown = tensors.keys.sorted().first(where: { !known.contains($0) }) {
            throw CompressionError(.invalidNetwork, "no layer has a tensor '\(unknown)'")
        }
    }
}
