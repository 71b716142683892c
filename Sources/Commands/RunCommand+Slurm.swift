internal import ArgumentParser
internal import Checkpoints
internal import Clusters
internal import Diagnostics
internal import Documents
internal import Execution
internal import Foundation
internal import Planning
internal import Recipes
internal import Stages
internal import Sweeps

extension RunCommand {
    /// A search has to see the results of its candidates before the rest is known, so it cannot be frozen.
    func refuseSearch(of recipes: [ResolvedRecipe]) throws {
        guard cluster.executor == .slurm, let recipe = recipes.first(where: { $0.search != nil }) else { return }
        throw ValidationError(
            "'\(recipe.stages.name)' leaves budget.pruningFraction to a search, which --executor slurm does not run: "
                + "set it, as in --set budget.pruningFraction=0.5")
    }

    /// Has Slurm make what is missing, a job for each stage, and ends as a run on this machine does.
    func runOnSlurm(_ plan: RunPlan, of recipes: [ResolvedRecipe], in store: Store) throws -> Execution {
        let names = recipes.map(\.stages.name)
        let output =
            output ?? Executor.folders(forRecipes: [names.joined(separator: "+")], output: nil, date: Date())[0]
        let folders = Executor.folders(forRecipes: names, output: output, date: Date())
        let points = arguments.arePoints ? arguments.recipes : folders.map { $0 + "/point.json" }
        let jobs = plan.batchJobs(
            points: points, output: output, limits: planning.limits,
            options: ["--store", planning.store] + execution.jobOptions)
        var submission: Submission?
        if !jobs.isEmpty {
            let session = SlurmSession(
                output: output, cluster: cluster, threads: execution.threads ?? 1, json: arguments.json)
            submission = try session.run(jobs, named: names.joined(separator: "+")) {
                if !arguments.arePoints { try freeze(recipes, plan.graph, in: folders) }
            }
        }
        let collected = try planning.plan(recipes, claiming: false).plan
        let summary = try execution.execute(
            collected, of: recipes, in: store, json: arguments.json, isFrozen: true, folders: { _ in folders })
        return Execution(plan: collected, summary: submission.map { summary.explained(by: $0) } ?? summary)
    }

    /// Writes what the jobs are to make, as `point.json` in the folder of each recipe.
    private func freeze(_ recipes: [ResolvedRecipe], _ graph: StageGraph, in folders: [String]) throws {
        let files = DiskFileSystem()
        for (index, folder) in folders.enumerated() {
            try files.createFolder(folder)
            let recipe = try DiskFileSystem.path(of: recipes[index].recipe.source.name, from: folder)
            let point = PointFile(recipe: recipe, settings: arguments.overrides, graph: graph, index: index)
            try files.write(Data(point.document.prettyText.utf8), to: folder + "/point.json", durably: false)
        }
    }
}

extension RunSummary {
    /// The summary with what the jobs say of the stages that are missing.
    func explained(by submission: Submission) -> RunSummary {
        let stages = stages.map { report -> StageReport in
            guard report.status == .failed, let entry = submission.entries.first(where: { $0.makes(report.stage) })
            else { return report }
            let message = entry.message(of: report.stage.id) ?? "it left no record"
            return StageReport(
                report.stage, .failed, started: report.started, seconds: report.seconds,
                message: "job \(entry.id): \(message); see '\(entry.path).log'")
        }
        return RunSummary(stages: stages, exitStatus: exitStatus, seconds: seconds, folders: folders)
    }
}

extension Submission.Entry {
    fileprivate func makes(_ stage: StageIdentity) -> Bool { keys.contains(stage.key) }

    /// Why a stage failed, as the folder of the job's run says.
    fileprivate func message(of stage: String) -> String? {
        guard let data = try? DiskFileSystem().read(path + "/run.json"), let run = try? JSONValue(parsing: data)
        else { return nil }
        return run["stages"]?.elements?.first { $0["id"]?.text == stage && $0["status"] == "failed" }?["message"]?.text
    }
}
