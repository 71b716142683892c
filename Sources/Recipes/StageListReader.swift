internal import Diagnostics
internal import Documents
internal import RecipeSyntax

/// Reads the list of stages: each item against the schema of its kind, then the graph they form.
struct StageListReader {
    let kinds: [StageKindSchema]
    var diagnostics = DiagnosticList()
    private(set) var drafts: [Draft] = []

    /// What is known of a stage, even if it has faults, so that those who name it are not blamed for them.
    struct Draft {
        var id: String
        var idSpan: SourceSpan
        var kind: StageKindSchema?
        var needs: [StageReference]
        var references: [StageReference] = []
        var options: CheckedValue?
        var kindSpan: SourceSpan
        var span: SourceSpan

        /// The stages that must be done before this one.
        var edges: [StageReference] { needs + references }
    }

    init(kinds: [StageKindSchema]) { self.kinds = kinds }

    /// The stages, if none has a fault.
    var declarations: [StageDeclaration] {
        drafts.compactMap { draft in
            guard let kind = draft.kind, let options = draft.options else { return nil }
            return StageDeclaration(
                id: draft.id, kind: kind.name, needs: draft.needs.map(\.stage), needsSpans: draft.needs.map(\.span),
                options: options, kindSpan: draft.kindSpan, span: draft.span)
        }
    }

    mutating func read(_ node: Node) {
        guard !node.isInvalid else { return }
        guard let items = node.items, !items.isEmpty else {
            diagnostics.append(.noStages(node))
            return
        }
        for item in items { read(item: item) }
        checkIDs()
    }
}

// MARK: - Items

extension StageListReader {
    private mutating func read(item: Node) {
        if let name = item.string {
            read(kind: name, item.span, options: Node(.mapping([]), at: item.span), item)
            return
        }
        guard !item.isInvalid else { return }
        guard let pairs = item.pairs, let first = pairs.first else {
            diagnostics.append(.noStage(item))
            return
        }
        let names = kinds.map(\.name)
        let common = ["id", "needs"]
        guard
            let kind = pairs.first(where: { names.contains($0.key) })
                ?? pairs.first(where: { !common.contains($0.key) })
        else {
            diagnostics.append(.noKind(first))
            return
        }

        // What stands beside the kind is read as if it stood under it, after the fault was told.
        var under = kind.value.isNull ? [] : kind.value.pairs
        let schema = kinds.first { $0.name == kind.key }
        for pair in pairs where pair.key != kind.key {
            if names.contains(pair.key) {
                diagnostics.append(.twoKinds(kind, pair))
            } else if let schema, schema.allOptions[pair.key] == nil {
                diagnostics.append(.unknownBeside(pair, kind.key, known: schema.allOptions.options.map(\.name)))
            } else {
                diagnostics.append(.beside(pair, kind.key))
                if kind.value[pair.key] == nil { under?.append(pair) }
            }
        }
        let span = kind.value.isNull ? kind.keySpan : kind.value.span
        let options = under.map { Node(.mapping($0), at: span) } ?? kind.value
        read(kind: kind.key, kind.keySpan, options: options, item)
    }

    private mutating func read(kind name: String, _ kindSpan: SourceSpan, options: Node, _ item: Node) {
        let kind = kinds.first { $0.name == name }
        if kind == nil { diagnostics.append(.unknownKind(name, kindSpan, known: kinds.map(\.name))) }

        var checker = ValueChecker()
        var id = name
        if let written = options["id"] {
            let site = ValueChecker.Site(path: "id", name: "id", keySpan: nil)
            if let text = checker.check(written, .identifier, site)?.text { id = text }
        }
        let idSpan = options["id"]?.span ?? kindSpan
        let needs = needs(options["needs"], kindSpan, &checker)
        diagnostics.append(contentsOf: checker.diagnostics)
        var draft = Draft(
            id: id, idSpan: idSpan, kind: kind, needs: needs, kindSpan: kindSpan, span: item.span)
        if let kind {
            var own = options
            if let pairs = options.pairs { own.content = .mapping(pairs.filter { !["id", "needs"].contains($0.key) }) }
            // A stage without options of its own has no key at which a missing one could be shown.
            if own.pairs?.isEmpty == true { own.span = kindSpan }
            var checker = ValueChecker()
            let value = checker.check(own, .object(kind.options), ValueChecker.Site(path: "", name: name, keySpan: nil))
            diagnostics.append(contentsOf: checker.diagnostics)
            draft.references = checker.references
            draft.options = value.map {
                CheckedValue(value: $0, references: checker.references, places: checker.places)
            }
        }
        drafts.append(draft)
    }

    private func needs(_ written: Node?, _ kindSpan: SourceSpan, _ checker: inout ValueChecker) -> [StageReference] {
        guard let written else {
            return drafts.last.map { [StageReference(path: "needs", stage: $0.id, span: kindSpan)] } ?? []
        }
        _ = checker.check(written, StageKindSchema.needs, ValueChecker.Site(path: "needs", name: "needs", keySpan: nil))
        var needs: [StageReference] = []
        for need in checker.references {
            if needs.contains(where: { $0.stage == need.stage }) {
                checker.diagnostics.append(.needTwice(need))
            } else {
                needs.append(need)
            }
        }
        return needs
    }
}

// MARK: - Graph

extension StageListReader {
    private mutating func checkIDs() {
        var first: [String: SourceSpan] = [:]
        let taken = Recipe.schema.options.map(\.name)
        for draft in drafts {
            if let earlier = first[draft.id] {
                diagnostics.append(.duplicate(draft, earlier: earlier))
            } else {
                first[draft.id] = draft.idSpan
            }
            if taken.contains(draft.id) { diagnostics.append(.reserved(draft)) }
        }
        let known = drafts.map(\.id)
        for edge in drafts.flatMap(\.edges) where first[edge.stage] == nil {
            diagnostics.append(.unknownStage(edge.stage, at: edge.span, known: known))
        }
    }

    /// The stages in an order in which each comes after those it needs or names, else as in the file; `nil`, with
    /// the circles as faults, if there is none.
    mutating func order() -> [Int]? {
        var index: [String: Int] = [:]
        for (number, draft) in drafts.enumerated() where index[draft.id] == nil { index[draft.id] = number }
        let edges = drafts.map { $0.edges.compactMap { index[$0.stage] } }

        var order: [Int] = []
        var isDone = [Bool](repeating: false, count: drafts.count)
        var hasCycle = false
        while order.count < drafts.count {
            let waiting = drafts.indices.filter { !isDone[$0] }
            if let ready = waiting.first(where: { edges[$0].allSatisfy { isDone[$0] } }) {
                order.append(ready)
                isDone[ready] = true
                continue
            }
            // All that wait, wait for one that waits: following first needs must come back to where it was.
            hasCycle = true
            var path = [waiting[0]]
            var next = path[0]
            repeat {
                next = edges[path[path.count - 1]].first { !isDone[$0] } ?? path[0]
                path.append(next)
            } while path.firstIndex(of: next) == path.count - 1
            let circle = Array(path[(path.firstIndex(of: next) ?? 0)...].dropLast())
            diagnostics.append(.cycle(rotated(circle), drafts))
            for number in circle {
                order.append(number)
                isDone[number] = true
            }
        }
        return hasCycle ? nil : order
    }

    /// A circle as it is told: from the stage that comes first in the file.
    private func rotated(_ circle: [Int]) -> [Int] {
        let start = circle.firstIndex(of: circle.min() ?? 0) ?? 0
        return Array(circle[start...] + circle[..<start])
    }
}

extension Diagnostic {
    fileprivate static func noStages(_ node: Node) -> Diagnostic {
        Diagnostic(
            .wrongType, "'stages' must be a list of at least one stage, found \(node.found)", at: node.shownSpan)
    }

    fileprivate static func noStage(_ node: Node) -> Diagnostic {
        Diagnostic(
            .stageItem, "a stage must be a kind with its options, found \(node.found)", at: node.shownSpan,
            help: ["write it like '- prune: {MaxToPrune: 2}'"])
    }

    fileprivate static func noKind(_ pair: Node.Pair) -> Diagnostic {
        Diagnostic(
            .stageItem, "'\(pair.key)' stands without a stage kind", at: pair.keySpan,
            help: ["write it under a kind, like '- prune: {\(pair.key): ...}'"])
    }

    fileprivate static func twoKinds(_ kind: Node.Pair, _ other: Node.Pair) -> Diagnostic {
        Diagnostic(
            .stageItem, "'\(other.key)' stands in the item of '\(kind.key)', expected one stage in an item",
            at: other.keySpan, help: ["begin a new item with '- \(other.key):'"])
    }

    fileprivate static func beside(_ pair: Node.Pair, _ kind: String) -> Diagnostic {
        Diagnostic(
            .misplacedKey, "'\(pair.key)' stands beside '\(kind)', it belongs under it", at: pair.keySpan,
            help: ["indent it further than '\(kind)'"])
    }

    fileprivate static func unknownBeside(_ pair: Node.Pair, _ kind: String, known: [String]) -> Diagnostic {
        Diagnostic(
            .unknownOption, "unknown option '\(pair.key)' beside '\(kind)'", at: pair.keySpan,
            help: help(for: pair.key, known: known))
    }

    fileprivate static func unknownKind(_ name: String, _ span: SourceSpan, known: [String]) -> Diagnostic {
        Diagnostic(.unknownKind, "unknown stage kind '\(name)'", at: span, help: help(for: name, known: known))
    }

    fileprivate static func needTwice(_ need: StageReference) -> Diagnostic {
        Diagnostic(.duplicateKey, "'needs' names '\(need.stage)' twice", at: need.span)
    }

    fileprivate static func duplicate(_ draft: StageListReader.Draft, earlier: SourceSpan) -> Diagnostic {
        Diagnostic(
            .duplicateStage, "two stages have the id '\(draft.id)'", at: draft.idSpan,
            help: ["give one of them an id of its own, like 'id: \(draft.id)-2' under its kind"],
            notes: [Note("the first one stands here", at: earlier)])
    }

    fileprivate static func reserved(_ draft: StageListReader.Draft) -> Diagnostic {
        Diagnostic(
            .duplicateStage, "the id '\(draft.id)' is a key of the recipe itself", at: draft.idSpan,
            help: ["give the stage another id"])
    }

    static func unknownStage(_ id: String, at span: SourceSpan, known: [String]) -> Diagnostic {
        Diagnostic(.unknownStage, "unknown stage '\(id)'", at: span, help: help(for: id, known: known))
    }

    fileprivate static func cycle(_ circle: [Int], _ drafts: [StageListReader.Draft]) -> Diagnostic {
        let ids = (circle + circle.prefix(1)).map { drafts[$0].id }
        let first = drafts[circle[0]]
        let edge = first.edges.first { $0.stage == ids[1] }
        let option = edge.flatMap { $0.path.hasPrefix("needs") ? nil : $0.path }
        return Diagnostic(
            .stageCycle, "stages need each other in a circle: \(ids.joined(separator: " -> "))",
            at: edge?.span ?? first.kindSpan,
            help: [option.map { "let '\($0)' name another stage" } ?? "take one of them out of 'needs'"])
    }
}
