package import Networks

extension QuantizedNetwork {
    /// The float network with a ``Networks/Rounding`` wherever integers are stored: float arithmetic on the values that
    /// the integers stand for.
    ///
    /// Its activations are those of the integer network but for the few that arithmetic within a layer rounds to the
    /// other side. What a layer carries from step to step within itself stays real.
    ///
    /// - Parameter network: Of this structure, with its parameters on their grids.
    package func simulation(of network: Network) -> Network {
        let outputs = Set(network.outputs.map(\.name))
        var roundings: [String: String] = [:]
        var nodes: [Network.Node] = []
        for node in network.nodes {
            nodes.append(Network.Node(node.name, node.layer, inputs: node.inputs.map { roundings[$0] ?? $0 }))
            let isFixedOutput = sharing.fixed[node.name] != nil && outputs.contains(node.name)
            guard !sharing.clampsAtZero(node.name), !isFixedOutput else { continue }
            let activation = activation(of: node.name)
            var name = "\(node.name) rounded"
            while network.node(name) != nil { name += " again" }
            let zeroPoint = Int(activation.zeroPoint)
            nodes.append(
                Network.Node(
                    name, Rounding(step: Float(activation.step), bounds: -128 - zeroPoint...127 - zeroPoint),
                    inputs: [node.name]))
            roundings[node.name] = name
        }
        do {
            return try Network(nodes: nodes, parameters: network.parameters)
        } catch {
            preconditionFailure("roundings broke the network: \(error)")
        }
    }
}

extension Network {
    /// The nodes up to one, with their parameters.
    func prefix(through name: String) -> Network {
        let nodes = Array(nodes[...(index(of: name) ?? nodes.count - 1)])
        let names = Set(nodes.flatMap { specifications(of: $0).map(\.name) })
        do {
            return try Network(nodes: nodes, parameters: parameters.filter { names.contains($0.key) })
        } catch {
            preconditionFailure("a part of the network is none: \(error)")
        }
    }
}
