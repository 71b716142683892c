internal import Diagnostics
internal import Documents
internal import RecipeSyntax

extension ValueChecker {
    /// Checks a value that is not made of others.
    mutating func scalar(_ node: Node, _ schema: ValueSchema, _ site: Site) -> JSONValue? {
        guard let scalar = node.scalar else {
            diagnostics.append(.wrongType(site.name, schema, node))
            return nil
        }
        switch (schema, scalar.value) {
        case (.boolean, .boolean(let value)):
            return .boolean(value)
        case (.integer(let range), .integer(let value)):
            return within(range.contains(value), .integer(value), schema, node, site)
        case (.integer(let range), .number(let value)) where value == value.rounded() && abs(value) < 1e15:
            return within(range.contains(Int(value)), .integer(Int(value)), schema, node, site)
        case (.number(let range), .integer(let value)):
            return within(range.contains(Double(value)), .number(Double(value)), schema, node, site)
        case (.number(let range), .number(let value)) where value.isFinite:
            return within(range.contains(value), .number(value), schema, node, site)
        case (.memory, .integer), (.memory, .number):
            diagnostics.append(.memoryWithoutUnit(site.name, node, scalar.text))
            return nil
        case (.proportion(let range), .integer), (.proportion(let range), .number):
            return proportion(Quantity(scalar.text), range, schema, node, site)
        case (.choice(let words), .string):
            if words.contains(scalar.text) { return .string(scalar.text) }
            diagnostics.append(.unknownWord(site.name, scalar.text, words, node))
            return nil
        case (_, .string) where !scalar.text.isEmpty:
            return text(scalar.text, schema, node, site)
        default:
            diagnostics.append(.wrongType(site.name, schema, node))
            return nil
        }
    }

    private mutating func text(_ text: String, _ schema: ValueSchema, _ node: Node, _ site: Site) -> JSONValue? {
        switch schema {
        case .text, .path, .layerPattern:
            return .string(text)
        case .identifier where text.isIdentifier:
            return .string(text)
        case .stage:
            refer(to: text, site, at: node.span)
            return .string(text)
        case .memory:
            guard let quantity = Quantity(text), quantity.unit == nil || quantity.unit?.bytes != nil else { break }
            guard quantity.unit != nil else {
                diagnostics.append(.memoryWithoutUnit(site.name, node, text))
                return nil
            }
            return within(quantity.memory != nil, .integer(quantity.memory ?? 0), schema, node, site)
        case .proportion(let range):
            guard let quantity = Quantity(text), quantity.unit == nil || quantity.unit == .percent else { break }
            return proportion(quantity, range, schema, node, site)
        case .requirement:
            return requirement(text, node, site)
        default:
            break
        }
        diagnostics.append(.wrongType(site.name, schema, node))
        return nil
    }

    /// A share; a bare number above 1 was most likely meant as percent.
    private mutating func proportion(
        _ quantity: Quantity?, _ range: ClosedRange<Double>, _ schema: ValueSchema, _ node: Node, _ site: Site
    ) -> JSONValue? {
        guard let quantity else {
            diagnostics.append(.wrongType(site.name, schema, node))
            return nil
        }
        let value = quantity.value
        if quantity.unit == nil, value > ExactDecimal(1), value <= ExactDecimal(100) {
            diagnostics.append(.proportionWithoutUnit(site.name, node, quantity))
            return nil
        }
        return within(range.contains(value.double), .number(value.double), schema, node, site)
    }

    /// A bound: the stage it names is an edge, and its unit must be one of the metric's.
    private mutating func requirement(_ text: String, _ node: Node, _ site: Site) -> JSONValue? {
        do {
            let requirement = try Requirement(text)
            if let stage = requirement.stage { refer(to: stage, site, at: node.span) }
            let metric = site.name.split(separator: ".").last ?? ""
            let isMemory = metric == "memory" || metric == "activationMemory"
            if metric == "accuracy", let quantity = requirement.quantity, quantity.unit == nil,
                quantity.value > ExactDecimal(1) || requirement.stage != nil && quantity.value == ExactDecimal(1)
            {
                diagnostics.append(
                    .shareOfMetric(String(metric), quantity, isDifference: requirement.stage != nil, node))
                return nil
            }
            if let quantity = requirement.quantity, (quantity.unit?.bytes != nil) != isMemory {
                diagnostics.append(.unitOfMetric(String(metric), quantity, isMemory: isMemory, node))
                return nil
            }
            return .string(requirement.description)
        } catch {
            diagnostics.append(.noRequirement(text, error, node))
            return nil
        }
    }

    private mutating func within(
        _ isInside: Bool, _ value: JSONValue, _ schema: ValueSchema, _ node: Node, _ site: Site
    ) -> JSONValue? {
        if isInside { return value }
        diagnostics.append(.outOfRange(site.name, schema, node))
        return nil
    }
}

extension Diagnostic {
    /// What was expected and what was found.
    static func wrongType(_ name: String, _ schema: ValueSchema, _ node: Node) -> Diagnostic {
        var help: [String] = []
        if let scalar = node.scalar, scalar.value != .string, !node.isNull {
            switch schema {
            case .text, .identifier, .path, .layerPattern, .stage: help = ["to give text, write \"\(scalar.text)\""]
            default: break
            }
        }
        return Diagnostic(
            .wrongType, "'\(name)' must be \(schema.expectation), found \(node.found)", at: node.shownSpan, help: help)
    }

    fileprivate static func outOfRange(_ name: String, _ schema: ValueSchema, _ node: Node) -> Diagnostic {
        Diagnostic(
            .outOfRange, "'\(name)' must be \(schema.expectation), found \(node.scalar?.text ?? "")", at: node.span)
    }

    /// - Parameter others: What may stand there in place of a word.
    static func unknownWord(
        _ name: String, _ word: String, _ known: [String], orElse others: [ValueSchema] = [], _ node: Node
    ) -> Diagnostic {
        let others = others.map { ", or \($0.expectation)" }.joined()
        return Diagnostic(
            .unknownValue, "unknown \(name) '\(word)'", at: node.span,
            help: help(for: word, known: known).map { $0 + others })
    }

    fileprivate static func memoryWithoutUnit(_ name: String, _ node: Node, _ digits: String) -> Diagnostic {
        Diagnostic(
            .missingUnit, "'\(name)' needs a unit: B, KB, KiB, MB, MiB, GB or GiB, found \(digits)", at: node.span,
            help: ["write '\(digits) KiB' if kibibytes are meant"])
    }

    fileprivate static func proportionWithoutUnit(_ name: String, _ node: Node, _ quantity: Quantity) -> Diagnostic {
        let share = quantity.value.shifted(by: -2).double.shortText
        return Diagnostic(
            .missingUnit, "'\(name)' must be a proportion, found \(quantity.digits) without a unit", at: node.span,
            help: ["write \(share) or \(quantity.digits) %"])
    }

    fileprivate static func noRequirement(_ text: String, _ fault: Requirement.Fault, _ node: Node) -> Diagnostic {
        Diagnostic(.requirement, "the requirement '\(text)' \(fault.problem)", at: node.span, help: [fault.help])
    }

    fileprivate static func shareOfMetric(
        _ metric: String, _ quantity: Quantity, isDifference: Bool, _ node: Node
    ) -> Diagnostic {
        let share = quantity.value.shifted(by: -2).double.shortText
        return Diagnostic(
            .missingUnit, "a bound on '\(metric)' is a share of 1, found '\(quantity)' without a unit", at: node.span,
            help: ["write \(share) or \(quantity.digits) \(isDifference ? "points" : "%")"])
    }

    fileprivate static func unitOfMetric(
        _ metric: String, _ quantity: Quantity, isMemory: Bool, _ node: Node
    ) -> Diagnostic {
        isMemory
            ? Diagnostic(
                .missingUnit,
                "a bound on '\(metric)' needs a unit: B, KB, KiB, MB, MiB, GB or GiB, found '\(quantity)'",
                at: node.span)
            : Diagnostic(
                .wrongType, "a bound on '\(metric)' cannot be a memory size, found '\(quantity)'", at: node.span)
    }
}

extension Node {
    /// What was written, in the words of a message.
    var found: String {
        switch content {
        case .sequence(let items): items.isEmpty ? "an empty list" : "a list"
        case .mapping: "a mapping"
        case .invalid: "a faulty value"
        case .scalar(let scalar):
            switch scalar.value {
            case .null: "nothing"
            case .boolean: scalar.text
            case .integer, .number: "the number \(scalar.text)"
            case .string: "'\(scalar.text.prefix(60))'"
            }
        }
    }

    /// A block collection is long: its first line is shown from where it begins to the end of its first key or item.
    var shownSpan: SourceSpan { span.start.line == span.end.line ? span : pairs?.first?.keySpan ?? span }
}
