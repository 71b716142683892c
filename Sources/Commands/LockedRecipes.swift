internal import ArgumentParser
internal import Checkpoints
internal import Diagnostics
internal import Documents
internal import Execution
internal import Foundation
internal import LockFiles
internal import Planning
internal import Recipes
internal import Reports
internal import Stages

/// Recipes beside their lock files.
struct LockedRecipes {
    private let entries: [(recipe: ResolvedRecipe, path: String, lock: Lock)]
    private let json: Bool
    /// What writes the lock files anew.
    private let command: String

    /// Reads the lock file of each recipe and compares what is known before a run.
    ///
    /// - Parameters:
    ///   - recipes: The recipes, resolved.
    ///   - arguments: How the command names them and what it sets.
    ///   - store: Where records may tell which option of a stage changed.
    ///   - report: Called with the outcome of the command, if it ends here.
    /// - Throws: The exit status 1 if a lock file is missing or something differs, 2 if one has faults; each after
    ///   saying so.
    init(
        _ recipes: [ResolvedRecipe], _ arguments: RecipeArguments, store: String = ".pare/store",
        reportingTo report: (BatchOutcome) -> Void = { _ in }
    ) throws {
        json = arguments.json
        command = arguments.command("lock", for: recipes.map(\.file), store: store)
        var faults = DiagnosticList()
        var entries: [(recipe: ResolvedRecipe, path: String, lock: Lock)] = []
        var outcomes: [BatchOutcome.Entry] = []
        var missing: [String] = []
        for recipe in recipes {
            let path = LockFile.path(forRecipe: recipe.file)
            var own = DiagnosticList()
            var outcome = BatchOutcome.Entry(name: recipe.stages.name)
            if let lock = LockFile.read(path, into: &own) {
                entries.append((recipe, path, lock))
            } else if own.hasErrors {
                outcome.fault = DiagnosticRenderer().render(own)
            } else {
                let again = arguments.command("lock", for: [recipe.file], store: store)
                missing.append("there is no lock file '\(path)': write it with '\(again)'")
                outcome.fault = missing.last
            }
            faults.append(contentsOf: own)
            outcomes.append(outcome)
        }
        self.entries = entries
        for message in missing { Output.complain("\(Output.errors.style.text("error:", .bad)) \(message)\n") }
        let status: Int32? = faults.hasErrors ? 2 : missing.isEmpty ? nil : 1
        if let status { report(BatchOutcome(entries: outcomes, exitStatus: status, version: Program.version)) }
        _ = try Output.checked(json: json) {
            $0 = faults
            return faults.hasErrors ? nil : true
        }
        if let status { throw ExitCode(status) }

        let records = try? Store(at: store)
        let differences = entries.map { entry in
            entry.lock.differences(to: entry.recipe.lockBasis, of: entry.recipe.stages) { key in
                guard case .complete(let record) = try? records?.lookUp(key) else { return nil }
                return record.ingredients
            }
        }
        guard show(differences) else { return }
        for index in outcomes.indices { outcomes[index].differences = differences[index] }
        report(BatchOutcome(entries: outcomes, exitStatus: 1, version: Program.version))
        throw ExitCode(1)
    }

    /// In what the results of each recipe's run differ from its lock file, by the recipe's name; shown, if they do.
    func differences(of runs: [RunRecord]) -> [String: [String]] {
        let stages = Dictionary(runs.map { ($0.recipe, $0.stages) }, uniquingKeysWith: { first, _ in first })
        let differences = entries.map { entry in
            stages[entry.recipe.stages.name].map { entry.lock.differences(to: $0.compactMap(\.lockResult)) }
        }
        _ = show(differences.map { $0 ?? [] })
        let named = zip(entries, differences).map { ($0.recipe.stages.name, $1) }
        return Dictionary(named, uniquingKeysWith: { first, _ in first }).compactMapValues { $0 }
    }

    /// Shows differences; whether there are any.
    private func show(_ differences: [[String]]) -> Bool {
        let found = zip(entries, differences).filter { !$1.isEmpty }
        for (entry, lines) in found {
            if json {
                for line in lines {
                    let event: JSONValue = [
                        "event": "lock.difference", "recipe": .string(entry.recipe.stages.name),
                        "file": .string(entry.path), "message": .string(line),
                    ]
                    Output.write(event.canonicalText + "\n")
                }
            } else {
                let error = Output.errors.style.text("error:", .bad)
                Output.complain("\(error) '\(entry.recipe.stages.name)' differs from '\(entry.path)'\n")
                for line in lines { Output.complain("  \(line)\n") }
            }
        }
        if !found.isEmpty, !json {
            Output.complain("if that is meant, write the lock file anew with\n\(command)\n")
        }
        return !found.isEmpty
    }

}

extension ResolvedRecipe {
    /// What a lock file holds of the recipe before it runs.
    var lockBasis: LockBasis {
        let name = file.split(separator: "/").last.map(String.init) ?? file
        return LockBasis(
            stages, file: name, digest: Digest(of: Data(recipe.source.bytes)), version: Program.version)
    }
}

extension RunRecord.Stage {
    fileprivate var lockResult: StageResult? { result.map { StageResult(id: id, result: $0) } }
}
