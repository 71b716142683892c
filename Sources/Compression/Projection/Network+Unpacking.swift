package import Networks

extension Network {
    /// Whether a layer is a part of a projected one.
    package var isProjected: Bool { nodes.contains { $0.projectedFrom != nil } }

    /// The same network with the layers that projection made as plain layers: equal outputs, open to every technique.
    ///
    /// A projected recurrent layer becomes one that happens to have projectors.
    package var unpacked: Network {
        let plain = nodes.map { Node($0.name, $0.layer, inputs: $0.inputs) }
        do {
            return try Network(nodes: plain, parameters: parameters)
        } catch {
            preconditionFailure("unpacking broke the network: \(error)")
        }
    }

    /// - Throws: ``CompressionError`` with code `notApplicable` if a layer is a part of a projected one.
    func requireUnpacked() throws(CompressionError) {
        guard let node = nodes.first(where: { $0.projectedFrom != nil }), let layer = node.projectedFrom else { return }
        throw CompressionError(
            .notApplicable, layer: node.name,
            "is a part of the projection of '\(layer)'; unpack the network first (stage 'unpack', "
                + "or 'UnpackProjectedLayers: true' where it was projected)")
    }
}
