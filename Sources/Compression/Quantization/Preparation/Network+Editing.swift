internal import Networks
internal import Tensors

extension Network {
    /// The same network with some layers replaced and some left out: whoever read a layer that is left out reads what
    /// that layer read.
    ///
    /// - Parameters:
    ///   - removed: A layer with one input; its parameters go with it.
    ///   - layers: New layers for nodes, by name.
    ///   - changes: New parameters, by full name.
    func editing(
        removing removed: Node? = nil, layers: [String: any Layer] = [:], parameters changes: [String: Tensor] = [:]
    ) -> Network {
        let kept = nodes.filter { $0.name != removed?.name }.map { node in
            var copy = node
            if let layer = layers[node.name] { copy.layer = layer }
            if let removed { copy.inputs = node.inputs.map { $0 == removed.name ? removed.inputs[0] : $0 } }
            return copy
        }
        let gone = Set(removed.map { specifications(of: $0).map(\.name) } ?? [])
        let left = parameters.filter { !gone.contains($0.key) }.merging(changes) { $1 }
        do {
            return try Network(nodes: kept, parameters: left)
        } catch {
            preconditionFailure("an edit broke the network: \(error)")
        }
    }

    /// The elements of a parameter; empty if the network lacks it.
    func elements(_ name: String) -> [Float] { parameters[name]?.floats ?? [] }
}
