package import Networks
internal import Tensors

extension Network {
    /// The network with its layers projected as planned.
    ///
    /// A name that projection gives and that is taken, as by an earlier projection, gets a number.
    ///
    /// - Throws: ``CompressionError`` with code `invalidNetwork` if a projected layer lacks parameters.
    package func projected(
        by plan: ProjectionPlan, analysis: ProjectionAnalysis
    ) throws(CompressionError) -> Network {
        var nodes: [Node] = []
        var parameters = self.parameters
        // What consumers of a replaced layer read instead.
        var renamed: [String: String] = [:]
        var taken = Set(self.nodes.map(\.name))
        func free(_ name: String) -> String {
            var (free, number) = (name, 1)
            while !taken.insert(free).inserted {
                number += 1
                free = "\(name)_\(number)"
            }
            return free
        }
        for node in self.nodes {
            let inputs = node.inputs.map { renamed[$0] ?? $0 }
            let ranks = plan.layers.first { $0.name == node.name }?.ranks ?? .none
            guard ranks != .none, let layer = node.layer as? any Projectable,
                let components = analysis.layers.first(where: { $0.name == node.name })
            else {
                nodes.append(Node(node.name, node.layer, inputs: inputs, projectedFrom: node.projectedFrom))
                continue
            }
            var source = inputs
            for part in layer.projected(try projection(of: node, onto: ranks, of: components)) {
                let name = part.name == node.name ? part.name : free(part.name)
                nodes.append(Node(name, part.layer, inputs: source, projectedFrom: node.name))
                for (parameter, tensor) in part.parameters { parameters["\(name).\(parameter)"] = tensor }
                source = [name]
            }
            renamed[node.name] = source[0]
        }
        do {
            let kept = Set(try Network(nodes: nodes).specifications.map(\.name))
            return try Network(nodes: nodes, parameters: parameters.filter { kept.contains($0.key) })
        } catch {
            throw CompressionError(.invalidNetwork, "the projected network is not valid: \(error)")
        }
    }

    private func projection(
        of node: Node, onto ranks: ProjectionRanks, of components: ProjectionAnalysis.Layer
    ) throws(CompressionError) -> LayerProjection {
        var own: [String: Tensor] = [:]
        for (name, specification) in specifications(of: node) {
            guard let tensor = parameters[name] else {
                throw CompressionError(
                    .invalidNetwork, layer: node.name, "has no \(specification.name); train the network first")
            }
            own[specification.name] = tensor
        }
        return LayerProjection(
            name: node.name, ranks: ranks, parameters: own,
            input: ranks.input.flatMap { components.input?.subspaces(rank: $0).first },
            outputs: ranks.output.flatMap { components.output?.subspaces(rank: $0) } ?? [])
    }
}
