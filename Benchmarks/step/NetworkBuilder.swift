internal import Networks

/// Puts layers one after the other.
struct NetworkBuilder {
    private(set) var nodes: [Network.Node] = []

    /// The name of the last layer.
    var last: String { nodes.last?.name ?? "" }

    /// Adds a layer that reads the given ones, otherwise the last; returns its name.
    @discardableResult
    mutating func append(_ layer: some Layer, reading inputs: [String]? = nil) -> String {
        let name = "\(type(of: layer).kind)\(nodes.count)"
        nodes.append(Network.Node(name, layer, inputs: inputs ?? (nodes.isEmpty ? [] : [last])))
        return name
    }
}
