internal import Networks
internal import Tensors

/// The float edge of an integer network: sensor values are normalized and rounded, both in float32.
struct InputQuantization: Sendable {
    let shape: Shape
    private let quantization: ActivationQuantization
    /// What is taken from each channel, and what it is divided by.
    private let centres: [Float]
    private let extents: [Float]

    init(of network: QuantizedNetwork) {
        let node = network.structure.inputs[0]
        shape = network.structure.shape(of: node.name) ?? []
        quantization = network.activation(of: node.name)
        func constant(_ name: InputNormalization.Constant) -> [Float] {
            network.tensors["\(node.name).\(name.rawValue)"]?.floats ?? []
        }
        let channels = shape.dimensions.first ?? 0
        switch (node.layer as? any InputLayer)?.normalization ?? .none {
        case .none:
            (centres, extents) = (Array(repeating: 0, count: channels), Array(repeating: 1, count: channels))
        case .zerocenter: (centres, extents) = (constant(.mean), Array(repeating: 1, count: channels))
        case .zscore: (centres, extents) = (constant(.mean), constant(.deviation))
        case .rescaleZeroOne:
            let extents = zip(constant(.minimum), constant(.maximum)).map { $1 - $0 }
            (centres, self.extents) = (constant(.minimum), extents.map { $0 > 0 ? $0 : 1 })
        case .rescaleSymmetric:
            let extents = zip(constant(.minimum), constant(.maximum)).map { $1 / 2 - $0 / 2 }
            centres = zip(constant(.minimum), extents).map { $0 + $1 }
            self.extents = extents.map { $0 > 0 ? $0 : 1 }
        }
    }

    /// The integers of one example, as many steps of each channel as are valid.
    ///
    /// - Parameter steps: The length of a sequence that is shorter than the network reads; `nil` for a whole example.
    func callAsFunction(_ example: ArraySlice<Float>, steps: Int? = nil) -> [Int8] {
        let positions = shape.count / max(1, centres.count)
        let valid = steps ?? positions
        var integers: [Int8] = []
        integers.reserveCapacity(centres.count * valid)
        for channel in centres.indices {
            let start = example.startIndex + channel * positions
            for value in example[start..<start + valid] {
                integers.append(quantization.quantize((value - centres[channel]) / extents[channel]))
            }
        }
        return integers
    }
}
