package import Networks
internal import Tensors

/// What one kind of layer supports, in the words of the page of all layers; found from the kind itself.
package struct LayerSupport: Hashable, Sendable {
    /// Whether it loses filters, or only follows the layers before it.
    package let prune: String
    /// Whether it can be projected; empty for a layer without learnables.
    package let project: String
    package let int8: String

    /// - Precondition: ``samples`` has a value for every attribute that the kind cannot do without.
    package init(of kind: any Layer.Type) {
        var reader = AttributeReader(Self.samples)
        guard let layer = try? kind.init(reading: &reader) else {
            preconditionFailure("the samples do not make a layer of kind '\(kind.kind)'")
        }
        let shapes: [Shape] = [[4, 8, 8], [4, 8], [4]]
        let inputs =
            shapes.map { Array(repeating: $0, count: layer.inputCount.lowerBound) }
            .first { (try? layer.outputShape(of: $0)) != nil } ?? []
        prune = Self.pruning(layer, inputs)
        let learns = layer.parameters(inputs: inputs).contains { $0.role == .learnable }
        project = layer.reasonAgainstProjection.map { learns ? "no: \($0)" : "" } ?? "yes"
        int8 = layer is any IntegerLayer ? "yes" : "no"
    }

    /// Values of attributes that must be there.
    private static let samples: [String: Attribute] = [
        "channels": 4, "steps": 8, "height": 8, "width": 8, "filters": 4, "filterSize": 1, "outputs": 4, "units": 4,
        "size": 1, "groups": 1, "length": 2, "amounts": .integers([0, 0]), "positions": 8,
    ]

    private static func pruning(_ layer: any Layer, _ inputs: [Shape]) -> String {
        guard layer.inputCount.upperBound > 0 else { return "no: the interface stays" }
        switch layer.filterKind {
        case .convolution: return "yes"
        case .dense: return "its units, with `prunable: [dense]`"
        case nil: break
        }
        var flow = ChannelFlow()
        let channels = inputs.map { flow.make($0[0]) }
        let outputs = layer.flow(of: channels, output: (try? layer.outputShape(of: inputs)) ?? [], in: &flow)
        func stay(_ channels: [ChannelFlow.Channel]) -> Bool {
            channels.contains { flow.isPinned(flow.group(of: $0)) }
        }
        if stay(channels.flatMap { $0 }) { return "no: what it reads stays" }
        return stay(outputs) ? "what it reads may go, its own channels stay" : "follows the layers before it"
    }
}
