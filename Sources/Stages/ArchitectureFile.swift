internal import Diagnostics
internal import Documents
internal import Networks
internal import Recipes

/// The form of a YAML architecture: `layers`, a list of one layer kind each with its attributes.
///
/// ```yaml
/// version: 1
/// layers:
///   - sequenceInput: {name: input, channels: 1, steps: 200, normalization: zscore}
///   - convolution1d: {name: conv1d_1, filters: 16, filterSize: 3, padding: same}
///   - add: {name: sum, inputs: [conv1d_1, input]}      # inputs: the layer before it, unless said otherwise
/// ```
enum ArchitectureFile {
    static let schema = ObjectSchema([
        OptionSchema("version", .integer(1...1), .required, "format of this file"),
        OptionSchema(
            "layers", .list(of: .map(of: .map(of: .anything)), minimum: 1), .required,
            "one layer kind an item, with its attributes"),
    ])

    /// Reads an architecture.
    ///
    /// - Returns: The network without weights, or `nil` if there was a fault.
    static func read(_ file: SourceFile, into diagnostics: inout DiagnosticList) -> Network? {
        guard let checked = schema.read(file, name: "architecture", into: &diagnostics) else { return nil }
        var nodes: [Network.Node] = []
        var spans: [String: SourceSpan] = [:]
        var failed = false
        for (index, item) in (checked["layers"]?.elements ?? []).enumerated() {
            let span = checked.span(at: "layers.\(index)")
            guard let (kind, attributes) = item.members?.first, item.members?.count == 1 else {
                diagnostics.append(
                    Diagnostic(
                        .networkInvalid, "a layer has one kind; this item has \(item.members?.count ?? 0)", at: span,
                        help: ["write '- dense: {name: fc, outputs: 10}'"]))
                failed = true
                continue
            }
            let kinds = LayerKinds.all.map { $0.kind }
            guard kinds.contains(kind) else {
                diagnostics.append(
                    Diagnostic(
                        .networkInvalid, "unknown layer kind '\(kind)'",
                        at: checked.keySpan(at: "layers.\(index).\(kind)"),
                        help: Diagnostic.help(for: kind, known: kinds)))
                failed = true
                continue
            }
            if let name = attributes["name"]?.text, let first = spans[name] {
                diagnostics.append(
                    Diagnostic(
                        .networkInvalid, "two layers have the name '\(name)'", at: span,
                        help: ["give one of them a name of its own"],
                        notes: [Diagnostic.Note("the first one stands here", at: first)]))
                failed = true
                continue
            }
            do {
                let node = try node(kind: kind, attributes: attributes, previous: nodes.last?.name)
                spans[node.name] = span
                nodes.append(node)
            } catch {
                diagnostics.append(Diagnostic(.networkInvalid, "\(error)", at: span))
                failed = true
            }
        }
        guard !failed else { return nil }
        do {
            return try Network(nodes: nodes)
        } catch {
            let span = error.layer.flatMap { spans[$0] } ?? checked.span(at: "layers")
            diagnostics.append(Diagnostic(.networkInvalid, "\(error)", at: span))
            return nil
        }
    }

    private static func node(
        kind: String, attributes: JSONValue, previous: String?
    ) throws(NetworkError) -> Network.Node {
        var members = attributes.members ?? [:]
        guard let name = members.removeValue(forKey: "name")?.text else {
            throw NetworkError(.invalidAttribute, "a layer of kind '\(kind)' has no name")
        }
        let inputs = members.removeValue(forKey: "inputs")
        var read: [String: Attribute] = [:]
        for (key, value) in members.sorted(by: { $0.key < $1.key }) {
            guard let attribute = Attribute(value) else {
                throw NetworkError(
                    .invalidAttribute, layer: name, "attribute '\(key)' is no number, text or list of whole numbers")
            }
            read[key] = attribute
        }
        let layer: any Layer
        do {
            layer = try LayerKinds.layer(kind: kind, attributes: read)
        } catch {
            throw NetworkError(error.code, layer: name, error.message)
        }
        let names = inputs?.text.map { [$0] } ?? inputs?.elements?.compactMap(\.text)
        let isSource = layer.inputCount.upperBound == 0
        return Network.Node(name, layer, inputs: names ?? (isSource ? [] : previous.map { [$0] } ?? []))
    }
}

extension Attribute {
    /// A value of a YAML or JSON document as an attribute.
    fileprivate init?(_ value: JSONValue) {
        switch value {
        case .boolean(let flag): self = .boolean(flag)
        case .integer(let whole): self = .integer(whole)
        case .number(let number): self = .number(number)
        case .string(let text): self = .text(text)
        case .array(let elements) where elements.allSatisfy({ $0.whole != nil }):
            self = .integers(elements.compactMap(\.whole))
        default: return nil
        }
    }
}
