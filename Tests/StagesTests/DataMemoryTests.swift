import Diagnostics
import Documents
import Foundation
import Recipes
import Stages
import TestSupport
import Testing

/// Data sets as stages use them.
@Suite struct DataMemoryTests {
    @Test func `a run gives the same bytes from data on disk and in memory`() throws {
        let project = try TinyProject()
        func run(memory: Int, store: String) throws -> TinyProject.Outcome {
            var diagnostics = DiagnosticList()
            let recipe = try #require(
                Recipe.read(
                    file: SourceFile(name: project.folder.path + "/recipe.yaml", text: TinyProject.recipe),
                    overrides: [], kinds: StageKinds.schemas, into: &diagnostics))
            let inputs = RecipeInputs(dataMemory: memory)
            let resolved = try #require(ResolvedRecipe.resolve(recipe, inputs: inputs, into: &diagnostics))
            return try project.run([resolved], store: store, output: store + "-run")
        }
        let (held, streamed) = (try run(memory: .max, store: "held"), try run(memory: 0, store: "streamed"))
        #expect(!held.bytes.isEmpty)
        #expect(held.bytes == streamed.bytes)
    }

    private static let datasets = RecipeCasesTests.folder.deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "datasets")

    @Test(arguments: [
        (
            "japanese-vowels", "sequenceInput: {name: input, channels: 12, steps: 29}", 9,
            #"{"test":{"count":370,"perClass":[31,35,88,44,29,24,40,50,29]},"#
                + #""train":{"count":270,"perClass":[30,30,30,30,30,30,30,30,30]}}"#
        ),
        (
            "mnist-t10k", "imageInput: {name: input, height: 28, width: 28, channels: 1}", 10,
            #"{"test":{"count":2000,"perClass":[189,222,212,242,196,186,158,215,193,187]},"#
                + #""train":{"count":8000,"perClass":[791,913,820,768,786,706,800,813,781,822]}}"#
        ),
    ])
    func `a shipped data set has the published counts`(
        name: String, input: String, classes: Int, splits: String
    ) throws {
        let project = try TinyProject()
        let pool = input.hasPrefix("image") ? "flatten" : "globalAveragePooling"
        try project.write(
            "small.yaml",
            "version: 1\nlayers:\n  - \(input)\n  - \(pool): {name: pool}\n  - dense: {name: fc, outputs: \(classes)}\n"
        )
        let folder = Self.datasets.appending(path: name).path
        let outcome = try project.run(
            "version: 1\nname: tiny\nstages:\n  - load: {network: small.yaml, data: \(folder)}\n")
        #expect(outcome.result("load")?["data"]?["splits"]?.canonicalText == splits)
    }

    @Test func `the page about data names every format`() throws {
        let page = try String(
            contentsOf: Self.datasets.deletingLastPathComponent().appending(path: "docs/data.md"), encoding: .utf8)
        let schema = try #require(Schemas.documents.first { $0.fileName == "dataset.schema.json" }).1
        let formats = try #require(schema.value(at: "properties.format.anyOf")?.elements)
        let names = formats[0]["enum"]?.elements?.compactMap(\.text) ?? []
        #expect(names.count == 7)
        for name in names { #expect(page.contains("| `\(name)` |"), "\(name)") }
    }
}
