internal import ArgumentParser

/// `pare sweep`: the points of a recipe's sweep.
struct SweepCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sweep", abstract: "Write, run and compare the points of a recipe's sweep.",
        subcommands: [SweepExpandCommand.self, SweepRunCommand.self, SweepCollectCommand.self])
}
