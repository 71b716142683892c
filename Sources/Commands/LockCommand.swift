internal import ArgumentParser
internal import Checkpoints
internal import Clusters
internal import Diagnostics
internal import Documents
internal import Execution
internal import Foundation
internal import Kernels
internal import LockFiles
internal import Planning
internal import Stages

/// `pare lock`: writes the lock file of each recipe from what the store holds.
struct LockCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lock", abstract: "Write NAME.lock.yaml beside each recipe: what its runs are held to.",
        discussion: """
            The lock file holds the digests of all inputs, the version of pare, the key of each stage and what the \
            recipe came to. Nothing is run: the results are those in the store, so run the recipe first. \
            'pare run --locked' and 'pare check --locked' fail when something differs from it. Tolerances of a lock file \
            that is there already stay as they are.
            """)

    @OptionGroup var arguments: RecipeArguments

    @Option(help: ArgumentHelp("The folder that keeps what was made.", valueName: "dir"))
    var store = ".pare/store"

    @Option(
        name: .customLong("tolerance"),
        help: ArgumentHelp(
            """
            How far a measure may be off, as in --tolerance 'accuracy=2 points', loss=0.05 or 'loss=20 %'; may be \
            repeated. (default: as in the lock file, or 1 points for shares, 10 % for others; sizes are exact)
            """, valueName: "metric=value"))
    var tolerances: [String] = []

    func validate() throws {
        if store.isEmpty { throw ValidationError("--store is empty, expected a folder") }
        if arguments.arePoints { throw ValidationError("frozen work has no lock file: name its recipe") }
        for text in tolerances where Tolerance(text) == nil {
            throw ValidationError(
                "--tolerance is '\(text)', expected METRIC=VALUE as in 'accuracy=2 points', loss=0.05 or 'loss=20 %'")
        }
    }

    func run() throws {
        let loaded = try arguments.load()
        let recipes = try Output.attempt { try loaded.map { try $0.settled(in: Store(at: store)) } }
        let results = try recipes.map { recipe in try Output.attempt { try self.results(of: recipe) } }
        let chosen = tolerances.compactMap { Tolerance($0) }
        try check(chosen, against: results)
        let earlier = try earlierLocks(of: recipes)
        for ((recipe, results), earlier) in zip(zip(recipes, results), earlier) {
            let lock = Lock(
                recipe.lockBasis, results: results, instructionSet: InstructionSet.current, tolerances: chosen,
                inPlaceOf: earlier)
            let path = LockFile.path(forRecipe: recipe.file)
            let text = LockFile.text(of: lock, command: command(for: recipe))
            try Output.attempt {
                let files = DiskFileSystem()
                try files.write(Data(text.utf8), to: path + ".partial", durably: false)
                try files.rename(path + ".partial", to: path)
            }
            let (inputs, measures) = (lock.basis.inputs.count, lock.measures.count)
            let event: JSONValue = [
                "event": "lock.written", "recipe": .string(recipe.stages.name), "file": .string(path),
                "inputs": .integer(inputs), "measures": .integer(measures),
            ]
            Output.write(
                arguments.json ? event.canonicalText + "\n" : "\(path): \(inputs) inputs, \(measures) measures\n")
        }
    }

    /// The lock file that each recipe has.
    ///
    /// - Throws: The exit status 2 if one has faults: its tolerances would be lost without a word.
    private func earlierLocks(of recipes: [ResolvedRecipe]) throws -> [Lock?] {
        do {
            return try Output.checked(json: arguments.json) { faults in
                let locks = recipes.map { LockFile.read(LockFile.path(forRecipe: $0.file), into: &faults) }
                return faults.hasErrors ? nil : locks
            }
        } catch {
            if !arguments.json {
                Output.complain("its tolerances stay when it is written anew: mend it, or remove it\n")
            }
            throw error
        }
    }

    /// What each stage came to, from the store.
    private func results(of recipe: ResolvedRecipe) throws -> [StageResult] {
        try recipe.requireSettled()
        let store = try Store(at: store)
        return try StageGraph([recipe.stages]).nodes.map { node in
            let id = node.specification.id
            guard case .complete(let record) = try store.lookUp(node.key) else {
                throw NotRun(stage: id, recipe: recipe.stages.name, command: runCommand(for: recipe))
            }
            return StageResult(id: id, result: record.result)
        }
    }

    private struct NotRun: Error, CustomStringConvertible {
        let stage: String
        let recipe: String
        let command: String

        var description: String { "stage '\(stage)' of '\(recipe)' is not in the store: run it first with\n\(command)" }
    }

    /// A tolerance of a metric that nobody measures is a mistake.
    private func check(_ chosen: [Tolerance], against results: [[StageResult]]) throws {
        let measured = Set(results.flatMap { $0.flatMap { $0.figures.map(\.metric) } })
        for tolerance in chosen where !measured.contains(tolerance.metric) {
            let known = measured.isEmpty ? "nothing" : measured.sorted().joined(separator: ", ")
            throw ValidationError(
                "--tolerance names '\(tolerance.metric)', which no stage measures: measured is \(known)")
        }
    }

    private func runCommand(for recipe: ResolvedRecipe) -> String {
        arguments.command("run", for: [recipe.file], store: store)
    }

    /// The command as it stands in the file: the same wherever the program and the store are.
    private func command(for recipe: ResolvedRecipe) -> String {
        let file = recipe.file.split(separator: "/").last.map(String.init) ?? recipe.file
        let options = tolerances.flatMap { ["--tolerance", $0] }
        return ShellCommand(arguments: ["pare", "lock", file] + arguments.settings + options).description
    }
}

extension RecipeArguments {
    /// What was set, as arguments.
    fileprivate var settings: [String] { overrides.flatMap { ["--set", $0] } }

    /// Another command for some of the recipes, with what was set.
    func command(_ name: String, for files: [String], store: String) -> String {
        let program = CommandLine.arguments.first ?? "pare"
        let place = store == ".pare/store" ? [] : ["--store", store]
        return ShellCommand(arguments: [program, name] + files + settings + place).description
    }
}
