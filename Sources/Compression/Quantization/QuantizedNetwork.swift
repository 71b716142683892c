package import Networks
package import Tensors

/// A network in 8-bit integers, as a value: what a device would store.
///
/// `structure` is the prepared network without parameters. `tensors` holds everything else that inference needs, and
/// nothing that could be derived:
///
/// - for each ``IntegerParameter`` of a layer `<layer>.<parameter>`, int8 or int32, such as `conv.weights`, `conv.bias`;
/// - for those that are int8 `<layer>.<parameter>.scale` float32 or `<layer>.<parameter>.exponent` int8, one for each
///   row or one for all;
/// - for each layer whose output has a scale of its own `<layer>.activation.scale` float32 with
///   `<layer>.activation.zeroPoint` int8, or `<layer>.activation.exponent` int8;
/// - for each state that a layer carries in int16 `<layer>.<state>.exponent` int8;
/// - the constants of layers, such as `<input>.mean`, and all parameters of layers that are kept in float, float32.
package struct QuantizedNetwork: Sendable, Equatable {
    package let structure: Network
    package let scheme: QuantizationScheme
    package let tensors: [String: Tensor]
    package let sharing: ScaleSharing

    /// - Parameter keepFloat: The names of layers that compute in float32.
    /// - Throws: ``CompressionError`` if a layer has no integer form, or a tensor is missing, unknown, of another shape
    ///   or type, or a scale is not above zero.
    package init(
        structure: Network, scheme: QuantizationScheme, tensors: [String: Tensor], keepFloat: Set<String> = []
    ) throws(CompressionError) {
        self.structure = structure.architecture
        self.scheme = scheme
        self.tensors = tensors
        sharing = try ScaleSharing(of: structure, keepFloat: keepFloat)
        try check()
    }

    package static func == (left: QuantizedNetwork, right: QuantizedNetwork) -> Bool {
        left.structure == right.structure && left.scheme == right.scheme && left.tensors == right.tensors
            && left.sharing == right.sharing
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
        if let fixed = sharing.fixed[owner] { return fixed }
        guard let scale = QuantizationScale.stored(of: "\(owner).activation", in: tensors).first else {
            preconditionFailure("no layer has the name '\(layer)'")
        }
        return ActivationQuantization(
            scale: scale, zeroPoint: tensors["\(owner).activation.zeroPoint"]?.int8s[0] ?? 0)
    }

    /// The scales of a parameter by its full name: one for each row or one for all; none if it has no scale of its own.
    package func scales(of parameter: String) -> [QuantizationScale] {
        QuantizationScale.stored(of: parameter, in: tensors)
    }

    /// Whether a layer computes in float32.
    package func isFloat(_ layer: String) -> Bool { sharing.keepFloat.contains(layer) }

    /// The stored tensors of a layer without its name in front.
    func tensors(of layer: String) -> [String: Tensor] {
        tensors.reduce(into: [:]) { result, entry in
            if entry.key.hasPrefix("\(layer).") { result[String(entry.key.dropFirst(layer.count + 1))] = entry.value }
        }
    }
}

// MARK: - What is stored

extension QuantizedNetwork {
    /// What one tensor must be.
    package struct StoredTensor: Hashable, Sendable {
        package let name: String
        package let shape: Shape
        package let elementType: ElementType
        /// Whether it holds real sizes of integer steps, which are above zero.
        let isScale: Bool

        init(_ name: String, _ shape: Shape, _ elementType: ElementType, isScale: Bool = false) {
            self.name = name
            self.shape = shape
            self.elementType = elementType
            self.isScale = isScale
        }
    }

    /// Every tensor of a quantized network of the given structure, in the order of layers.
    package static func storedTensors(
        structure: Network, scheme: QuantizationScheme, sharing: ScaleSharing
    ) -> [StoredTensor] {
        structure.nodes.flatMap { node -> [StoredTensor] in
            let specifications = structure.specifications(of: node)
            var stored: [StoredTensor] = []
            func append(scales count: Int, of name: String, zeroPoint: Bool) {
                switch scheme.scaling {
                case .affine:
                    stored.append(StoredTensor("\(name).scale", [count], .float32, isScale: true))
                    if zeroPoint { stored.append(StoredTensor("\(name).zeroPoint", [1], .int8)) }
                case .powerOfTwo: stored.append(StoredTensor("\(name).exponent", [count], .int8))
                }
            }
            if let layer = sharing.integerLayer(of: node) {
                for parameter in layer.integerParameters(inputs: structure.inputShapes(of: node)) {
                    let name = "\(node.name).\(parameter.name)"
                    stored.append(StoredTensor(name, parameter.shape, parameter.elementType))
                    guard parameter.form.hasScales else { continue }
                    let isEach = parameter.form == .factors || scheme.granularity == .channel
                    append(scales: isEach ? parameter.shape[0] : 1, of: name, zeroPoint: false)
                }
                for state in layer.carriedStates {
                    stored.append(StoredTensor("\(node.name).\(state).exponent", [1], .int8))
                }
            }
            for (name, specification) in specifications
            where specification.role == .constant || sharing.keepFloat.contains(node.name) {
                stored.append(StoredTensor(name, specification.shape, .float32))
            }
            if sharing.calibrated[node.name] != nil {
                append(scales: 1, of: "\(node.name).activation", zeroPoint: true)
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
            if stored.isScale, let scale = tensor.floats.first(where: { !($0.isFinite && $0 > 0) }) {
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
