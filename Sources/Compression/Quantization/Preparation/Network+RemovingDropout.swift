package import Networks

extension Network {
    /// The network without its dropout layers, which do nothing outside training.
    package func removingDropout() -> Network {
        var network = self
        while let node = network.nodes.first(where: { $0.layer is Dropout }) {
            network = network.editing(removing: node)
        }
        return network
    }
}
