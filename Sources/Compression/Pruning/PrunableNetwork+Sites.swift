package import Networks

/// Where a channel is judged.
///
/// A channel is made by some layer, passes normalizations, activations, poolings, sums and concatenations, and ends where
/// a layer weighs it against others: a convolution, a dense or a recurrent layer. What such layers read are the sites.
/// Setting a channel to zero at every site is the same as removing it, whatever the graph: in a residual network the
/// sites of a sum's channels are behind the activations that follow the additions, in a dense one behind the
/// normalization and activation of each reader. Layer and group normalization alone tell the two apart, as they
/// normalize what is left.
extension PrunableNetwork {
    /// The nodes at whose outputs removable channels are judged, in the order of the network.
    ///
    /// Pooling, flattening and other changes of the positions in front of a reader are left out, and so is dropout: they
    /// map zero to zero, and the sum of activation times gradient is the same before and after them.
    package var sites: [Network.Node] {
        let removable = Set(groups.map(\.id))
        let sources = network.nodes.filter(weighsChannels).flatMap(\.inputs).map(beforePositionsChange)
        let names = Set(sources.filter { !removable.isDisjoint(with: channels.groups(of: $0)) })
        return network.nodes.filter { names.contains($0.name) }
    }

    /// The batch normalizations that removable channels pass, in the order of the network.
    var batchNormalizations: [Network.Node] {
        let removable = Set(groups.map(\.id))
        return network.nodes.filter {
            $0.layer is BatchNormalization && !removable.isDisjoint(with: channels.groups(of: $0.name))
        }
    }

    /// The layers whose filters are in a group and have weights, in the order of the network.
    package var filterLayers: [Network.Node] {
        let names = Set(groups.flatMap { $0.filters.map(\.layer) })
        return network.nodes.filter { names.contains($0.name) && $0.layer.filterKind != nil }
    }

    /// Whether a layer makes its channels of weighted sums of those it reads; a depthwise convolution does not.
    private func weighsChannels(_ node: Network.Node) -> Bool {
        let axes = network.specifications(of: node).flatMap(\.specification.axes)
        return (axes.contains(.inputChannels) || axes.contains(.inputChannelsOfGroup)) && channels.areMade(by: node)
    }

    private func beforePositionsChange(_ name: String) -> String {
        guard let node = network.node(name), node.inputs.count == 1,
            node.layer is Dropout || network.shape(of: name) != network.shape(of: node.inputs[0]),
            network.specifications(of: node).isEmpty
        else { return name }
        return beforePositionsChange(node.inputs[0])
    }
}
