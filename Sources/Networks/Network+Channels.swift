internal import Tensors

/// The channels at the output of every node of a network, and the groups they form.
package struct NetworkChannels: Sendable {
    package let flow: ChannelFlow
    /// The channels of each node's output along its channel axis, by node name.
    package let channels: [String: [ChannelFlow.Channel]]

    package init(of network: Network) {
        var flow = ChannelFlow()
        var channels: [String: [ChannelFlow.Channel]] = [:]
        for (node, shape) in zip(network.nodes, network.shapes) {
            let inputs = node.inputs.compactMap { channels[$0] }
            channels[node.name] = node.layer.flow(of: inputs, output: shape, in: &flow)
            if inputs.isEmpty { flow.pin(channels[node.name] ?? []) }
        }
        for node in network.outputs { flow.pin(channels[node.name] ?? []) }
        self.flow = flow
        self.channels = channels
    }

    /// Whether a node's channels are its own: none of them is one that it reads.
    package func areMade(by node: Network.Node) -> Bool {
        let incoming = Set(node.inputs.flatMap { channels[$0] ?? [] })
        return incoming.isDisjoint(with: channels[node.name] ?? [])
    }

    /// The group of each channel at a node's output.
    package func groups(of name: String) -> [ChannelFlow.Group] {
        (channels[name] ?? []).map(flow.group(of:))
    }
}

// MARK: - Slicing

extension Network {
    /// The smaller network without the given groups of channels: every layer, learnable and state that they pass
    /// through is sliced; the interface stays.
    ///
    /// - Precondition: no group is pinned and every layer keeps a channel.
    package func removing(_ groups: Set<ChannelFlow.Group>, channels: NetworkChannels) -> Network {
        var kept: [String: [Int]] = [:]
        var sliced: [Node] = []
        var tensors: [String: Tensor] = [:]
        for node in nodes {
            let all = channels.groups(of: node.name)
            let outputs = all.indices.filter { !groups.contains(all[$0]) }
            let inputs = node.inputs.map { kept[$0] ?? [] }
            kept[node.name] = outputs
            var copy = node
            copy.layer = node.layer.keeping(inputs: inputs, outputs: outputs)
            sliced.append(copy)
            for (name, specification) in specifications(of: node) {
                guard var tensor = parameters[name] else { continue }
                for (axis, meaning) in specification.axes.enumerated() {
                    switch meaning {
                    case .outputChannels: tensor = tensor.keeping(outputs, axis: axis)
                    case .inputChannels: tensor = tensor.keeping(inputs[0], axis: axis)
                    case .inputChannelsOfGroup:
                        // Blocks lose the same members, or (depthwise) a whole block goes: the first left speaks for all.
                        let size = specification.shape[axis]
                        let block = (inputs[0].first ?? 0) / size
                        tensor = tensor.keeping(
                            inputs[0].filter { $0 / size == block }.map { $0 % size }, axis: axis)
                    case .positions: break
                    }
                }
                tensors[name] = tensor
            }
        }
        do {
            return try Network(nodes: sliced, parameters: tensors)
        } catch {
            preconditionFailure("slicing broke the network: \(error)")
        }
    }
}
