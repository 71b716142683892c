import Diagnostics
import Documents
import Foundation
import RecipeSyntax
import Testing

/// `pare plan --format k8s`, held to the schema of Kubernetes' API.
@Suite struct KubernetesTests {
    /// The documents of a manifest.
    private static func documents(_ manifest: String) throws -> [JSONValue] {
        try manifest.components(separatedBy: "---\n").dropFirst().map { text in
            var diagnostics = DiagnosticList()
            let node = NodeReader.read(SourceFile(name: "manifest", text: text), into: &diagnostics)
            #expect(!diagnostics.hasErrors)
            return try #require(node).json
        }
    }

    /// What the schema of a Job finds wrong.
    private static func faults(_ documents: [JSONValue], in workspace: Workspace) throws -> String {
        let pairs = try documents.enumerated().map { index, document in
            try workspace.write("job\(index).json", document.prettyText)
            return (
                "../Tests/ToolTests/kubernetes-job.schema.json", workspace.folder.appending(path: "job\(index).json")
            )
        }
        return try ShippedFilesTests.faults(pairs)
    }

    @Test func `a recipe is one pod`() throws {
        let workspace = try Workspace()
        let result = try workspace.pare(
            "plan", "recipe.yaml", "--format", "k8s", "--set", "train.MaxEpochs=2", "--image", "example/pare:1",
            "--claim", "nets", "--pod-cpus", "4", "--pod-memory", "512Mi")
        #expect(result.status == 0, "\(result.errors)")
        let documents = try Self.documents(result.output)
        #expect(try Self.faults(documents, in: workspace) == "")
        #expect(documents.count == 1)
        let pod = try #require(documents[0].value(at: "spec.template.spec"))
        #expect(
            pod["containers"]?.elements?.first?["args"] == [
                "run", "recipe.yaml", "--set", "train.MaxEpochs=2", "--store", ".pare/store", "--output",
                ".pare/runs/tiny", "--threads", "4", "--as-job",
            ])
        #expect(pod["volumes"]?.elements?.first?.value(at: "persistentVolumeClaim.claimName") == "nets")
        #expect(!FileManager.default.fileExists(atPath: workspace.folder.appending(path: ".pare").path))
    }

    @Test func `a sweep is an Indexed Job with a pod for each point, and a job that collects`() throws {
        let workspace = try Workspace(
            recipe: Workspace.recipe + """
                sweep:
                  parameters: {prune.MaxToPrune: [1, 2], prune.epochs: [1, 2, 3]}
                  objective: {maximize: evaluate.accuracy}

                """)
        let result = try workspace.pare("plan", "recipe.yaml", "--format", "k8s", "--pods", "4")
        #expect(result.status == 0, "\(result.errors)")
        #expect(
            result.output.hasPrefix(
                """
                # In the folder that the claim 'pare' holds:
                # pare sweep expand recipe.yaml --output .pare/sweeps/tiny
                # kubectl apply -f FILE

                """))
        let documents = try Self.documents(result.output)
        #expect(try Self.faults(documents, in: workspace) == "")
        #expect(documents.map { $0.value(at: "metadata.name") } == ["pare-tiny", "pare-tiny-collect"])
        let spec = try #require(documents[0]["spec"])
        #expect(spec["completionMode"] == "Indexed")
        #expect(spec["completions"] == 6)
        #expect(spec["parallelism"] == 4)
        #expect(documents[1].value(at: "spec.suspend") == true)

        // The schema is not one that accepts anything.
        var wrong = documents[0]
        wrong["spec"] = ["completionModus": "Indexed", "template": spec["template"] ?? nil]
        #expect(try Self.faults([wrong], in: workspace).contains("completionModus"))

        // What a pod does, by the commands of the manifest.
        let container = spec.value(at: "template.spec")?["containers"]?.elements?.first
        let arguments = container?["args"]?.elements?.compactMap(\.text).map {
            $0.replacing("$(JOB_COMPLETION_INDEX)", with: "5")
        }
        #expect(try workspace.pare("sweep", "expand", "recipe.yaml", "--output", ".pare/sweeps/tiny").status == 0)
        let pod = try workspace.start(#require(arguments)).end()
        #expect(pod.status == 0, "\(pod.errors)")
        #expect(try workspace.statuses(".pare/sweeps/tiny/runs/0005") == ["ran", "ran", "ran", "ran", "ran"])
    }

    @Test(arguments: [
        (["--pods", "0"], "--pods is 0, expected 1 or more"),
        (["--pod-cpus", "0"], "--pod-cpus is 0, expected 1 or more"),
        (["--pod-memory", "2 GB"], "--pod-memory is '2 GB', expected a size such as 512Mi or 2Gi"),
        (["other.yaml"], "a manifest is that of one recipe: name one YAML file"),
    ])
    func `what cannot be a manifest is wrong usage`(options: [String], message: String) throws {
        let workspace = try Workspace()
        let result = try workspace.start(["plan", "recipe.yaml", "--format", "k8s"] + options).end()
        #expect(result.status == 64)
        #expect(result.errors.hasPrefix("Error: \(message)\n"))
    }
}
