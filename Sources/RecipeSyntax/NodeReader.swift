package import Diagnostics

/// Reads a YAML document into a tree of nodes with places.
///
/// YAML 1.2 core schema over libyaml's events. Anchors, aliases and merge keys work; duplicate keys, tags other
/// than the core ones and further documents are faults. Depth and expansion are bounded while events are read, so
/// that no input can exhaust the stack or the memory.
package struct NodeReader {
    /// The largest file, in bytes.
    package static let largestFile = 4 << 20

    /// The deepest nesting of lists and mappings, aliases expanded.
    package static let deepestNesting = 64

    /// The most values that a document may have, aliases expanded.
    package static let largestExpansion = 100_000

    private let file: SourceFile
    private let skipped: Int
    private var diagnostics = DiagnosticList()
    private var open: [Frame] = []
    private var anchors: [String: Measured] = [:]
    private var expanded = 0
    private var root: Measured?

    private init(_ file: SourceFile, skipping skipped: Int) {
        self.file = file
        self.skipped = skipped
    }

    /// Reads the document of a file.
    ///
    /// - Parameters:
    ///   - file: What to read.
    ///   - skipped: How many scalars at the start are no YAML (the path of an override).
    ///   - diagnostics: Takes every fault found.
    /// - Returns: The tree; `nil` if the text is no YAML document or exceeds a bound. Values with other faults are
    ///   ``Node/Content/invalid`` in it.
    package static func read(
        _ file: SourceFile, skipping skipped: Int = 0, into diagnostics: inout DiagnosticList
    ) -> Node? {
        var reader = NodeReader(file, skipping: skipped)
        let node = reader.readDocument()
        diagnostics.append(contentsOf: reader.diagnostics)
        return node
    }

    /// A node with what its expansion costs.
    private struct Measured {
        var node: Node
        var count = 1
        var depth = 0
    }

    /// A list or mapping whose end was not read yet.
    private struct Frame {
        var isMapping: Bool
        var isFlow: Bool
        var start: Int
        var properties: EventReader.Properties
        var items: [Measured] = []
        var key: Measured?
        var pairs: [(key: Measured, value: Measured)] = []
    }

    /// Ends the reading after a fault was reported.
    private struct Stop: Error {}
}

// MARK: - Events to nodes

extension NodeReader {
    private mutating func readDocument() -> Node? {
        guard file.bytes.count <= Self.largestFile else {
            report(.tooLarge(SourceSpan(startOf: file)))
            return nil
        }
        if let (position, isUTF8) = file.firstUnreadable {
            report(.unreadable(SourceSpan(file: file, start: position, end: position), isUTF8: isUTF8))
            return nil
        }
        let text =
            Array(repeating: UInt8(ascii: " "), count: skipped) + file.bytes.dropFirst(file.byte(scalar: skipped))
        do {
            try text.withUnsafeBufferPointer { bytes in
                let events = EventReader(bytes)
                while try step(events) {}
            }
        } catch let failure as EventReader.Failure {
            report(syntaxFault(failure))
            return nil
        } catch {
            return nil
        }
        guard let root = root?.node, !(root.isNull && root.span.start == root.span.end) else {
            report(.empty(SourceSpan(startOf: file)))
            return nil
        }
        return root
    }

    /// Reads one event; false at the end.
    private mutating func step(_ events: borrowing EventReader) throws -> Bool {
        let (event, start, end) = try events.next()
        switch event {
        case .other:
            break
        case .streamEnd:
            return false
        case .documentStart:
            guard root == nil else { throw stop(.secondDocument(span(start, end))) }
        case .alias(let anchor):
            try add(expand(anchor, at: span(start, end)))
        case .scalar(let text, let isPlain, let isBlock, let properties):
            let end = isBlock ? trimmed(end, from: start) : end
            let node = scalar(text, isPlain: isPlain, tag: properties.tag, at: span(start, end))
            try add(named(Measured(node: node), properties.anchor))
        case .collectionStart(let isMapping, let isFlow, let properties):
            guard open.count < Self.deepestNesting else { throw stop(.tooDeep(span(start, end))) }
            open.append(Frame(isMapping: isMapping, isFlow: isFlow, start: start, properties: properties))
        case .collectionEnd:
            let frame = open.removeLast()
            try add(named(close(frame, end: end), frame.properties.anchor))
        }
        return true
    }

    /// Puts a whole value where it belongs: into the innermost open collection, or at the root.
    private mutating func add(_ value: Measured) throws {
        expanded += value.count
        guard expanded <= Self.largestExpansion else { throw stop(.tooMany(value.node.span)) }
        guard open.count + value.depth <= Self.deepestNesting else { throw stop(.tooDeep(value.node.span)) }
        guard var frame = open.popLast() else {
            root = value
            return
        }
        if !frame.isMapping {
            frame.items.append(value)
        } else if let key = frame.key {
            frame.pairs.append((key, value))
            frame.key = nil
        } else {
            frame.key = value
        }
        open.append(frame)
    }

    private mutating func close(_ frame: Frame, end: Int) -> Measured {
        let parts = frame.isMapping ? frame.pairs.flatMap { [$0.key, $0.value] } : frame.items
        let count = parts.reduce(1) { $0 + $1.count }
        let depth = 1 + (parts.map(\.depth).max() ?? 0)
        // The parts were counted one by one as they came; from now on the collection stands for them.
        expanded -= count - 1

        // libyaml ends a block collection at the next token, past comments.
        let start = file.position(scalar: frame.start)
        let lastEnd = parts.suffix(2).map(\.node.span.end).max() ?? start
        let span = SourceSpan(file: file, start: start, end: frame.isFlow ? file.position(scalar: end) : lastEnd)

        guard tagFits(frame.properties.tag, isMapping: frame.isMapping, at: span) else {
            return Measured(node: Node(.invalid, at: span), count: count, depth: depth)
        }
        let content: Node.Content =
            frame.isMapping ? .mapping(pairs(frame.pairs)) : .sequence(frame.items.map(\.node))
        return Measured(node: Node(content, at: span), count: count, depth: depth)
    }

    private mutating func named(_ value: Measured, _ anchor: String?) -> Measured {
        if let anchor { anchors[anchor] = value }
        return value
    }

    private mutating func expand(_ anchor: String, at span: SourceSpan) -> Measured {
        guard var value = anchors[anchor] else {
            let isOpen = open.contains { $0.properties.anchor == anchor }
            report(isOpen ? .circularAlias(anchor, span) : .unknownAlias(anchor, known: anchors.keys.sorted(), span))
            return Measured(node: Node(.invalid, at: span))
        }
        value.node.span = span
        return value
    }
}

// MARK: - Scalars and mappings

extension NodeReader {
    private mutating func scalar(_ text: String, isPlain: Bool, tag: String?, at span: SourceSpan) -> Node {
        let value: Scalar.Value? =
            switch tag.map(Self.shortened) {
            case nil: isPlain ? Scalar(plain: text).value : .string
            case "!", "!!str": .string
            case "!!null": Scalar.null(text)
            case "!!bool": Scalar.boolean(text)
            case "!!int": Scalar.integer(text)
            case "!!float": Scalar.number(text) ?? Scalar.integer(text)
            default: nil
            }
        guard let value else {
            report(.tag(Self.shortened(tag ?? ""), doesNotFit: "'\(text)'", span))
            return Node(.invalid, at: span)
        }
        return Node(.scalar(Scalar(text: text, value: value)), at: span)
    }

    private mutating func tagFits(_ tag: String?, isMapping: Bool, at span: SourceSpan) -> Bool {
        guard let tag = tag.map(Self.shortened), tag != "!", tag != (isMapping ? "!!map" : "!!seq") else { return true }
        report(.tag(tag, doesNotFit: isMapping ? "a mapping" : "a list", span))
        return false
    }

    /// The tag as it is usually written: `!!int` for `tag:yaml.org,2002:int`.
    private static func shortened(_ tag: String) -> String {
        let prefix = "tag:yaml.org,2002:"
        return tag.hasPrefix(prefix) ? "!!" + tag.dropFirst(prefix.count) : tag
    }

    /// Checks the keys of a mapping and merges what `<<` names: keys of the mapping win, then those merged first.
    private mutating func pairs(_ written: [(key: Measured, value: Measured)]) -> [Node.Pair] {
        var pairs: [Node.Pair] = []
        var merged: [Node.Pair] = []
        var first: [String: SourceSpan] = [:]
        for (key, value) in written.map({ ($0.key.node, $0.value.node) }) {
            guard let scalar = key.scalar else {
                if !key.isInvalid { report(.keyIsNoText(key.span)) }
                continue
            }
            if let earlier = first.updateValue(key.span, forKey: scalar.text) {
                first[scalar.text] = earlier
                report(.duplicate(scalar.text, key.span, earlier: earlier))
            } else if scalar.text == "<<" {
                merged += merging(value)
            } else {
                pairs.append(Node.Pair(key: scalar.text, keySpan: key.span, value: value))
            }
        }
        for pair in merged where first[pair.key] == nil {
            first[pair.key] = pair.keySpan
            pairs.append(pair)
        }
        return pairs
    }

    private mutating func merging(_ node: Node) -> [Node.Pair] {
        switch node.content {
        case .mapping(let pairs):
            return pairs
        case .sequence(let items) where items.allSatisfy({ $0.pairs != nil || $0.isInvalid }):
            return items.flatMap { $0.pairs ?? [] }
        case .invalid:
            return []
        default:
            report(.mergeOfNoMapping(node.span))
            return []
        }
    }
}

// MARK: - Places and faults

extension NodeReader {
    private func span(_ start: Int, _ end: Int) -> SourceSpan {
        SourceSpan(file: file, start: file.position(scalar: start), end: file.position(scalar: end))
    }

    /// The end of a block scalar without the blank lines after it.
    private func trimmed(_ end: Int, from start: Int) -> Int {
        var byte = file.byte(scalar: end)
        var end = end
        while end > start, byte > 0, [0x20, 0x09, 0x0A, 0x0D].contains(file.bytes[byte - 1]) {
            end -= 1
            byte -= 1
        }
        return end
    }

    private mutating func report(_ diagnostic: Diagnostic) { diagnostics.append(diagnostic) }

    private mutating func stop(_ diagnostic: Diagnostic) -> Stop {
        report(diagnostic)
        return Stop()
    }

    private func syntaxFault(_ failure: EventReader.Failure) -> Diagnostic {
        let byte = file.byte(scalar: failure.offset)
        let start = file.position(scalar: failure.offset)
        let span = SourceSpan(file: file, start: start, end: start)
        let character = byte < file.bytes.count ? file.bytes[byte] : nil
        if character == UInt8(ascii: "\t") || failure.problem.contains("tab character") { return .tab(span) }
        if failure.context == "while scanning a block scalar", character == UInt8(ascii: "=") {
            return .unquotedComparison(span)
        }
        let context = failure.context.map { " " + $0 } ?? ""
        let origin = failure.contextOffset.map { file.position(scalar: $0) }
        let notes = origin.map { [Diagnostic.Note("it began here", at: SourceSpan(file: file, start: $0, end: $0))] }
        return .syntax(failure.problem + context, span, notes: origin == start ? [] : notes ?? [])
    }
}

extension Diagnostic {
    fileprivate static func tooLarge(_ span: SourceSpan) -> Diagnostic {
        let size = span.file.bytes.count
        return Diagnostic(.fileTooLarge, "the file has \(size) bytes, more than 4 MiB are not read", at: span)
    }

    fileprivate static func unreadable(_ span: SourceSpan, isUTF8: Bool) -> Diagnostic {
        isUTF8
            ? Diagnostic(.yamlCharacter, "a control character is not allowed in YAML", at: span)
            : Diagnostic(
                .yamlEncoding, "the text is not UTF-8 from here on", at: span, help: ["save the file as UTF-8"])
    }

    fileprivate static func empty(_ span: SourceSpan) -> Diagnostic {
        Diagnostic(.fileEmpty, "'\(span.file.name)' is empty", at: span)
    }

    fileprivate static func secondDocument(_ span: SourceSpan) -> Diagnostic {
        Diagnostic(
            .yamlDocuments, "a second document begins here, expected one document in a file", at: span,
            help: ["put it into a file of its own"])
    }

    fileprivate static func tooDeep(_ span: SourceSpan) -> Diagnostic {
        Diagnostic(
            .yamlNesting, "lists and mappings nest deeper than \(NodeReader.deepestNesting) levels", at: span)
    }

    fileprivate static func tooMany(_ span: SourceSpan) -> Diagnostic {
        Diagnostic(
            .yamlExpansion, "the document has more than \(NodeReader.largestExpansion) values, aliases expanded",
            at: span)
    }

    fileprivate static func circularAlias(_ anchor: String, _ span: SourceSpan) -> Diagnostic {
        Diagnostic(.yamlAlias, "alias '*\(anchor)' stands inside of what '&\(anchor)' names", at: span)
    }

    fileprivate static func unknownAlias(_ anchor: String, known: [String], _ span: SourceSpan) -> Diagnostic {
        Diagnostic(
            .yamlAlias, "alias '*\(anchor)' has no anchor '&\(anchor)' before it", at: span,
            help: Self.help(for: anchor, known: known))
    }

    fileprivate static func tag(_ tag: String, doesNotFit found: String, _ span: SourceSpan) -> Diagnostic {
        let known = ["!!null", "!!bool", "!!int", "!!float", "!!str", "!!seq", "!!map"]
        let help = ["known tags: \(known.joined(separator: ", "))"]
        return known.contains(tag)
            ? Diagnostic(.yamlTag, "\(found) does not fit its tag '\(tag)'", at: span)
            : Diagnostic(.yamlTag, "unknown tag '\(tag)'", at: span, help: help)
    }

    fileprivate static func keyIsNoText(_ span: SourceSpan) -> Diagnostic {
        Diagnostic(.yamlKey, "a key must be text, found a list or a mapping", at: span)
    }

    fileprivate static func duplicate(_ key: String, _ span: SourceSpan, earlier: SourceSpan) -> Diagnostic {
        Diagnostic(
            .duplicateKey, "key '\(key)' stands twice in this mapping", at: span,
            help: ["keep one of the two"], notes: [Note("it stands here first", at: earlier)])
    }

    fileprivate static func mergeOfNoMapping(_ span: SourceSpan) -> Diagnostic {
        Diagnostic(.yamlMerge, "'<<' must name a mapping or a list of mappings", at: span)
    }

    fileprivate static func tab(_ span: SourceSpan) -> Diagnostic {
        Diagnostic(.yamlTab, "a tab cannot indent YAML", at: span, help: ["indent with spaces"])
    }

    fileprivate static func unquotedComparison(_ span: SourceSpan) -> Diagnostic {
        Diagnostic(
            .yamlSyntax, "'>' at the start of a value begins a block of text in YAML", at: span,
            help: ["put a requirement into quotes, as in \">= 0.92\""])
    }

    fileprivate static func syntax(_ problem: String, _ span: SourceSpan, notes: [Note]) -> Diagnostic {
        Diagnostic(.yamlSyntax, "invalid YAML: \(problem)", at: span, notes: notes)
    }
}
