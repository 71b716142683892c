import Diagnostics
import Foundation
import Recipes
import Stages
import TestSupport
import Testing

/// Every folder of `Tests/RecipeCases` is a recipe with a fault, and the whole of what a user is told.
///
/// `overrides.txt`, if there is one, holds the values of `--set`, one a line.
@Suite struct RecipeCasesTests {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "RecipeCases")

    static let cases: [String] = {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return names.sorted().filter {
            FileManager.default.fileExists(atPath: folder.appending(path: "\($0)/recipe.yaml").path)
        }
    }()

    @Test func `there are cases`() {
        #expect(Self.cases.count > 60)
    }

    @Test(arguments: cases)
    func `a recipe with a fault is told what is wrong, where and how to mend it`(name: String) throws {
        let folder = Self.folder.appending(path: name)
        let recipe = folder.appending(path: "recipe.yaml")
        var overrides: [Override] = []
        if let lines = try? String(contentsOf: folder.appending(path: "overrides.txt"), encoding: .utf8) {
            overrides = lines.split(separator: "\n").map { Override(String($0)) }
        }
        var diagnostics = DiagnosticList()
        let read = Recipe.read(
            file: SourceFile(name: recipe.path, bytes: try Data(contentsOf: recipe)), overrides: overrides,
            kinds: StageKinds.schemas, into: &diagnostics)
        let resolved = read.flatMap { ResolvedRecipe.resolve($0, into: &diagnostics) }
        #expect(resolved == nil)
        // The messages as a user sees them who stands in the recipe's folder.
        let text = DiagnosticRenderer().render(diagnostics)
            .replacing(folder.path + "/", with: "").replacing(Self.folder.path + "/", with: "../")
        #expect(!text.contains(Self.folder.path))
        expectSnapshot(text, in: folder.appending(path: "expected.txt"))
    }
}
