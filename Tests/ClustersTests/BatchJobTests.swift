import Clusters
import Planning
import Testing

@Suite struct BatchJobTests {
    static func lines(_ jobs: [BatchJob]) -> [String] {
        jobs.map { job in
            "\(job.name) \(job.condition.rawValue):\(job.before) \(job.path): \(ShellCommand(arguments: job.arguments))"
        }
    }

    @Test func `every stage that runs is a job after those before it, and the last one collects`() throws {
        let plan = try Sample.plan([Sample.recipe()])
        let jobs = plan.batchJobs(points: ["out/point.json"], output: "out", options: ["--store", "s"])
        #expect(
            Self.lines(jobs) == [
                "load afterok:[] out/jobs/load: run out/point.json --until load --output out/jobs/load --as-job --store s",
                "prune afterok:[0] out/jobs/prune: "
                    + "run out/point.json --until prune --output out/jobs/prune --as-job --store s",
                "quantize afterok:[1] out/jobs/quantize: "
                    + "run out/point.json --until quantize --output out/jobs/quantize --as-job --store s",
                "evaluate afterok:[1, 2] out/jobs/evaluate: "
                    + "run out/point.json --until evaluate --output out/jobs/evaluate --as-job --store s",
                "collect afterany:[0, 1, 2, 3] out/collect: run out/point.json --frozen --output out --store s",
            ])
        #expect(jobs[1].keys == [plan.graph.nodes[1].key])
    }

    @Test func `what is stored has no job, and nothing to do is no job at all`() throws {
        let some = try Sample.plan([Sample.recipe()], holding: ["load", "prune"])
        let jobs = some.batchJobs(points: ["p"], output: "out")
        #expect(jobs.map(\.name) == ["quantize", "evaluate", "collect"])
        #expect(jobs.map(\.before) == [[], [0], [0, 1]])
        let all = try Sample.plan([Sample.recipe()], holding: ["load", "prune", "quantize", "evaluate"])
        #expect(all.batchJobs(points: ["p"], output: "out").isEmpty)
    }

    @Test func `a sweep is an array and a job that compares the points`() throws {
        let plan = try Sample.plan([Sample.recipe("road/0000"), Sample.recipe("road/0001", epochs: 3)])
        let jobs = plan.sweepJobs(
            recipe: "road.yaml", output: "out", points: JobArray(count: 2), options: ["--store", "s"],
            collecting: ["--best", "b.yaml"])
        #expect(
            Self.lines(jobs) == [
                "points afterok:[] out/jobs/points: sweep run road.yaml --output out --as-job --store s",
                "collect afterany:[0] out/collect: sweep collect road.yaml --output out --best b.yaml",
            ])
        #expect(Set(jobs[0].keys) == Set(plan.graph.nodes.map(\.key)))
        let done = try Sample.plan([Sample.recipe()], holding: ["load", "prune", "quantize", "evaluate"])
        #expect(done.sweepJobs(recipe: "road.yaml", output: "out", points: JobArray(count: 1)).isEmpty)
    }

    @Test func `recipes share the jobs of stages with equal keys`() throws {
        let plan = try Sample.plan([Sample.recipe("one"), Sample.recipe("two", epochs: 3)])
        let jobs = plan.batchJobs(points: ["out/one/point.json", "out/two/point.json"], output: "out")
        let lines = jobs.map { job in
            "\(job.name) after \(job.before.map { jobs[$0].name }.joined(separator: ", "))"
        }
        #expect(
            lines.sorted() == [
                "collect after one.load, one.prune, one.quantize, one.evaluate, two.prune, two.quantize, two.evaluate",
                "one.evaluate after one.prune, one.quantize", "one.load after ", "one.prune after one.load",
                "one.quantize after one.prune", "two.evaluate after two.prune, two.quantize",
                "two.prune after one.load", "two.quantize after two.prune",
            ])
        let prune = try #require(jobs.first { $0.name == "two.prune" })
        #expect(prune.arguments.starts(with: ["run", "out/two/point.json", "--until", "prune"]))
        #expect(
            jobs.last?.arguments
                == ["run", "out/one/point.json", "out/two/point.json", "--frozen", "--output", "out"])
    }
}
