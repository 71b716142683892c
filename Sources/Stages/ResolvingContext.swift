internal import Compression
internal import Diagnostics
internal import Documents
internal import Networks
internal import Recipes

/// What a stage kind resolves against: the recipe, what the stages before it will have made, and where faults go.
package struct ResolvingContext {
    let recipe: Recipe
    /// The folder of the recipe's file, which its paths are relative to.
    let folder: FilePath
    /// The networks and data that were read already.
    let inputs: RecipeInputs
    var diagnostics = DiagnosticList()
    /// Prospects of the stages resolved so far, by id; a transparent stage has that of the stage it passes on.
    var prospects: [String: Prospect] = [:]

    /// The file or folder that an option names.
    func path(_ written: String) -> FilePath { folder.appending(written) }

    /// The network that a stage takes, or `nil` with a diagnostic if its needs give none.
    mutating func input(of stage: StageDeclaration) -> Prospect? {
        guard let need = stage.needs.first else {
            report(
                .stageOrder, "stage '\(stage.id)' needs a network, and no stage comes before it", at: stage.kindSpan,
                help: ["begin the recipe with a load stage"])
            return nil
        }
        if stage.needs.count > 1 {
            report(
                .stageOrder, "stage '\(stage.id)' takes one network, and needs \(stage.needs.count) stages",
                at: stage.kindSpan, help: ["only evaluate reads several"])
            return nil
        }
        return prospects[need]
    }

    /// The data of a stage's network, or `nil` with a diagnostic if `load` named none.
    mutating func data(of prospect: Prospect, for stage: StageDeclaration) -> DataSource? {
        if prospect.data == nil {
            report(
                .dataMismatch, "stage '\(stage.id)' needs data, and its load stage names none", at: stage.kindSpan,
                help: ["add 'data: FOLDER' to the load stage, a folder with a dataset.yaml"])
        }
        return prospect.data
    }

    /// Reports a network that has no weights yet to a stage that cannot do without.
    mutating func requireTrained(_ prospect: Prospect, for stage: StageDeclaration) -> Bool {
        guard !prospect.isTrained else { return true }
        report(
            .stageOrder, "stage '\(stage.id)' needs a trained network, and the loaded one has no weights",
            at: stage.kindSpan, help: ["put a train stage before it, or load a trained network"])
        return false
    }

    /// Reports a network that a stage cannot take any more.
    mutating func requirePlain(_ prospect: Prospect, for stage: StageDeclaration) -> Bool {
        switch prospect.form {
        case .plain: return true
        case .projected:
            report(
                .stageOrder, "stage '\(stage.id)' cannot follow a projection: its network has projected layers",
                at: stage.kindSpan,
                help: [
                    "put it before project, put an unpack stage between, or give project 'UnpackProjectedLayers: true'"
                ])
        case .int8, .bfloat16:
            report(
                .stageOrder,
                "stage '\(stage.id)' cannot follow quantize: its network is in \(prospect.form.rawValue)",
                at: stage.kindSpan, help: ["put it before quantize"])
        }
        return false
    }

    /// Reports each pattern of a stage's `LayerNames` that matches no layer.
    ///
    /// - Parameters:
    ///   - option: The option with the patterns, if another.
    ///   - layers: The layers that the stage applies to.
    ///   - property: What makes them so, such as `can be pruned`.
    mutating func requireMatches(
        _ stage: StageDeclaration, of option: String = "LayerNames", among layers: [String], that property: String
    ) -> Bool {
        var isSound = true
        let patterns = stage.options[option]?.elements?.compactMap(\.text) ?? []
        for (index, pattern) in patterns.enumerated() where !layers.contains(where: LayerPattern(pattern).matches) {
            report(
                .patternUnmatched, "'\(pattern)' matches no layer that \(property)",
                at: stage.options.span(at: "\(option).\(index)"),
                help: Diagnostic.help(for: pattern, known: layers))
            isSound = false
        }
        return isSound
    }

    mutating func report(
        _ id: DiagnosticID, _ message: String, at span: SourceSpan?, help: [String] = [],
        notes: [Diagnostic.Note] = []
    ) {
        diagnostics.append(Diagnostic(id, message, at: span, help: help, notes: notes))
    }
}
