/// What can be wrong with a network: its description, its shapes, its parameters, or a layer that cannot run.
package struct NetworkError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Code: String, Hashable, Sendable {
        case invalidAttribute = "invalid-attribute"
        case unknownLayerKind = "unknown-layer-kind"
        case invalidGraph = "invalid-graph"
        case shapeMismatch = "shape-mismatch"
        case missingParameter = "missing-parameter"
        case notComputable = "not-computable"
    }

    package let code: Code
    package let message: String
    /// The layer at fault, if it is one layer's.
    package let layer: String?

    package init(_ code: Code, layer: String? = nil, _ message: String) {
        self.code = code
        self.layer = layer
        self.message = message
    }

    package var description: String {
        if let layer { "layer '\(layer)': \(message)" } else { message }
    }

    /// The same error, said of a layer.
    func of(_ layer: String) -> NetworkError { NetworkError(code, layer: self.layer ?? layer, message) }
}
