internal import Clusters
internal import Planning
internal import Recipes
internal import Stages
internal import Sweeps

extension SweepRunCommand {
    /// Has Slurm run the points as tasks of one array, waits for them, and compares them.
    ///
    /// - Returns: Whether there was anything to run.
    func runOnSlurm(_ sweep: ResolvedSweep, in folder: SweepFolder) throws -> Bool {
        // The store is held, so that nobody removes records that tasks are about to read.
        let (plan, store) = try planning.plan(sweep.recipes)
        defer { withExtendedLifetime(store) {} }
        let jobs = plan.sweepJobs(
            recipe: arguments.recipe, output: folder.path,
            points: JobArray(count: sweep.points.count, atOnce: execution.jobs > 1 ? execution.jobs : nil),
            options: ["--store", planning.store] + execution.jobOptions,
            collecting: arguments.overrides.flatMap { ["--set", $0] } + (collecting.best.map { ["--best", $0] } ?? []))
        guard !jobs.isEmpty else { return false }
        let session = SlurmSession(
            output: folder.path, cluster: cluster, threads: execution.threads ?? 1, json: arguments.json)
        _ = try session.run(jobs, named: sweep.recipe.name) { try arguments.write(sweep, to: folder) }
        try Output.attempt { try arguments.collect(sweep.recipe, in: folder, best: collecting.best) }
        return true
    }
}
