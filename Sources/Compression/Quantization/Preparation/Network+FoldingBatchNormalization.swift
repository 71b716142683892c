package import Networks
internal import Tensors

extension Network {
    /// The network without batch normalization, as it computes in inference: `y = factor * x + offset` for each channel
    /// goes into the weights and biases of the layer before it, or of the layers after it.
    ///
    /// Before it must stand a convolution or dense layer that nothing else reads. Else all layers that read it must be
    /// dense, or convolutions without padding: a padded border is zero, not the offset. Where neither is so, it stays.
    package func foldingBatchNormalization() -> Network {
        var network = self
        for name in nodes.filter({ $0.layer is BatchNormalization }).map(\.name) {
            guard let node = network.node(name) else { continue }
            let affine = network.affineForm(of: node)
            network = network.foldingBackward(node, affine) ?? network.foldingForward(node, affine) ?? network
        }
        return network
    }
}

// MARK: - The two ways

extension Network {
    private func affineForm(of node: Node) -> AffineForm {
        AffineForm(
            scale: elements("\(node.name).scale"), offset: elements("\(node.name).offset"),
            mean: elements("\(node.name).mean"), variance: elements("\(node.name).variance"),
            epsilon: (node.layer as? BatchNormalization)?.epsilon ?? 0)
    }

    /// `W' = factor W`, `b' = factor b + offset`, in the layer before.
    private func foldingBackward(_ node: Node, _ affine: AffineForm) -> Network? {
        guard let producer = self.node(node.inputs[0]), let layer = producer.layer.withBias,
            consumers(of: producer.name).count == 1, let weights = parameters["\(producer.name).weights"]
        else { return nil }
        let size = weights.shape.count / weights.shape[0]
        let elements = weights.floats.enumerated().map { Float(Double($1) * affine.factors[$0 / size]) }
        let bias = self.elements("\(producer.name).bias")
        let biases = affine.factors.indices.map { filter in
            Float(affine.factors[filter] * Double(bias.isEmpty ? 0 : bias[filter]) + affine.offsets[filter])
        }
        return editing(
            removing: node, layers: [producer.name: layer],
            parameters: [
                "\(producer.name).weights": Tensor(elements, shape: weights.shape),
                "\(producer.name).bias": Tensor(biases),
            ])
    }

    /// `W' = W factor`, `b' = b + W offset`, summed over the taps, in the layers after.
    private func foldingForward(_ node: Node, _ affine: AffineForm) -> Network? {
        let readers = consumers(of: node.name)
        guard !readers.isEmpty else { return nil }
        var (layers, changes): ([String: any Layer], [String: Tensor]) = ([:], [:])
        for reader in readers {
            guard !reader.layer.readsBorders(of: inputShapes(of: reader)), let layer = reader.layer.withBias,
                let weights = parameters["\(reader.name).weights"]
            else { return nil }
            let size = weights.shape.count / weights.shape[0]
            let read = reader.layer.readChannels(weights: weights.shape, of: affine.factors.count)
            let bias = elements("\(reader.name).bias")
            var biases = (0..<weights.shape[0]).map { Double(bias.isEmpty ? 0 : bias[$0]) }
            let elements = weights.floats.enumerated().map { index, weight in
                let channel = read(index)
                biases[index / size] += Double(weight) * affine.offsets[channel]
                return Float(Double(weight) * affine.factors[channel])
            }
            layers[reader.name] = layer
            changes["\(reader.name).weights"] = Tensor(elements, shape: weights.shape)
            changes["\(reader.name).bias"] = Tensor(biases.map { Float($0) })
        }
        return editing(removing: node, layers: layers, parameters: changes)
    }
}

extension Layer {
    /// The same convolution or dense layer with a bias; `nil` for any other layer.
    fileprivate var withBias: (any Layer)? {
        switch self {
        case var layer as any ConvolutionLayer:
            layer.hasBias = true
            return layer
        case var layer as Dense:
            layer.hasBias = true
            return layer
        default: return nil
        }
    }

    /// Which channel of the input an element of the weights multiplies.
    ///
    /// - Parameters:
    ///   - weights: The shape, filters or units first.
    ///   - channels: Those of the input; a dense layer may read each at several positions in a row.
    func readChannels(weights: Shape, of channels: Int) -> (Int) -> Int {
        let groups = (self as? any ConvolutionLayer)?.groups ?? 1
        let (size, filters, block) = (weights.count / weights[0], weights[0] / groups, channels / groups)
        return { index in index / size / filters * block + index % size / (size / block) }
    }

    /// Whether not every output reads every weight of its filter times a channel: convolutions that read zeros beyond
    /// their input, and transposed ones.
    fileprivate func readsBorders(of inputs: [Shape]) -> Bool {
        func pads(_ padding: Padding, _ window: [Int], _ stride: [Int], _ dilation: [Int]) -> Bool {
            window.indices.contains { axis in
                let (before, after) = padding.amounts(
                    axis: axis, input: inputs[0][axis + 1], window: window[axis], stride: stride[axis],
                    dilation: dilation[axis])
                return before > 0 || after > 0
            }
        }
        switch self {
        case let layer as Convolution1D:
            return pads(layer.padding, layer.window, [layer.stride], [layer.dilation])
        case let layer as Convolution2D:
            return pads(layer.padding, layer.window, layer.stride, layer.dilation)
        default: return self is any ConvolutionLayer
        }
    }
}
