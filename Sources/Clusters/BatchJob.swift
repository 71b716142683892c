package import Planning

/// One job of a cluster: a command of pare that runs when earlier jobs have ended.
package struct BatchJob: Hashable, Sendable {
    /// When a job may start.
    package enum Condition: String, Hashable, Sendable {
        /// When every job before it has done its work.
        case done = "afterok"
        /// When every job before it has ended, in whatever way.
        case ended = "afterany"
    }

    /// What the job is for, such as `prune`.
    package var name: String
    /// What it makes.
    package var keys: [StageKey]
    /// The folder of its script and log, and their name without an ending.
    package var path: String
    /// What pare is told to do.
    package var arguments: [String]
    /// The indices, among the jobs of the run, of those before it.
    package var before: [Int]
    /// What the jobs before it must have come to.
    package var condition: Condition
    /// The points of a sweep that are tasks of the job, if it is an array.
    package var array: JobArray?

    package init(
        name: String, keys: [StageKey] = [], path: String, arguments: [String], before: [Int] = [],
        condition: Condition = .done, array: JobArray? = nil
    ) {
        self.name = name
        self.keys = keys
        self.path = path
        self.arguments = arguments
        self.before = before
        self.condition = condition
        self.array = array
    }
}

extension BatchJob {
    /// Whether the job makes anything; one that runs when others have ended, in whatever way, only collects.
    var computes: Bool { condition == .done }
}

/// The tasks of a job, numbered from 0.
package struct JobArray: Hashable, Sendable {
    /// How many there are.
    package var count: Int
    /// How many run at the same time, or `nil` if the cluster decides.
    package var atOnce: Int?

    package init(count: Int, atOnce: Int? = nil) {
        precondition(count > 0, "an array has tasks")
        self.count = count
        self.atOnce = atOnce
    }
}

// MARK: - Jobs of a plan

extension RunPlan {
    /// The jobs of a sweep: an array with a task for each point, and one that compares the points.
    ///
    /// - Parameters:
    ///   - recipe: The path of the recipe.
    ///   - output: The folder of the sweep; the jobs have theirs in its folder `jobs`.
    ///   - points: The tasks of the array.
    ///   - options: Further arguments of the points.
    ///   - collecting: Further arguments of the job that compares them.
    /// - Returns: Two jobs, or none if nothing has to run.
    package func sweepJobs(
        recipe: String, output: String, points: JobArray, options: [String] = [], collecting: [String] = []
    ) -> [BatchJob] {
        let keys = zip(graph.nodes, decisions).filter { $1.isMade }.map(\.0.key)
        guard !keys.isEmpty else { return [] }
        return [
            BatchJob(
                name: "points", keys: keys, path: "\(output)/jobs/points",
                arguments: ["sweep", "run", recipe, "--output", output, "--as-job"] + options, array: points),
            BatchJob(
                name: "collect", path: "\(output)/collect",
                arguments: ["sweep", "collect", recipe, "--output", output] + collecting, before: [0],
                condition: .ended),
        ]
    }

    /// The jobs that make what is missing: one for each stage that has to run, after those of the stages before it,
    /// and a last one that writes the run's folder with whatever is there.
    ///
    /// Stages that the store holds have none, and stages with equal keys have one together.
    ///
    /// - Parameters:
    ///   - points: The file of each recipe's frozen stages, in the order of the graph's recipes.
    ///   - output: The folder of the run; the jobs have theirs in its folder `jobs`.
    ///   - limits: What limits the run to some stages, for the last job.
    ///   - options: Further arguments of every job.
    /// - Returns: Jobs after those they depend on; none if nothing has to run.
    package func batchJobs(
        points: [String], output: String, limits: [String] = [], options: [String] = []
    ) -> [BatchJob] {
        precondition(points.count == graph.recipes.count, "one point for each recipe")
        var jobs: [BatchJob] = []
        var indices: [StageKey: Int] = [:]
        for index in graph.order {
            guard case .run = decisions[index] else { continue }
            let node = graph.nodes[index]
            let id = node.specification.id
            let name = points.count > 1 ? "\(node.recipeName).\(id)" : id
            let path = "\(output)/jobs/\(name.replacing("/", with: "-"))"
            indices[node.key] = jobs.count
            jobs.append(
                BatchJob(
                    name: name, keys: [node.key], path: path,
                    arguments: ["run", points[node.recipe], "--until", id, "--output", path, "--as-job"] + options,
                    before: Set(node.dependencies.compactMap { indices[graph.nodes[$0].key] }).sorted()))
        }
        guard !jobs.isEmpty else { return [] }
        let collecting = BatchJob(
            name: "collect", path: "\(output)/collect",
            arguments: ["run"] + points + ["--frozen", "--output", output] + limits + options,
            before: Array(jobs.indices), condition: .ended)
        return jobs + [collecting]
    }
}
