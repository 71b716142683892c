import Foundation
import Testing

/// Every exit status that docs/running.md lists, from a real command.
@Suite struct ExitStatusTests {
    struct Case: CustomTestStringConvertible, Sendable {
        let status: Int32
        /// Why it has this status.
        let why: String
        /// The command, words separated by blanks.
        let command: String
        /// What the process gets while it trains.
        var signal: Int32?

        var testDescription: String { "\(status): \(why)" }
    }

    static let cases = [
        Case(status: 0, why: "done", command: "run good.yaml"),
        Case(status: 0, why: "several, all done", command: "run good.yaml other.yaml"),
        Case(status: 0, why: "without mistakes", command: "check good.yaml"),
        Case(status: 0, why: "planned, though everything would run", command: "plan good.yaml"),
        Case(status: 0, why: "help was asked for", command: "run --help"),
        Case(status: 1, why: "a stage failed", command: "run failing.yaml"),
        Case(status: 1, why: "something would have to run", command: "run good.yaml --frozen"),
        Case(status: 1, why: "there is no lock file", command: "run good.yaml --locked"),
        Case(status: 1, why: "a lock file is of something else", command: "check locked.yaml --locked"),
        Case(status: 1, why: "what is to be locked was not run", command: "lock good.yaml"),
        Case(status: 1, why: "the store cannot be written", command: "run good.yaml --store good.yaml/store"),
        Case(status: 1, why: "a report cannot be written", command: "run good.yaml --junit data"),
        Case(status: 1, why: "there is no such run", command: "show data"),
        Case(status: 1, why: "there is no such run to compare", command: "compare data data"),
        Case(status: 2, why: "a recipe has faults", command: "run invalid.yaml"),
        Case(status: 2, why: "one of several recipes has faults", command: "run good.yaml invalid.yaml"),
        Case(status: 2, why: "there is no such recipe", command: "check none.yaml"),
        Case(
            status: 2, why: "an option of the command does not fit the recipe",
            command: "plan good.yaml --set prune.x=1"),
        Case(status: 2, why: "a lock file has faults", command: "run damaged.yaml --locked"),
        Case(status: 3, why: "a requirement was not met", command: "run gated.yaml"),
        Case(status: 64, why: "there is no such option", command: "run good.yaml --nonsense"),
        Case(status: 64, why: "no recipe was named", command: "run"),
        Case(status: 64, why: "there is no such command", command: "nonsense"),
        Case(status: 64, why: "no recipe has such a stage", command: "run good.yaml --until nonsense"),
        Case(status: 130, why: "interrupted", command: "run endless.yaml --json", signal: SIGINT),
        Case(status: 143, why: "terminated", command: "run endless.yaml --json", signal: SIGTERM),

        // Of several recipes the worst: 1 before 3 before 0; a stop before all of them.
        Case(status: 3, why: "3 of 0 and 3", command: "run good.yaml gated.yaml other.yaml"),
        Case(status: 1, why: "1 of 0, 1 and 3", command: "run gated.yaml failing.yaml good.yaml --keep-going"),
        Case(status: 1, why: "1 of 3 and 1", command: "run gated.yaml failing.yaml"),
        Case(
            status: 130, why: "130 of 1 and 130", command: "run failing.yaml endless.yaml --keep-going --json",
            signal: SIGINT),
        Case(status: 143, why: "143 of 3 and 143", command: "run gated.yaml endless.yaml --json", signal: SIGTERM),
    ]

    @Test(arguments: cases)
    func `every exit status comes from a real command`(row: Case) throws {
        let workspace = try Workspace()
        let text = Workspace.recipe
        func write(_ name: String, _ text: String) throws {
            try workspace.write("\(name).yaml", text.replacing("name: tiny", with: "name: \(name)"))
        }
        for name in ["good", "other", "locked", "damaged"] { try write(name, text) }
        try write("gated", text.replacing(">= 60 %", with: "== 0 %"))
        try write("invalid", text.replacing("train:", with: "trian:"))
        try write("failing", text.replacing("0.02}\n  - prune", with: "1e38}\n  - prune"))
        try write("endless", text.replacing("MaxEpochs: 12", with: "MaxEpochs: 1000000"))
        try workspace.write("damaged.lock.yaml", "version: many\n")
        try workspace.write(
            "locked.lock.yaml",
            "version: 1\npare: 0.0.1\nrecipe: locked\ninstructionSet: x\ninputs: {}\nstages: {}\nnetworks: {}\nmeasures: {}\n"
        )

        let command = try workspace.start(row.command.split(separator: " ").map(String.init))
        if let signal = row.signal {
            #expect(command.waits(for: #""kind":"train","recipe":"endless""#))
            command.send(signal)
        }
        let result = try command.end()
        #expect(result.status == row.status, "\(result.output)\(result.errors)")
    }

    @Test func `the table of the documentation has the same statuses`() throws {
        let page = try String(
            contentsOf: ShippedFilesTests.root.appending(path: "docs/running.md"), encoding: .utf8)
        let table = try #require(page.components(separatedBy: "## Exit status\n").last)
        let documented = table.split(separator: "\n").filter { $0.hasPrefix("| ") }.dropFirst().flatMap { line in
            line.split(separator: "|")[0].split(separator: ",").compactMap {
                Int32($0.trimmingCharacters(in: .whitespaces))
            }
        }
        #expect(Set(documented) == Set(Self.cases.map(\.status)))
    }
}
