internal import ArgumentParser

/// Who runs stages: this machine, or jobs of a cluster.
struct ClusterArguments: ParsableArguments {
    /// Where the work is done.
    enum Place: String, CaseIterable, ExpressibleByArgument {
        case local
        case slurm
    }

    @Option(help: ArgumentHelp("Who runs the stages: local, or slurm, as jobs of a cluster.", valueName: "executor"))
    var executor = Place.local

    @Option(
        name: .customLong("slurm-option"), parsing: .unconditionalSingleValue,
        help: ArgumentHelp(
            "An option of sbatch for every job, as in --slurm-option=--partition=gpu; may be repeated.",
            valueName: "option"))
    var slurmOptions: [String] = []

    @Flag(help: "Submit the jobs and do not wait for them.")
    var detach = false

    @Flag(
        help: ArgumentHelp(
            "Be a job: when terminated, go back into Slurm's queue if work was done; what is required and not met is no failure.",
            visibility: .hidden))
    var asJob = false

    func validate() throws {
        if executor == .local, let option = detach ? "--detach" : slurmOptions.isEmpty ? nil : "--slurm-option" {
            throw ValidationError("\(option) is for jobs of a cluster: add --executor slurm")
        }
        if let option = slurmOptions.first(where: { !$0.hasPrefix("-") || $0.contains(where: \.isNewline) }) {
            throw ValidationError(
                "--slurm-option is '\(option)', expected an option of sbatch, such as --partition=gpu")
        }
    }

    /// Makes sure that an option of the command can be obeyed by jobs.
    func validate(beside option: String?) throws {
        guard executor == .slurm, let option else { return }
        let message =
            switch option {
            case "--frozen": "--frozen makes nothing: leave out --executor slurm"
            case "--until", "--fail-fast":
                "\(option) has no place beside --executor slurm, whose tasks are whole points"
            default: "\(option) makes stages again, and a job of Slurm may start more than once: name another --store"
            }
        throw ValidationError(message)
    }
}
