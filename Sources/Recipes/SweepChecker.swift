internal import Diagnostics
internal import Documents
internal import RecipeSyntax

/// Checks what a sweep sets and asks for: each path must lead to an option, and each value must fit it.
struct SweepChecker {
    let stages: StageListReader

    /// The sweep as a value, or `nil` after a diagnostic; what ``Sweep/schema`` asks for is checked apart.
    func sweep(_ node: Node, into diagnostics: inout DiagnosticList) -> Sweep? {
        var parameters: [Sweep.Parameter] = []
        var isSound = true
        for pair in node["parameters"]?.pairs ?? [] {
            if let schema = schema(at: pair, into: &diagnostics),
                let values = values(pair, schema, isDrawn: node["samples"] != nil, into: &diagnostics)
            {
                parameters.append(Sweep.Parameter(path: pair.key, span: pair.keySpan, values: values))
            } else {
                isSound = false
            }
        }
        let objective = objective(node["objective"], into: &diagnostics)
        guard isSound, let first = parameters.first else {
            if let empty = node["parameters"], empty.pairs?.isEmpty == true { diagnostics.append(.noParameter(empty)) }
            return nil
        }
        if node["samples"] == nil {
            var count = 1
            for case .list(let values) in parameters.map(\.values) where count <= Sweep.largestCount {
                count *= values.count
            }
            if count > Sweep.largestCount { diagnostics.append(.tooMany(first.span)) }
        }
        return Sweep(parameters: parameters, samples: node["samples"]?.json.whole, objective: objective)
    }
}

// MARK: - Parameters

extension SweepChecker {
    /// The values to try; `nil` after a diagnostic.
    private func values(
        _ pair: Node.Pair, _ schema: ValueSchema, isDrawn: Bool, into diagnostics: inout DiagnosticList
    ) -> Sweep.Values? {
        if let items = pair.value.items {
            let values = items.compactMap { item in
                ValueChecker.check(item, schema, name: pair.key, into: &diagnostics).map {
                    SweepValue(node: item, canonical: $0.value)
                }
            }
            return values.count == items.count && !items.isEmpty ? .list(values) : nil
        }
        guard let from = pair.value["from"], let to = pair.value["to"] else { return nil }
        guard let form = SweepRange.Form(schema) else {
            diagnostics.append(.noNumber(pair, schema))
            return nil
        }
        guard
            let low = ValueChecker.check(from, schema, name: pair.key, into: &diagnostics)?.value.double,
            let high = ValueChecker.check(to, schema, name: pair.key, into: &diagnostics)?.value.double
        else { return nil }
        guard low < high else {
            diagnostics.append(.emptyRange(pair, from, to))
            return nil
        }
        let isLogarithmic = pair.value["scale"]?.string == "log"
        if isLogarithmic, low <= 0 {
            diagnostics.append(.noLogarithm(pair, from))
            return nil
        }
        if !isDrawn {
            diagnostics.append(.rangeWithoutSamples(pair))
            return nil
        }
        return .range(
            SweepRange(from: low, to: high, isLogarithmic: isLogarithmic, form: form, span: pair.value.span))
    }

    /// The schema of the option that a path names.
    private func schema(at pair: Node.Pair, into diagnostics: inout DiagnosticList) -> ValueSchema? {
        let components = pair.key.split(separator: ".", omittingEmptySubsequences: false).map { String($0) }
        let header = Recipe.schema.options.filter { !["stages", "sweep", "version", "name"].contains($0.name) }
        var schema: ValueSchema
        let draft = stages.drafts.first { $0.id == components[0] }
        if let draft {
            guard let kind = draft.kind else { return nil }
            guard components.count > 1 else {
                diagnostics.append(.stageIsNoOption(pair))
                return nil
            }
            schema = .object(kind.options)
        } else {
            schema = .object(ObjectSchema(header))
            if header.allSatisfy({ $0.name != components[0] }) {
                let known = stages.drafts.map(\.id) + header.map(\.name)
                diagnostics.append(.unknownStart(components[0], pair, known: known))
                return nil
            }
        }
        for component in components.dropFirst(draft == nil ? 0 : 1) {
            switch schema.member(component) {
            case .found(let inner): schema = inner
            case .unknown(let known):
                diagnostics.append(.unknownPart(component, pair, known: known))
                return nil
            case .none:
                diagnostics.append(.unknownPart(component, pair, known: []))
                return nil
            }
        }
        return schema
    }
}

// MARK: - Objective

extension SweepChecker {
    /// What is looked for; which results a stage has is known when it is resolved.
    private func objective(_ node: Node?, into diagnostics: inout DiagnosticList) -> Objective? {
        guard let node else { return nil }
        var constraints: [Objective.Constraint] = []
        for pair in node["subjectTo"]?.pairs ?? [] {
            let path = result(pair.key, at: pair.keySpan, into: &diagnostics)
            guard let text = pair.value.string, let requirement = try? Requirement(text) else { continue }
            if let stage = requirement.stage { checkStage(stage, at: pair.value.span, into: &diagnostics) }
            if let path {
                constraints.append(
                    Objective.Constraint(result: path, requirement: requirement, span: pair.value.span))
            }
        }
        let goals = [(Objective.Direction.maximize, node["maximize"]), (.minimize, node["minimize"])]
        var objective: Objective?
        for case (let direction, let goal?) in goals {
            guard let text = goal.string, let path = result(text, at: goal.span, into: &diagnostics) else { continue }
            objective = Objective(direction, path, subjectTo: constraints)
        }
        return objective
    }

    private func result(
        _ path: String, at span: SourceSpan, into diagnostics: inout DiagnosticList
    ) -> ResultPath? {
        let parts = path.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false).map { String($0) }
        guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty }) else {
            diagnostics.append(.noResult(path, span))
            return nil
        }
        checkStage(parts[0], at: span, into: &diagnostics)
        return ResultPath(stage: parts[0], metric: parts[1], at: span)
    }

    private func checkStage(_ id: String, at span: SourceSpan, into diagnostics: inout DiagnosticList) {
        let known = stages.drafts.map(\.id)
        if !known.contains(id) { diagnostics.append(.unknownStage(id, at: span, known: known)) }
    }
}

extension Diagnostic {
    fileprivate static func noParameter(_ node: Node) -> Diagnostic {
        Diagnostic(
            .missingOption, "the sweep varies nothing", at: node.span,
            help: ["name the path of an option, like 'prune.MaxToPrune: [1, 2]'"])
    }

    fileprivate static func tooMany(_ span: SourceSpan) -> Diagnostic {
        Diagnostic(
            .outOfRange, "the values give more than \(Sweep.largestCount) combinations", at: span,
            help: ["list fewer values, or add 'samples: 100' to the sweep to draw some combinations"])
    }

    fileprivate static func noNumber(_ pair: Node.Pair, _ schema: ValueSchema) -> Diagnostic {
        Diagnostic(
            .wrongType, "'\(pair.key)' has no range: it must be \(schema.expectation)", at: pair.value.shownSpan,
            help: ["list the values to try"])
    }

    fileprivate static func emptyRange(_ pair: Node.Pair, _ from: Node, _ to: Node) -> Diagnostic {
        Diagnostic(
            .outOfRange, "the range of '\(pair.key)' must rise, found \(from.flowText) to \(to.flowText)", at: to.span)
    }

    fileprivate static func noLogarithm(_ pair: Node.Pair, _ from: Node) -> Diagnostic {
        Diagnostic(
            .outOfRange, "a range of logarithms must begin above 0, found \(from.flowText)", at: from.span,
            help: ["begin above 0, or leave 'scale: log' out"])
    }

    fileprivate static func rangeWithoutSamples(_ pair: Node.Pair) -> Diagnostic {
        Diagnostic(
            .missingOption, "'\(pair.key)' is a range, and the sweep has no 'samples'", at: pair.keySpan,
            help: ["add 'samples: 20' to the sweep to draw 20 points, or list the values to try"])
    }

    fileprivate static func stageIsNoOption(_ pair: Node.Pair) -> Diagnostic {
        Diagnostic(
            .wrongType, "'\(pair.key)' is a stage, expected the path of an option", at: pair.keySpan,
            help: ["name an option of the stage, like '\(pair.key).OPTION'"])
    }

    fileprivate static func unknownStart(_ name: String, _ pair: Node.Pair, known: [String]) -> Diagnostic {
        Diagnostic(
            .unknownOption, "unknown stage or key '\(name)' in the path '\(pair.key)'", at: pair.keySpan,
            help: help(for: name, known: known))
    }

    fileprivate static func unknownPart(_ name: String, _ pair: Node.Pair, known: [String]) -> Diagnostic {
        Diagnostic(
            .unknownOption, "unknown option '\(name)' in the path '\(pair.key)'", at: pair.keySpan,
            help: help(for: name, known: known))
    }

    fileprivate static func noResult(_ path: String, _ span: SourceSpan) -> Diagnostic {
        Diagnostic(
            .wrongType, "'\(path)' names no result, expected a path such as evaluate.accuracy", at: span)
    }
}
