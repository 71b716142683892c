import Clusters
import TestSupport
import Testing

@Suite struct SlurmScriptTests {
    private static let settings = SlurmScript.Settings(
        program: "/opt/pare/bin/pare", folder: "/home/me/road 100%", threads: 4,
        options: ["--partition=gpu", "--time=30"])

    @Test func `a stage's script is complete and can be read`() {
        let job = BatchJob(
            name: "prune", path: "out/jobs/prune",
            arguments: ["run", "out/point.json", "--until", "prune", "--output", "out/jobs/prune", "--as-job"])
        let script = SlurmScript(job, title: "road.prune", settings: Self.settings)
        #expect(script.path == "out/jobs/prune.sh")
        expectSnapshot(script.text, in: Sample.snapshot("prune.sh"))
    }

    @Test func `a job that collects needs one processor, and no time for a checkpoint`() {
        let job = BatchJob(
            name: "collect", path: "out/collect", arguments: ["run", "out/point.json", "--frozen"], before: [0],
            condition: .ended)
        let script = SlurmScript(job, title: "road.collect", settings: Self.settings)
        expectSnapshot(script.text, in: Sample.snapshot("collect.sh"))
    }

    @Test func `an array has a task for each point`() {
        let job = BatchJob(
            name: "points", path: "/sweeps/it's/points", arguments: ["sweep", "run", "road \"one\".yaml"],
            array: JobArray(count: 40, atOnce: 8))
        let script = SlurmScript(job, title: "road \"one\"", settings: Self.settings)
        expectSnapshot(script.text, in: Sample.snapshot("points.sh"))
    }
}
