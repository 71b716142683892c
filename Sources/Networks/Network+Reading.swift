internal import Tensors

extension Network {
    /// The same network for sequences of another length, at most the one that it reads: it computes of a sequence what
    /// it computes of it among longer ones, where padding follows it.
    ///
    /// - Throws: ``NetworkError`` for a layer that cannot follow sequences of unequal length, or is left no step.
    package func reading(steps: Int) throws(NetworkError) -> Network {
        let valid = try validSteps(ofInput: steps)
        var nodes = nodes
        for index in nodes.indices {
            let inputs = nodes[index].inputs.compactMap(self.index(of:))
            let whole = inputs.first.map { shapes[$0] } ?? []
            guard let output = valid[index] else { continue }
            /// `same` pads by the length, where a window is not moved by one, and so keeps to the whole length.
            func padding(_ padding: Padding, window: Int, stride: Int, dilation: Int) -> Padding {
                guard padding == .same, stride > 1, let input = inputs.first.flatMap({ valid[$0] }) else {
                    return padding
                }
                let before = padding.amounts(
                    axis: 0, input: whole[1], window: window, stride: stride, dilation: dilation
                ).before
                let end = (output - 1) * stride + dilation * (window - 1) + 1
                return .explicit([before, max(0, end - input - before)])
            }
            switch nodes[index].layer {
            case var layer as SequenceInput:
                layer.steps = steps
                nodes[index].layer = layer
            case var layer as Convolution1D:
                layer.padding = padding(
                    layer.padding, window: layer.filterSize, stride: layer.stride, dilation: layer.dilation)
                nodes[index].layer = layer
            case let layer as any Pooling1D:
                nodes[index].layer = type(of: layer).init(
                    size: layer.size, stride: layer.stride,
                    padding: padding(layer.padding, window: layer.size, stride: layer.stride, dilation: 1))
            case var layer as Slice where layer.axis == .steps:
                layer.length = output
                nodes[index].layer = layer
            case var layer as Reshape:
                layer.positions = [output]
                nodes[index].layer = layer
            default: break
            }
        }
        return try Network(nodes: nodes, parameters: parameters)
    }
}
