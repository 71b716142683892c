internal import Diagnostics
internal import Documents
internal import RecipeSyntax

/// Checks nodes against schemas: collects every fault, and gives canonical values with defaults filled in.
struct ValueChecker {
    var diagnostics = DiagnosticList()
    private(set) var references: [StageReference] = []
    private(set) var places: [String: CheckedValue.Place] = [:]

    /// Whether places are kept: they are not while a default is filled in, which has none.
    private var isFilling = false

    /// Where a value stands: its dotted path, and the name by which messages call it.
    struct Site {
        var path: String
        var name: String
        var keySpan: SourceSpan?

        func key(_ key: String, at span: SourceSpan) -> Site {
            Site(path: path.isEmpty ? key : "\(path).\(key)", name: key, keySpan: span)
        }

        func item(_ index: Int) -> Site {
            Site(path: path.isEmpty ? "\(index)" : "\(path).\(index)", name: name, keySpan: nil)
        }
    }

    /// Checks a whole value.
    ///
    /// - Parameters:
    ///   - node: The value as it was read.
    ///   - schema: What it may be.
    ///   - name: How messages call it.
    ///   - diagnostics: Takes every fault.
    /// - Returns: The checked value, or `nil` if there was a fault.
    static func check(
        _ node: Node, _ schema: ValueSchema, name: String, into diagnostics: inout DiagnosticList
    ) -> CheckedValue? {
        var checker = ValueChecker()
        let value = checker.check(node, schema, Site(path: "", name: name))
        diagnostics.append(contentsOf: checker.diagnostics)
        guard let value, !checker.diagnostics.hasErrors else { return nil }
        return CheckedValue(value: value, references: checker.references, places: checker.places)
    }

    mutating func check(_ node: Node, _ schema: ValueSchema, _ site: Site) -> JSONValue? {
        guard !node.isInvalid else { return nil }
        if !isFilling { places[site.path] = CheckedValue.Place(key: site.keySpan, value: node.span) }
        switch schema {
        case .anything: return node.json
        case .list(let element, let minimum): return list(node, of: element, minimum: minimum, schema, site)
        case .oneOrMany(let element):
            if node.items != nil { return list(node, of: element, minimum: 1, .list(of: element, minimum: 1), site) }
            return check(node, element, site).map { [$0] }
        case .object(let object): return self.object(node, object, site)
        case .tagged(let key, let objects): return tagged(node, by: key, objects, schema, site)
        case .map(let element): return map(node, of: element, schema, site)
        case .any(let schemas): return any(node, schemas, schema, site)
        default: return scalar(node, schema, site)
        }
    }

    mutating func refer(to stage: String, _ site: Site, at span: SourceSpan) {
        references.append(StageReference(path: site.path, stage: stage, span: span))
    }
}

// MARK: - Collections

extension ValueChecker {
    private mutating func list(
        _ node: Node, of element: ValueSchema, minimum: Int, _ schema: ValueSchema, _ site: Site
    ) -> JSONValue? {
        guard let items = node.items, items.count >= minimum else {
            let isShort = node.items?.isEmpty == false
            diagnostics.append(isShort ? .tooShort(site.name, minimum, node) : .wrongType(site.name, schema, node))
            return nil
        }
        let values = items.enumerated().map { check($1, element, site.item($0)) }
        return .array(values.compactMap { $0 })
    }

    private mutating func map(
        _ node: Node, of element: ValueSchema, _ schema: ValueSchema, _ site: Site
    ) -> JSONValue? {
        guard let pairs = node.pairs else {
            diagnostics.append(.wrongType(site.name, schema, node))
            return nil
        }
        var members: [String: JSONValue] = [:]
        for pair in pairs {
            members[pair.key] = check(pair.value, element, site.key(pair.key, at: pair.keySpan))
        }
        return .object(members)
    }

    private mutating func tagged(
        _ node: Node, by key: String, _ objects: [TaggedObject], _ schema: ValueSchema, _ site: Site
    ) -> JSONValue? {
        guard node.pairs != nil else {
            diagnostics.append(.wrongType(site.name, schema, node))
            return nil
        }
        let tags = objects.map(\.tag)
        let option = OptionSchema(key, .choice(tags), .required, "")
        guard let tag = node[key]?.string, let object = objects.first(where: { $0.tag == tag }) else {
            // Only the tag can be judged: which other keys there may be depends on it.
            if let tag = node[key] {
                _ = check(tag, option.value, site.key(key, at: tag.span))
            } else {
                diagnostics.append(.missing(option, of: site.name, node))
            }
            return nil
        }
        return self.object(node, ObjectSchema([option] + object.schema.options, groups: object.schema.groups), site)
    }

    private mutating func object(_ node: Node, _ schema: ObjectSchema, _ site: Site) -> JSONValue? {
        guard let pairs = node.pairs else {
            diagnostics.append(.wrongType(site.name, .object(schema), node))
            return nil
        }
        var members: [String: JSONValue] = [:]
        let known = schema.options.map(\.name)
        var unknown: [String] = []
        for pair in pairs {
            if let option = schema[pair.key] {
                members[pair.key] = check(pair.value, option.value, site.key(pair.key, at: pair.keySpan))
            } else if let prefix = schema.freePrefix, pair.key.hasPrefix(prefix) {
                continue
            } else {
                diagnostics.append(.unknownOption(pair, of: site.name, known: known))
                unknown.append(pair.key)
            }
        }
        check(pairs, against: schema.groups, node, site, hasUnknown: !unknown.isEmpty)
        // A key that was told to be a misspelling of an option is not told again as that option's absence.
        let misspelled = unknown.compactMap { $0.nearest(among: known) }
        for option in schema.options where node[option.name] == nil {
            switch option.presence {
            case .optional: break
            case .required where misspelled.contains(option.name): break
            case .required: diagnostics.append(.missing(option, of: site.name, node))
            case .filled(let value): members[option.name] = filled(value, option, at: node.span)
            }
        }
        return .object(members)
    }

    /// Checks which options stand together.
    ///
    /// What an unknown key was meant to be is open, so then none is missed.
    private mutating func check(
        _ pairs: [Node.Pair], against groups: [OptionGroup], _ node: Node, _ site: Site, hasUnknown: Bool
    ) {
        for group in groups {
            switch group {
            case .exactlyOne(let names), .atMostOne(let names):
                let written = pairs.filter { names.contains($0.key) }
                if written.count > 1 {
                    diagnostics.append(.conflict(written, of: site.name))
                } else if written.isEmpty, !hasUnknown, case .exactlyOne = group {
                    diagnostics.append(.missingOneOf(names, of: site.name, node))
                }
            case .needs(let name, let other):
                if let pair = pairs.first(where: { $0.key == name }), node[other] == nil {
                    diagnostics.append(.needs(pair, other))
                }
            }
        }
    }

    /// The canonical form of a default.
    private mutating func filled(_ value: JSONValue, _ option: OptionSchema, at span: SourceSpan) -> JSONValue? {
        var checker = ValueChecker()
        checker.isFilling = true
        let checked = checker.check(Node(value, at: span), option.value, Site(path: "", name: option.name))
        precondition(!checker.diagnostics.hasErrors, "the default of '\(option.name)' does not fit its own schema")
        return checked
    }

    /// Chooses by shape: the alternatives that could hold what was written.
    ///
    /// If just one could, its faults are the
    /// ones to tell; of several, the first without a fault is taken.
    private mutating func any(
        _ node: Node, _ schemas: [ValueSchema], _ schema: ValueSchema, _ site: Site
    ) -> JSONValue? {
        let candidates = schemas.filter { $0.couldHold(node) }
        if candidates.count == 1, case .choice(let words) = candidates[0], let word = node.string, !words.contains(word)
        {
            let others = schemas.filter { if case .choice = $0 { false } else { true } }
            diagnostics.append(.unknownWord(site.name, word, words, orElse: others, node))
            return nil
        }
        if candidates.count == 1 { return check(node, candidates[0], site) }
        for candidate in candidates {
            var attempt = self
            attempt.diagnostics = DiagnosticList()
            let value = attempt.check(node, candidate, site)
            guard let value, !attempt.diagnostics.hasErrors else { continue }
            attempt.diagnostics = diagnostics
            self = attempt
            return value
        }
        diagnostics.append(.wrongType(site.name, schema, node))
        return nil
    }
}

extension ValueSchema {
    /// Whether the shape of a value (mapping, list, kind of scalar) is one that this schema asks for.
    fileprivate func couldHold(_ node: Node) -> Bool {
        switch self {
        case .anything: true
        case .any(let schemas): schemas.contains { $0.couldHold(node) }
        case .object, .tagged, .map: node.pairs != nil
        case .list: node.items != nil
        case .oneOrMany(let element): node.items != nil || element.couldHold(node)
        case .boolean: if case .boolean = node.scalar?.value { true } else { false }
        case .integer, .number:
            switch node.scalar?.value {
            case .integer, .number: true
            default: false
            }
        case .memory, .proportion:
            switch node.scalar?.value {
            case .integer, .number: true
            case .string: Quantity(node.scalar?.text ?? "") != nil
            default: false
            }
        case .text, .identifier, .choice, .path, .stage, .layerPattern, .requirement: node.string != nil
        }
    }
}

extension Diagnostic {
    fileprivate static func unknownOption(_ pair: Node.Pair, of name: String, known: [String]) -> Diagnostic {
        Diagnostic(
            .unknownOption, "unknown option '\(pair.key)' of '\(name)'", at: pair.keySpan,
            help: help(for: pair.key, known: known))
    }

    fileprivate static func tooShort(_ name: String, _ minimum: Int, _ node: Node) -> Diagnostic {
        Diagnostic(
            .wrongType, "'\(name)' must be a list of at least \(minimum), found a list of \(node.items?.count ?? 0)",
            at: node.span)
    }

    fileprivate static func missing(_ option: OptionSchema, of name: String, _ node: Node) -> Diagnostic {
        let help = option.summary.isEmpty ? [] : ["'\(option.name)' is \(option.summary)"]
        return Diagnostic(.missingOption, "'\(name)' needs '\(option.name)'", at: node.headSpan, help: help)
    }

    fileprivate static func missingOneOf(_ names: [String], of name: String, _ node: Node) -> Diagnostic {
        let list = names.map { "'\($0)'" }.joined(separator: ", ")
        return Diagnostic(.missingOption, "'\(name)' needs one of \(list)", at: node.headSpan)
    }

    fileprivate static func conflict(_ pairs: [Node.Pair], of name: String) -> Diagnostic {
        let list = pairs.map { "'\($0.key)'" }.joined(separator: " and ")
        return Diagnostic(
            .conflictingOptions, "\(list) of '\(name)' exclude each other", at: pairs[1].keySpan,
            help: ["keep one of them"], notes: [Note("'\(pairs[0].key)' stands here", at: pairs[0].keySpan)])
    }

    fileprivate static func needs(_ pair: Node.Pair, _ other: String) -> Diagnostic {
        Diagnostic(.missingOption, "'\(pair.key)' has no effect without '\(other)'", at: pair.keySpan)
    }
}

extension Node {
    /// Where a fault of a mapping as a whole is shown: at its first key, as the mapping may be long.
    var headSpan: SourceSpan { pairs?.first?.keySpan ?? span }
}
