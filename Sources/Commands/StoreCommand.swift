internal import ArgumentParser
internal import Checkpoints
internal import Execution

/// `pare store`: what was made and is kept.
struct StoreCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "store", abstract: "List, verify or clean the store of what was made.",
        subcommands: [StoreListCommand.self, StoreVerifyCommand.self, StoreCleanCommand.self])
}

/// Which store, and how to tell of it.
struct StoreArguments: ParsableArguments {
    @Option(help: ArgumentHelp("The folder that keeps what was made.", valueName: "dir"))
    var store = ".pare/store"

    @Flag(help: "Print JSON, one object a line, and nothing else.")
    var json = false

    func validate() throws {
        if store.isEmpty { throw ValidationError("--store is empty, expected a folder") }
    }
}

extension StoreArguments {
    /// Does something with the store.
    ///
    /// - Throws: The exit status 1 if there is no store or if it fails, after saying why.
    func use<Value>(_ body: (Store) throws -> Value) throws -> Value {
        do {
            let opened = try Store(at: store)
            guard opened.exists else { throw Missing(path: store) }
            return try body(opened)
        } catch {
            Output.fail(error)
            throw ExitCode(ExitStatus.failed.rawValue)
        }
    }

    private struct Missing: Error, CustomStringConvertible {
        let path: String

        var description: String { "there is no store at '\(path)': name its folder with --store" }
    }
}
