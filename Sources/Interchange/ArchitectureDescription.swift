package import Networks

/// The layers of a network as they are written: in the header of a network file and in a YAML architecture.
///
/// ```json
/// {"layers": [{"name": "input", "kind": "sequenceInput", "attributes": {"channels": 1, "steps": 200}},
///             {"name": "fc", "kind": "dense", "inputs": ["input"], "attributes": {"outputs": 2}}]}
/// ```
package struct ArchitectureDescription: Hashable, Sendable, Codable {
    package struct LayerDescription: Hashable, Sendable {
        package var name: String
        package var kind: String
        /// The layers it reads; without a value the one before it, if there is one.
        package var inputs: [String]?
        package var attributes: [String: Attribute]
        /// The layer that projection replaced by this one and its neighbours.
        package var projectedFrom: String?

        package init(
            name: String, kind: String, inputs: [String]? = nil, attributes: [String: Attribute] = [:],
            projectedFrom: String? = nil
        ) {
            self.name = name
            self.kind = kind
            self.inputs = inputs
            self.attributes = attributes
            self.projectedFrom = projectedFrom
        }
    }

    package var layers: [LayerDescription]

    package init(layers: [LayerDescription]) { self.layers = layers }
}

// MARK: - Networks

extension ArchitectureDescription {
    /// Describes the layers of a network; its parameters are left out.
    package init(_ network: Network) {
        layers = network.nodes.map { node in
            LayerDescription(
                name: node.name, kind: node.layer.kind, inputs: node.inputs, attributes: node.layer.attributes,
                projectedFrom: node.projectedFrom)
        }
    }

    /// The network without parameters.
    ///
    /// - Throws: `NetworkError` that names the layer, for an unknown kind, a wrong attribute or a graph that does not fit.
    package func network() throws(NetworkError) -> Network {
        var nodes: [Network.Node] = []
        for (index, description) in layers.enumerated() {
            let layer: any Layer
            do {
                layer = try LayerKinds.layer(kind: description.kind, attributes: description.attributes)
            } catch {
                throw NetworkError(error.code, layer: description.name, error.message)
            }
            let previous = index > 0 ? [layers[index - 1].name] : []
            let inputs = description.inputs ?? (layer.inputCount.upperBound == 0 ? [] : previous)
            nodes.append(
                Network.Node(description.name, layer, inputs: inputs, projectedFrom: description.projectedFrom))
        }
        return try Network(nodes: nodes)
    }
}

// MARK: - Coding

extension ArchitectureDescription.LayerDescription: Codable {
    private enum CodingKeys: String, CodingKey {
        case name
        case kind
        case inputs
        case attributes
        case projectedFrom
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        name = try container.decode(String.self, forKey: .name)
        kind = try container.decode(String.self, forKey: .kind)
        inputs = try container.decodeIfPresent([String].self, forKey: .inputs)
        attributes = try container.decodeIfPresent([String: Attribute].self, forKey: .attributes) ?? [:]
        projectedFrom = try container.decodeIfPresent(String.self, forKey: .projectedFrom)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(name, forKey: .name)
        try container.encode(kind, forKey: .kind)
        try container.encodeIfPresent(inputs, forKey: .inputs)
        if !attributes.isEmpty { try container.encode(attributes, forKey: .attributes) }
        try container.encodeIfPresent(projectedFrom, forKey: .projectedFrom)
    }
}

extension Attribute: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let value = try? container.decode(Bool.self) {
            self = .boolean(value)
        } else if let value = try? container.decode(Int.self) {
            self = .integer(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode(String.self) {
            self = .text(value)
        } else {
            self = .integers(try container.decode([Int].self))
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .boolean(let value): try container.encode(value)
        case .integer(let value): try container.encode(value)
        case .number(let value): try container.encode(value)
        case .text(let value): try container.encode(value)
        case .integers(let values): try container.encode(values)
        }
    }
}
