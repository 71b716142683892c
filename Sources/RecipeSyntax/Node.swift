package import Diagnostics

/// A value of a YAML document with the place where it was written.
///
/// Anchors, aliases and merge keys are expanded already. Equal subtrees of aliases share their storage.
package struct Node: Sendable {
    package var content: Content

    /// Where the value stands; for an alias, where the alias stands.
    ///
    /// An empty value has an empty span.
    package var span: SourceSpan

    package indirect enum Content: Sendable {
        case scalar(Scalar)
        case sequence([Node])

        /// Pairs in the order of the file, with unique keys; what a merge key brought comes last.
        case mapping([Pair])

        /// A value with a fault that was reported when it was read.
        case invalid
    }

    /// A key and its value.
    ///
    /// Every key is a scalar and is known by its text.
    package struct Pair: Sendable {
        package var key: String
        package var keySpan: SourceSpan
        package var value: Node

        package init(key: String, keySpan: SourceSpan, value: Node) {
            self.key = key
            self.keySpan = keySpan
            self.value = value
        }
    }

    package init(_ content: Content, at span: SourceSpan) {
        self.content = content
        self.span = span
    }
}

// MARK: - Reading parts

extension Node {
    package var pairs: [Pair]? { if case .mapping(let pairs) = content { pairs } else { nil } }
    package var items: [Node]? { if case .sequence(let items) = content { items } else { nil } }
    package var scalar: Scalar? { if case .scalar(let scalar) = content { scalar } else { nil } }

    /// The text of a scalar that resolves to text.
    package var string: String? {
        if case .scalar(let scalar) = content, case .string = scalar.value { scalar.text } else { nil }
    }

    package var isNull: Bool {
        if case .scalar(let scalar) = content, case .null = scalar.value { true } else { false }
    }

    package var isInvalid: Bool { if case .invalid = content { true } else { false } }

    /// The value of a key, or `nil` if this is no mapping or has no such key.
    package subscript(_ key: String) -> Node? { pairs?.first { $0.key == key }?.value }
}
