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

    /// Every recipe, or `nil` if one of them has a fault.
    func load(_ paths: [String], into diagnostics: inout DiagnosticList) -> [ResolvedRecipe]? {
        let recipes = paths.compactMap { read($0, into: &diagnostics) }
        for (index, recipe) in recipes.enumerated() {
            guard let first = recipes[..<index].first(where: { $0.name == recipe.name }) else { continue }
            diagnostics.append(.sameName(recipe, first))
        }
        let resolved = recipes.compactMap {
            ResolvedRecipe.resolve($0, inputs: inputs, into: &diagnostics)
        }
        return diagnostics.hasErrors ? nil : resolved
    }

    /// Every point of a recipe's sweep; `nil` if the recipe, or else a point, has a fault.
    func loadSweep(_ path: String, into diagnostics: inout DiagnosticList) -> ResolvedSweep? {
        guard let recipe = read(path, into: &diagnostics),
            ResolvedRecipe.resolve(recipe, inputs: inputs, into: &diagnostics) != nil
        else { return nil }
        return ResolvedSweep.resolve(recipe, overrides: overrides, inputs: inputs, into: &diagnostics)
    }

    /// One recipe, resolved for a run of another name than its own.
    func load(_ path: String, as name: String, into diagnostics: inout DiagnosticList) -> ResolvedRecipe? {
        read(path, into: &diagnostics).flatMap {
            ResolvedRecipe.resolve($0.named(name), inputs: inputs, into: &diagnostics)
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
