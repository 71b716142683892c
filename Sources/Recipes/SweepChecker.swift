internal import Diagnostics
internal import Documents
internal import RecipeSyntax

/// Checks what a sweep sets and asks for: each path must lead to an option, and each value must fit it.
struct SweepChecker {
    let stages: StageListReader
    let kinds: [StageKindSchema]

    init(stages: StageListReader, kinds: [StageKindSchema]) {
        self.stages = stages
        self.kinds = kinds
    }

    func check(_ sweep: Node, into diagnostics: inout DiagnosticList) {
        for pair in sweep["parameters"]?.pairs ?? [] {
            guard let schema = schema(at: pair, into: &diagnostics) else { continue }
            for value in pair.value.items ?? [] {
                _ = ValueChecker.check(value, schema, name: pair.key, into: &diagnostics)
            }
        }
        let objective = sweep["objective"]
        for node in [objective?["maximize"], objective?["minimize"]].compactMap({ $0 }) {
            if let path = node.string { check(result: path, at: node.span, into: &diagnostics) }
        }
        for pair in objective?["subjectTo"]?.pairs ?? [] {
            check(result: pair.key, at: pair.keySpan, into: &diagnostics)
            if let text = pair.value.string, let stage = try? Requirement(text).stage {
                check(result: stage + ".", at: pair.value.span, into: &diagnostics)
            }
        }
    }

    /// The schema of the option that a path names.
    private func schema(at pair: Node.Pair, into diagnostics: inout DiagnosticList) -> ValueSchema? {
        let components = pair.key.split(separator: ".", omittingEmptySubsequences: false).map { String($0) }
        let header = Recipe.schema.options.filter { !["stages", "sweep", "version"].contains($0.name) }
        var schema: ValueSchema
        if let draft = stages.drafts.first(where: { $0.id == components[0] }) {
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
        let isStage = stages.drafts.contains { $0.id == components[0] }
        for component in components.dropFirst(isStage ? 1 : 0) {
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

    /// A result is `stage.name`; which names there are is known when the stage has run.
    private func check(result path: String, at span: SourceSpan, into diagnostics: inout DiagnosticList) {
        guard let dot = path.firstIndex(of: ".") else {
            diagnostics.append(.noResult(path, span))
            return
        }
        let stage = String(path[..<dot])
        if !stages.drafts.contains(where: { $0.id == stage }) {
            diagnostics.append(.unknownStage(stage, at: span, known: stages.drafts.map(\.id)))
        }
    }
}

extension Diagnostic {
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
