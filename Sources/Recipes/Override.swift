internal import Diagnostics
internal import Documents
internal import RecipeSyntax

/// An option of the recipe that is set from without: `--set prune.MaxToPrune=4`, or by a point of a sweep.
///
/// The path begins with the id of a stage or a top-level key; the value is YAML. It is put into the tree of the
/// recipe before that is checked, so faults of the value are found there, with the place where it was written.
package struct Override: Sendable {
    private let content: Content

    private enum Content {
        /// `PATH=VALUE`, as a source that diagnostics can point into.
        case text(SourceFile)
        case value(Node, path: String, span: SourceSpan)
    }

    /// Creates an override from `PATH=VALUE`.
    ///
    /// - Parameter source: Where the text stands, as diagnostics name it.
    package init(_ text: String, source: String = "--set") {
        content = .text(SourceFile(name: source, text: text))
    }

    /// Creates an override of a path and a value that stand in a file.
    init(_ path: String, at span: SourceSpan, value: Node) {
        content = .value(value, path: path, span: span)
    }

    /// A part of the path with its place.
    private struct Component {
        var name: String
        var span: SourceSpan
    }

    func apply(to root: inout Node, kinds: [StageKindSchema], into diagnostics: inout DiagnosticList) {
        switch content {
        case .text(let source): apply(source, to: &root, kinds: kinds, into: &diagnostics)
        case .value(let value, let path, let span):
            let path = path.split(separator: ".").map { Component(name: String($0), span: span) }
            apply(value, at: path, to: &root, kinds: kinds, into: &diagnostics)
        }
    }

    private func apply(
        _ source: SourceFile, to root: inout Node, kinds: [StageKindSchema], into diagnostics: inout DiagnosticList
    ) {
        let text = String(decoding: source.bytes, as: UTF8.self)
        let whole = Self.span(0, source.scalarCount, of: source)
        guard let sign = text.unicodeScalars.firstIndex(of: "=") else {
            diagnostics.append(.noValue(text, whole))
            return
        }
        let path = Self.components(String(text.unicodeScalars[..<sign]), of: source)
        guard path.allSatisfy({ !$0.name.isEmpty }) else {
            diagnostics.append(.noPath(text, whole))
            return
        }
        let start = text.unicodeScalars.distance(from: text.unicodeScalars.startIndex, to: sign) + 1
        guard start < source.scalarCount else {
            diagnostics.append(.noValue(text, whole))
            return
        }
        guard let value = NodeReader.read(source, skipping: start, into: &diagnostics) else { return }
        apply(value, at: path, to: &root, kinds: kinds, into: &diagnostics)
    }

    private func apply(
        _ value: Node, at path: [Component], to root: inout Node, kinds: [StageKindSchema],
        into diagnostics: inout DiagnosticList
    ) {
        let first = path[0]
        let keys = Recipe.schema.options.map(\.name).filter { $0 != "stages" }
        var items = root["stages"]?.items ?? []
        let ids = items.map { Self.stage(of: $0, kinds: kinds)?.id }
        if let index = ids.firstIndex(of: first.name), let stage = Self.stage(of: items[index], kinds: kinds) {
            guard path.count > 1 else {
                diagnostics.append(.stageIsNoOption(first.name, first.span))
                return
            }
            var options = stage.options
            set(value, at: path[1...], in: &options, into: &diagnostics)
            items[index].put(options, key: stage.kind, at: items[index].pairs == nil ? items[index].span : nil)
            root.put(Node(.sequence(items), at: root["stages"]?.span ?? root.span), key: "stages", at: nil)
        } else if keys.contains(first.name) {
            set(value, at: path[...], in: &root, into: &diagnostics)
        } else {
            diagnostics.append(.unknownStart(first.name, first.span, known: ids.compactMap { $0 } + keys))
        }
    }

    /// Puts a value under a path; a value without keys on the way gives way to a mapping.
    private func set(
        _ value: Node, at path: ArraySlice<Component>, in node: inout Node, into diagnostics: inout DiagnosticList
    ) {
        guard let key = path.first else {
            node = value
            return
        }
        guard node.items == nil else {
            diagnostics.append(.listOnTheWay(key.name, key.span))
            return
        }
        var inner = node[key.name] ?? Node(.mapping([]), at: key.span)
        // What is only on the way keeps the place of its key: a fault is about what was set.
        let isKept = path.count > 1 && inner.pairs != nil
        set(value, at: path.dropFirst(), in: &inner, into: &diagnostics)
        if node.pairs == nil { node = Node(.mapping([]), at: key.span) }
        node.put(inner, key: key.name, at: isKept ? nil : key.span)
    }

    /// The kind, id and options of an item of the list of stages, as far as it looks like one.
    private static func stage(of item: Node, kinds: [StageKindSchema]) -> (kind: String, id: String, options: Node)? {
        if let name = item.string { return (name, name, Node(.mapping([]), at: item.span)) }
        let pairs = item.pairs ?? []
        guard let pair = pairs.first(where: { pair in kinds.contains { $0.name == pair.key } }) ?? pairs.first else {
            return nil
        }
        return (pair.key, pair.value["id"]?.string ?? pair.key, pair.value)
    }

    private static func components(_ path: String, of source: SourceFile) -> [Component] {
        var start = 0
        return path.unicodeScalars.split(separator: ".", omittingEmptySubsequences: false).map { part in
            defer { start += part.count + 1 }
            return Component(name: String(part), span: span(start, start + part.count, of: source))
        }
    }

    private static func span(_ start: Int, _ end: Int, of source: SourceFile) -> SourceSpan {
        SourceSpan(file: source, start: source.position(scalar: start), end: source.position(scalar: end))
    }
}

extension Node {
    /// Replaces the value of a key, or adds it; what was no mapping becomes one.
    ///
    /// - Parameter keySpan: The new place of the key; `nil` for the one that it has.
    fileprivate mutating func put(_ value: Node, key: String, at keySpan: SourceSpan?) {
        var pairs = self.pairs ?? []
        if let index = pairs.firstIndex(where: { $0.key == key }) {
            pairs[index].value = value
            pairs[index].keySpan = keySpan ?? pairs[index].keySpan
        } else {
            pairs.append(Pair(key: key, keySpan: keySpan ?? value.span, value: value))
        }
        content = .mapping(pairs)
    }
}

extension Diagnostic {
    fileprivate static func noValue(_ text: String, _ span: SourceSpan) -> Diagnostic {
        Diagnostic(
            .override, "'\(text)' sets no value, expected PATH=VALUE", at: span,
            help: ["write it like 'prune.MaxToPrune=4'"])
    }

    fileprivate static func noPath(_ text: String, _ span: SourceSpan) -> Diagnostic {
        Diagnostic(
            .override, "'\(text)' has no path, expected PATH=VALUE", at: span,
            help: ["write it like 'prune.MaxToPrune=4'"])
    }

    fileprivate static func stageIsNoOption(_ id: String, _ span: SourceSpan) -> Diagnostic {
        Diagnostic(
            .override, "'\(id)' is a stage, expected one of its options", at: span,
            help: ["write it like '\(id).OPTION=VALUE'"])
    }

    fileprivate static func unknownStart(_ name: String, _ span: SourceSpan, known: [String]) -> Diagnostic {
        Diagnostic(.override, "unknown stage or key '\(name)'", at: span, help: help(for: name, known: known))
    }

    fileprivate static func listOnTheWay(_ name: String, _ span: SourceSpan) -> Diagnostic {
        Diagnostic(
            .override, "'\(name)' would be part of a list, which has no keys", at: span,
            help: ["set the list as a whole, like 'load.channels=[x, z]'"])
    }
}
