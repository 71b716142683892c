internal import Checkpoints
internal import Diagnostics
internal import Foundation
internal import Recipes
internal import Stages

/// Reads recipes from their files and resolves them.
struct RecipeLoader {
    private let overrides: [Override]
    private let inputs: RecipeInputs

    /// - Parameters:
    ///   - overrides: Options as `PATH=VALUE`, the last one wins.
    ///   - dataMemory: The most bytes of a data set's examples that are held in memory.
    init(overrides: [String], dataMemory: Int) {
        self.overrides = overrides.map { Override($0) }
        inputs = RecipeInputs(dataMemory: dataMemory)
    }

    /// What came of each recipe of a command.
    struct Loaded {
        /// Each file, or pattern that matched none, with its faults.
        var entries: [(path: String, faults: DiagnosticList)] = []
        /// Every recipe, or `nil` if one of them has a fault.
        var recipes: [ResolvedRecipe]?

        /// The faults of all.
        var faults: DiagnosticList {
            entries.reduce(into: DiagnosticList()) { $0.append(contentsOf: $1.faults) }
        }
    }

    /// Reads and resolves every recipe.
    ///
    /// - Parameter arguments: Files, and patterns that the shell left; a file that stands twice is read once.
    func load(_ arguments: [String]) -> Loaded {
        var loaded = Loaded()
        var recipes: [(entry: Int, recipe: Recipe)] = []
        for (path, fault) in RecipePaths.expanded(arguments) {
            var faults = DiagnosticList()
            if let fault {
                faults.append(fault)
            } else if let recipe = read(path, into: &faults) {
                if let first = recipes.first(where: { $0.recipe.name == recipe.name }) {
                    faults.append(.sameName(recipe, first.recipe))
                }
                recipes.append((loaded.entries.count, recipe))
            }
            loaded.entries.append((path, faults))
        }
        let resolved = recipes.compactMap { entry, recipe in
            ResolvedRecipe.resolve(recipe, inputs: inputs, into: &loaded.entries[entry].faults)
        }
        if !loaded.faults.hasErrors { loaded.recipes = resolved }
        return loaded
    }

    /// How many points the sweep of a recipe has; 0 if it has none, or one has a fault.
    func pointCount(of recipe: ResolvedRecipe, into diagnostics: inout DiagnosticList) -> Int {
        guard recipe.recipe.sweep != nil else { return 0 }
        return ResolvedSweep.resolve(recipe.recipe, overrides: overrides, inputs: inputs, into: &diagnostics)?
            .points.count ?? 0
    }

    /// Every point of a recipe's sweep; `nil` if the recipe, or else a point, has a fault.
    func loadSweep(_ path: String, into diagnostics: inout DiagnosticList) -> ResolvedSweep? {
        guard let recipe = read(path, into: &diagnostics),
            ResolvedRecipe.resolve(recipe, inputs: inputs, into: &diagnostics) != nil
        else { return nil }
        return ResolvedSweep.resolve(recipe, overrides: overrides, inputs: inputs, into: &diagnostics)
    }

    /// One recipe, resolved, perhaps for a run of another name than its own.
    func load(_ path: String, as name: String? = nil, into diagnostics: inout DiagnosticList) -> ResolvedRecipe? {
        read(path, into: &diagnostics).flatMap {
            ResolvedRecipe.resolve($0.named(name ?? $0.name), inputs: inputs, into: &diagnostics)
        }
    }

    /// The recipe of a file, checked; `nil` if it has a fault.
    func read(_ path: String, into diagnostics: inout DiagnosticList) -> Recipe? {
        do {
            guard let data = try DiskFileSystem().read(path) else {
                diagnostics.append(.noFile(path))
                return nil
            }
            return Recipe.read(
                file: SourceFile(name: path, bytes: data), overrides: overrides, kinds: StageKinds.schemas,
                into: &diagnostics)
        } catch {
            diagnostics.append(error.number == EISDIR ? .folder(path) : .unreadable(path, error))
            return nil
        }
    }
}

extension Diagnostic {
    fileprivate static func noFile(_ path: String) -> Diagnostic {
        Diagnostic(.fileMissing, "there is no recipe '\(path)'", at: nil, help: ["name a YAML file that exists"])
    }

    fileprivate static func folder(_ path: String) -> Diagnostic {
        Diagnostic(.fileMissing, "'\(path)' is a folder, expected a recipe", at: nil, help: ["name a YAML file in it"])
    }

    fileprivate static func unreadable(_ path: String, _ error: FileError) -> Diagnostic {
        Diagnostic(.fileMissing, "cannot read the recipe: \(error)", at: nil, help: ["make the file readable"])
    }

    fileprivate static func sameName(_ recipe: Recipe, _ first: Recipe) -> Diagnostic {
        Diagnostic(
            .conflictingOptions, "'\(recipe.name)' is the name of '\(first.source.name)', too",
            at: recipe.header.span(at: "name"),
            help: ["recipes that run together need names of their own: rename one, or run one after the other"])
    }
}
