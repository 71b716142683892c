import Documents
import Foundation
import Testing

/// `pare analyze` and `pare inspect`: a network without a recipe.
@Suite struct AnalyzeTests {
    @Test func `an architecture is analyzed, a trained network with data too`() throws {
        let workspace = try Workspace()
        let architecture = try workspace.pare("analyze", "tiny.yaml")
        #expect(architecture.status == 0, "\(architecture.errors)")
        #expect(architecture.output.contains("prune: its channels are the output 'softmax'"))
        #expect(!architecture.output.contains("at 95 %"))
        let run = try workspace.pare("run", "recipe.yaml", "--output", "out", "--until", "train")
        #expect(run.status == 0)
        let trained = try workspace.pare("analyze", "out/network.safetensors", "--data", "data")
        #expect(trained.status == 0 && trained.output.contains("at 95 %"), "\(trained.errors)")
        let json = try workspace.pare("analyze", "out/network.safetensors", "--data", "data", "--json")
        let analysis = try JSONValue(parsing: json.output)
        #expect(analysis["layers"]?.elements?.count == 6)
        #expect(!FileManager.default.fileExists(atPath: workspace.folder.appending(path: "analysis").path))
    }

    @Test func `a network is inspected, in int8 too`() throws {
        let workspace = try Workspace()
        let architecture = try workspace.pare("inspect", "tiny.yaml")
        #expect(architecture.output.split(separator: "\n").map { $0.prefix(6) }.last == "in all")
        _ = try workspace.pare("run", "recipe.yaml", "--output", "out")
        let json = try workspace.pare("inspect", "out/network.safetensors", "--json")
        let artifact = try workspace.json("out/04-quantize.json")
        #expect(try JSONValue(parsing: json.output) == artifact.value(at: "result.network"))
        let analysis = try workspace.pare("analyze", "out/network.safetensors")
        #expect(analysis.status == 2)
        #expect(
            analysis.errors == """
                error: the network is in int8: there is nothing left to compress [network-invalid]
                  = help: name the float32 network that it was made of
                1 error

                """)
    }

    @Test func `what cannot be read, and data that do not fit, are faults`() throws {
        let workspace = try Workspace()
        let missing = try workspace.pare("inspect", "none.yaml")
        #expect(missing.status == 2 && missing.errors.contains("cannot read 'none.yaml': no such file"))
        let narrow = try workspace.pare("analyze", "tiny.yaml", "--data", "data", "--channels", "x")
        #expect(narrow.status == 2)
        #expect(
            narrow.errors.contains("the network's input 'input' takes 2 x 16, and a case of the data is 1 x 16"))
        #expect(narrow.errors.contains("choose channels of the data with --channels, or name other data"))
    }

    @Test func `a stage that analyzes changes no network, and its artifact conforms to the schema`() throws {
        let recipe = Workspace.recipe.replacing("  - prune:", with: "  - analyze\n  - prune:")
        let workspace = try Workspace(recipe: recipe)
        let result = try workspace.pare("run", "recipe.yaml", "--output", "out")
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.output.contains("activations of one example: "))
        let artifact = workspace.folder.appending(path: "out/03-analyze.json")
        #expect(try ShippedFilesTests.faults([("artifact.schema.json", artifact)]) == "")
        #expect(try workspace.json("out/04-prune.json").value(at: "needs.analyze") != nil)
    }
}
