package import Diagnostics
internal import Documents
internal import RecipeSyntax

extension Recipe {
    /// Reads and checks a recipe.
    ///
    /// - Parameters:
    ///   - file: The text of the recipe.
    ///   - overrides: Options that replace those of the file, the last one wins.
    ///   - kinds: The kinds of stages there are.
    ///   - diagnostics: Takes every fault of the file and of the overrides.
    /// - Returns: The recipe, or `nil` if there was a fault.
    package static func read(
        file: SourceFile, overrides: [Override] = [], kinds: [StageKindSchema],
        into diagnostics: inout DiagnosticList
    ) -> Recipe? {
        var faults = DiagnosticList()
        let recipe = read(file, overrides, kinds, &faults)
        diagnostics.append(contentsOf: faults)
        return faults.hasErrors ? nil : recipe
    }

    private static func read(
        _ file: SourceFile, _ overrides: [Override], _ kinds: [StageKindSchema], _ faults: inout DiagnosticList
    ) -> Recipe? {
        guard var root = NodeReader.read(file, into: &faults) else { return nil }
        guard root.pairs != nil else {
            faults.append(.noRecipe(root))
            return nil
        }
        for override in overrides { override.apply(to: &root, kinds: kinds, into: &faults) }

        let header = ValueChecker.check(root, .object(schema), name: "recipe", into: &faults)
        var list = StageListReader(kinds: kinds)
        if let stages = root["stages"] { list.read(stages) }
        let order = list.order()
        let sweep = root["sweep"].flatMap { SweepChecker(stages: list).sweep($0, into: &list.diagnostics) }
        faults.append(contentsOf: list.diagnostics)

        guard !faults.hasErrors, let header, let order, let name = header["name"]?.text else { return nil }
        return Recipe(
            source: file, version: version, name: name, description: header["description"]?.text,
            seed: header["seed"]?.whole ?? 0, budget: header["budget"].flatMap { Budget($0) },
            stages: list.declarations, order: order, sweep: sweep, header: header)
    }
}

extension Diagnostic {
    fileprivate static func noRecipe(_ node: Node) -> Diagnostic {
        Diagnostic(
            .wrongType, "a recipe must be a mapping with 'version', 'name' and 'stages', found \(node.found)",
            at: node.shownSpan)
    }
}
