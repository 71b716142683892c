internal import ArgumentParser

/// The root of the command line.
struct PareCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pare",
        abstract: "Compresses small neural networks by recipe.",
        discussion: """
            A recipe is one YAML file that says how a network is trained, pruned, projected, quantized and measured.
            What was made once is kept in a store: running a recipe again makes only what has changed.
            """,
        version: Program.version,
        subcommands: [
            RunCommand.self, CheckCommand.self, PlanCommand.self, SweepCommand.self, LockCommand.self,
            StoreCommand.self, ShowCommand.self, CompareCommand.self, AnalyzeCommand.self, InspectCommand.self,
            SchemaCommand.self,
        ])
}
