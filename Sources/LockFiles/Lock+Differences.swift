package import Documents
package import Planning

extension Lock {
    /// In what a recipe differs from what was locked, before anything runs: a line each.
    ///
    /// Of stages only those are named whose own options changed; what reads them differs by that.
    ///
    /// - Parameters:
    ///   - current: What is there now.
    ///   - recipe: The recipe, resolved: it knows which stage reads which.
    ///   - ingredients: What a locked key is the digest of, if that is still known: it says which option changed.
    /// - Returns: Empty if nothing differs.
    package func differences(
        to current: LockBasis, of recipe: RecipeStages, ingredients: (StageKey) -> JSONValue? = { _ in nil }
    ) -> [String] {
        var lines: [String] = []
        if current.version != basis.version {
            lines.append("pare is version \(current.version), locked with \(basis.version)")
        }
        if current.recipe != basis.recipe {
            lines.append("the recipe is named '\(current.recipe)', locked as '\(basis.recipe)'")
        }
        var changed: Set<String> = []
        for path in Set(basis.inputs.keys).union(current.inputs.keys).sorted() {
            let (locked, present) = (basis.inputs[path], current.inputs[path])
            guard locked != present else { continue }
            changed.insert(path)
            let what = locked == nil ? "was added" : present == nil ? "is no longer read" : "changed"
            lines.append("input '\(path)' \(what)")
        }
        let isExplained = { (stage: StageSpecification) in
            // Which stage read a file that is no longer read is not known any more: one that reads files.
            let paths = stage.inputs.keys
            return !changed.isDisjoint(with: paths) || !paths.isEmpty && changed.contains { current.inputs[$0] == nil }
        }
        return lines + stageDifferences(to: current, of: recipe, isExplained: isExplained, ingredients)
    }

    private func stageDifferences(
        to current: LockBasis, of recipe: RecipeStages, isExplained: (StageSpecification) -> Bool,
        _ ingredients: (StageKey) -> JSONValue?
    ) -> [String] {
        let locked = Dictionary(basis.stages.map { ($0.id, $0.key) }, uniquingKeysWith: { $1 })
        var differing: Set<String> = []
        var lines: [String] = []
        // A stage may stand in the file before one that it reads.
        for stage in current.stages where locked[stage.id] != stage.key { differing.insert(stage.id) }
        for stage in recipe.stages where differing.contains(stage.id) {
            if locked[stage.id] == nil {
                lines.append("stage '\(stage.id)' was added")
            } else if !stage.reads.contains(where: { differing.contains($0.id) }), !isExplained(stage) {
                let earlier = locked[stage.id].flatMap { StageKey(hex: $0) }.flatMap(ingredients)
                let changes = OptionChange.between(earlier?["options"] ?? stage.keyOptions, stage.keyOptions, at: "")
                let what = changes.map(\.description).joined(separator: ", ")
                lines.append(
                    "stage '\(stage.id)'"
                        + (what.isEmpty ? " has other options, another seed or another version" : ": \(what)"))
            }
        }
        let present = Set(current.stages.map(\.id))
        lines += basis.stages.filter { !present.contains($0.id) }.map { "stage '\($0.id)' is gone" }
        return lines
    }

    /// In what the results of a run differ from what was locked: a line each.
    ///
    /// - Parameter results: The stages that have a result; what the others were to give is not missed.
    /// - Returns: Empty if nothing differs.
    package func differences(to results: [StageResult]) -> [String] {
        results.flatMap { result -> [String] in
            var lines: [String] = []
            if let locked = networks.first(where: { $0.stage == result.id }), locked != result.network {
                func line(_ name: String, _ found: Int?, _ expected: Int) -> String? {
                    found == expected
                        ? nil
                        : "\(result.id): \(name) is \(found.map { String($0) } ?? "missing"), expected \(expected)"
                }
                lines += [
                    line("totalParameters", result.network?.totalParameters, locked.totalParameters),
                    line("memoryBytes", result.network?.memoryBytes, locked.memoryBytes),
                ].compactMap { $0 }
            } else if let network = result.network, !networks.contains(where: { $0.stage == result.id }) {
                lines.append("\(result.id): totalParameters is \(network.totalParameters), which is not locked")
            }
            let figures = result.figures
            for measure in measures where measure.stage == result.id {
                let found = figures.first { $0.need == measure.need && $0.metric == measure.metric }?.value
                guard !measure.allows(found) else { continue }
                lines.append(
                    "\(result.id): \(measure.metric) of \(measure.need) is \(found.map { "\($0)" } ?? "not finite"), "
                        + "expected \(measure.expected) within \(measure.tolerance)")
            }
            let locked = measures.filter { $0.stage == result.id }
            for figure in figures
            where !locked.contains(where: { $0.need == figure.need && $0.metric == figure.metric }) {
                lines.append("\(result.id): \(figure.metric) of \(figure.need) is \(figure.value), which is not locked")
            }
            return lines
        }
    }
}

extension Lock.Measure {
    /// Whether a measure is as far from what is expected as it may be.
    func allows(_ value: Double?) -> Bool {
        guard let value else { return false }
        // 0.93 is within 0.01 of 0.92, and their difference as binary numbers a little more.
        return abs(value - expected) <= tolerance + 1e-9 * max(abs(value), abs(expected))
    }
}
