import Documents
import Foundation
import Testing

@Suite struct OutputTests {
    @Test func `with --json every line is an event`() throws {
        let workspace = try Workspace()
        let result = try workspace.pare("run", "recipe.yaml", "--json", "--output", "out")
        #expect(result.status == 0)
        #expect(result.errors == "")
        let events = try result.output.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map {
            try #require(try JSONValue(parsing: String($0))["event"]?.text)
        }
        #expect(result.output.hasSuffix("}\n"))
        #expect(events.first == "stage.started")
        #expect(events.last == "run.finished")
        #expect(events.count { $0 == "stage.finished" } == 5)
        #expect(events.contains("stage.progress"))
    }

    @Test(arguments: [[:], ["TERM": "xterm-256color", "COLUMNS": "40"]])
    func `a pipe gets no escape sequences, carriage returns or bars`(environment: [String: String]) throws {
        let workspace = try Workspace()
        let result = try workspace.pare("run", "recipe.yaml", environment: environment)
        #expect(result.status == 0)
        for unwanted in ["\u{1B}", "\r", "[=", "[>"] { #expect(!result.output.contains(unwanted)) }
        #expect(result.output.hasPrefix("[1/5] load      started\n"))
    }

    /// Runs a recipe on a pseudo-terminal of 100 columns.
    private func onTerminal(_ environment: String, in workspace: Workspace) throws -> Tool.Result {
        try workspace.write(
            "terminal.py",
            """
            import fcntl, os, pty, struct, sys, termios
            def read(descriptor):
                fcntl.ioctl(descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
                return os.read(descriptor, 65536)
            sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:], read)))
            """)
        return try workspace.shell("env \(environment) python3 terminal.py \"$PARE\" run recipe.yaml")
    }

    @Test func `a terminal gets colours and a line that is redrawn`() throws {
        let result = try onTerminal("-u NO_COLOR TERM=xterm", in: Workspace())
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.output.contains("\r[2/5] train"))
        #expect(result.output.contains("\u{1B}[K"))
        #expect(result.output.contains("\u{1B}[32mmet\u{1B}[0m"))
    }

    @Test func `NO_COLOR keeps a terminal without colours`() throws {
        let result = try onTerminal("NO_COLOR=1 TERM=xterm", in: Workspace())
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.output.contains("\r[2/5] train"))
        #expect(result.output.firstMatch(of: #/\x1B\[[0-9;]*m/#) == nil)
    }

    @Test func `a dumb terminal gets a log`() throws {
        let result = try onTerminal("TERM=dumb", in: Workspace())
        #expect(result.status == 0, "\(result.errors)")
        #expect(!result.output.contains("\u{1B}"))
        #expect(result.output.contains("[2/5] train     started"))
    }
}
