import Clusters
import Documents
import TestSupport
import Testing

@Suite struct KubernetesManifestTests {
    private static let settings = KubernetesManifest.Settings(
        image: "registry.example/pare:0.1.0", claim: "road", processors: 2, memory: "2Gi", pods: 8)

    @Test func `a sweep has a pod for each point, and a job that collects`() {
        let manifest = KubernetesManifest(
            recipe: "Road damage #1", points: 40,
            arguments: ["sweep", "run", "pipelines/road-damage.yaml", "--store", ".pare/store"],
            preparing: ["sweep", "expand", "pipelines/road-damage.yaml"],
            collecting: ["sweep", "collect", "pipelines/road-damage.yaml"], settings: Self.settings)
        expectSnapshot(manifest.text, in: Sample.snapshot("sweep.k8s.yaml"))
    }

    @Test func `a recipe without a sweep is one pod`() {
        let manifest = KubernetesManifest(
            recipe: "tiny", points: nil, arguments: ["run", "tiny.yaml"], settings: Self.settings)
        expectSnapshot(manifest.text, in: Sample.snapshot("run.k8s.yaml"))
    }

    @Test(arguments: [
        ("Road damage #1", "pare-road-damage-1"), ("--", "pare"), ("größe", "pare-gr-e"),
        (String(repeating: "long ", count: 20), "pare-long-long-long-long-long-long-long"),
    ])
    func `the name of a job is one that Kubernetes takes`(recipe: String, name: String) {
        let manifest = KubernetesManifest(recipe: recipe, points: nil, arguments: [], settings: Self.settings)
        #expect(manifest.documents.first?.value(at: "metadata.name")?.text == name)
    }
}
