internal import ArgumentParser
internal import Clusters
internal import Recipes
internal import Stages
internal import Sweeps

extension PlanCommand {
    /// The jobs that run a recipe on Kubernetes: a pod for each point of its sweep, or one for all of it.
    func manifest() throws -> KubernetesManifest {
        let path = arguments.recipes[0]
        let loader = RecipeLoader(overrides: arguments.overrides, dataMemory: RecipeInputs.defaultDataMemory)
        let base = try Output.checked(json: false) { loader.load(path, into: &$0) }
        let sets = arguments.overrides.flatMap { ["--set", $0] }
        guard base.recipe.sweep != nil else {
            // What a job makes is known before it starts; a search that has ended is in the store.
            let settled = try planning.settled([base])
            try Output.attempt { for recipe in settled { try recipe.requireSettled() } }
            return KubernetesManifest(
                recipe: base.recipe.name, points: nil,
                arguments: ["run", path] + sets
                    + ["--store", planning.store, "--output", ".pare/runs/\(base.recipe.name)"] + planning.limits,
                settings: kubernetes.settings)
        }
        let sweep = try Output.checked(json: false) { loader.loadSweep(path, into: &$0) }
        let output = ["--output", SweepFolder.standard(forRecipe: base.recipe.name)]
        return KubernetesManifest(
            recipe: base.recipe.name, points: sweep.points.count,
            arguments: ["sweep", "run", path, "--store", planning.store] + output + planning.limits,
            preparing: ["sweep", "expand", path] + sets + output,
            collecting: ["sweep", "collect", path] + sets + output, settings: kubernetes.settings)
    }
}
