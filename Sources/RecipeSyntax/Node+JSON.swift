package import Diagnostics
package import Documents

extension Node {
    /// The value without its places: for free content, such as the values of a sweep.
    ///
    /// A number that is not finite and an invalid node give `null`.
    package var json: JSONValue {
        switch content {
        case .invalid: .null
        case .sequence(let items): .array(items.map(\.json))
        case .mapping(let pairs):
            .object(Dictionary(pairs.map { ($0.key, $0.value.json) }, uniquingKeysWith: { first, _ in first }))
        case .scalar(let scalar):
            switch scalar.value {
            case .null: .null
            case .boolean(let value): .boolean(value)
            case .integer(let value): .integer(value)
            case .number(let value): value.isFinite ? .number(value) : .null
            case .string: .string(scalar.text)
            }
        }
    }

    /// A value that nobody wrote, such as a default, as if it stood at `span`.
    package init(_ json: JSONValue, at span: SourceSpan) {
        let content: Content =
            switch json {
            case .null: .scalar(Scalar(text: "", value: .null))
            case .boolean(let value): .scalar(Scalar(text: value ? "true" : "false", value: .boolean(value)))
            case .integer(let value): .scalar(Scalar(text: String(value), value: .integer(value)))
            case .number(let value): .scalar(Scalar(text: value.description, value: .number(value)))
            case .string(let text): .scalar(Scalar(text: text, value: .string))
            case .array(let elements): .sequence(elements.map { Node($0, at: span) })
            case .object(let members):
                .mapping(
                    members.sorted { $0.key < $1.key }.map {
                        Pair(key: $0.key, keySpan: span, value: Node($0.value, at: span))
                    })
            }
        self.init(content, at: span)
    }
}
