package import Networks

extension PrunableNetwork {
    /// Every layer whose filters are in a group, in the order of the network.
    package var scoredLayers: [Network.Node] {
        let names = Set(groups.flatMap { $0.filters.map(\.layer) })
        return network.nodes.filter { names.contains($0.name) }
    }

    /// The nodes that a layer's channels pass one after the other and unmixed, the layer itself first.
    ///
    /// The chain ends where a channel has several readers, or a reader that mixes it with others.
    func chain(from layer: String) -> [Network.Node] {
        guard let first = network.node(layer) else { return [] }
        var chain = [first]
        while let last = chain.last {
            let readers = network.consumers(of: last.name)
            guard readers.count == 1, readers[0].inputs.count == 1,
                channels.channels[readers[0].name] == channels.channels[last.name]
            else { break }
            chain.append(readers[0])
        }
        return chain
    }

    /// The node whose output is what a layer's filters are to the rest of the network: behind batch normalization and
    /// activation, before pooling.
    ///
    /// Setting a channel to zero there is the same as removing it. Pooling at the end of the chain is left out: it maps
    /// zero to zero, and the mean over positions is one over the positions of the layer. So is dropout, which would
    /// otherwise hide pooling before it and change the score, though it does nothing in inference.
    package func activation(of layer: String) -> String {
        var chain = chain(from: layer)
        while chain.count > 1, let last = chain.last,
            last.layer is Dropout
                || network.shape(of: last.name) != network.shape(of: chain[chain.count - 2].name)
        {
            chain.removeLast()
        }
        return chain.last?.name ?? layer
    }

    /// The batch normalization that a layer's channels pass first.
    func batchNormalization(after layer: String) -> String? {
        chain(from: layer).first { $0.layer is BatchNormalization }?.name
    }
}
