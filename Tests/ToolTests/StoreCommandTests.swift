import Documents
import Foundation
import Testing

@Suite struct StoreCommandTests {
    static let run = ["run", "recipe.yaml", "--threads", "1", "--output"]

    /// The lines of JSON that a command prints.
    func events(_ workspace: Workspace, _ arguments: String...) throws -> [JSONValue] {
        let result = try workspace.start(["store"] + arguments + ["--json"]).end()
        return try result.output.split(separator: "\n").map { try JSONValue(parsing: Data($0.utf8)) }
    }

    @Test func `a store is listed, verified and cleaned`() throws {
        let workspace = try Workspace()
        #expect(try workspace.start(Self.run + ["first"]).end().status == 0)
        let other = try workspace.start(Self.run + ["second", "--set", "quantize.type=bfloat16"]).end()
        #expect(other.status == 0, "\(other.errors)")
        let listing = try workspace.pare("store", "ls")
        #expect(listing.status == 0)
        #expect(listing.output.contains("  train     complete  "))
        #expect(listing.output.contains("\n7 records, "))
        #expect(try events(workspace, "ls").compactMap { $0["kind"]?.text }.count == 7)

        // What only the first run used: quantize and evaluate.
        let dry = try events(workspace, "gc", "--keep-last", "1", "--runs", "second", "--older-than=0s", "--dry-run")
        #expect(dry.compactMap { $0["kind"]?.text }.sorted() == ["evaluate", "quantize"])
        // What a run used is in its run.json; a damaged artifact beside it does not matter.
        let artifacts = try workspace.json("second/run.json")["stages"]?.elements?.compactMap { $0["artifact"]?.text }
        for artifact in artifacts ?? [] { try workspace.write("second/\(artifact)", "?") }
        let cleaned = try workspace.pare("store", "gc", "--keep-run", "second", "--older-than", "0s")
        #expect(cleaned.status == 0, "\(cleaned.errors)")
        #expect(cleaned.output.contains("\nremoved 2 records, "))
        #expect(cleaned.output.contains("\nkept 5 records, "))
        #expect(
            try workspace.pare("store", "gc", "--max-size", "10GiB", "--older-than", "1h").output.hasPrefix(
                "removed 0 records, 0 B\n"))
        #expect(try workspace.start(Self.run + ["again"]).end().status == 0)
        #expect(try workspace.statuses("again") == ["reused", "reused", "reused", "ran", "ran"])
        #expect(try workspace.results("again") == workspace.results("first"))
        #expect(try events(workspace, "gc", "--older-than", "0s").last?["left"] == 0)
        #expect(try workspace.pare("store", "ls").output == "0 records, 0 B\n")
    }

    @Test func `the last sweep of a recipe stays as a whole, beside its last runs`() throws {
        let workspace = try SweepTests.workspace()
        #expect(try workspace.start(["run", "recipe.yaml", "--threads", "1", "--output", "old"]).end().status == 0)
        #expect(try workspace.pare("sweep", "run", "recipe.yaml", "--threads", "1").status == 0)
        let only = try workspace.start(["run", "recipe.yaml", "--threads", "1", "--set", "train.MaxEpochs=2"]).end()
        #expect(only.status == 0 || only.status == 3, "\(only.errors)")
        let cleaned = try workspace.pare("store", "gc", "--keep-last", "1", "--older-than", "0s", "--json")
        #expect(cleaned.status == 0, "\(cleaned.errors)")
        // The first run is in no folder that is looked at; its retraining, and what follows, is nobody else's.
        let frozen = try workspace.pare("sweep", "run", "recipe.yaml", "--threads", "1", "--json")
        #expect(frozen.status == 0, "\(frozen.errors)")
        for point in ["0000", "0001", "0002", "0003"] {
            #expect(try workspace.statuses(".pare/sweeps/tiny/runs/\(point)") == Array(repeating: "reused", count: 5))
        }
        let again = try workspace.start(["run", "recipe.yaml", "--threads", "1", "--output", "again"]).end()
        #expect(again.status == 0)
        #expect(try workspace.statuses("again") == ["reused", "reused", "ran", "ran", "ran"])
    }

    @Test func `what is damaged is found, and made again by the next run`() throws {
        let workspace = try Workspace()
        #expect(try workspace.start(Self.run + ["first"]).end().status == 0)
        #expect(try workspace.pare("store", "verify").output.hasPrefix("5 records intact, "))
        let store = workspace.folder.appending(path: ".pare/store")
        let names = try FileManager.default.subpathsOfDirectory(atPath: store.path)
        for name in names where name.hasSuffix("network.safetensors") {
            var data = try Data(contentsOf: store.appending(path: name))
            data[data.count / 2] ^= 4
            try data.write(to: store.appending(path: name))
        }
        let damaged = try workspace.pare("store", "verify")
        #expect(damaged.status == 1)
        #expect(damaged.output.contains("'network.safetensors' has changed since it was written"))
        let again = try workspace.start(Self.run + ["again", "--json"]).end()
        #expect(again.status == 0)
        #expect(again.output.contains("is damaged and is made again"))
        #expect(try workspace.results("again") == workspace.results("first"))
        #expect(try workspace.pare("store", "verify").status == 0)
    }

    @Test func `a store that was copied is used as it is`() throws {
        let workspace = try Workspace()
        #expect(try workspace.start(Self.run + ["first"]).end().status == 0)
        let elsewhere = try Workspace()
        try FileManager.default.copyItem(
            at: workspace.folder.appending(path: ".pare/store"), to: elsewhere.folder.appending(path: "copied"))
        #expect(try elsewhere.start(Self.run + ["out", "--store", "copied"]).end().status == 0)
        #expect(try elsewhere.statuses("out") == Array(repeating: "reused", count: 5))
        #expect(try elsewhere.results("out") == workspace.results("first"))
    }

    @Test func `two processes make each record once`() throws {
        let workspace = try Workspace()
        let commands = try ["a", "b"].map { try workspace.start(Self.run + [$0]) }
        for command in commands { #expect(try command.end().status == 0) }
        let statuses = try zip(workspace.statuses("a"), workspace.statuses("b"))
        for (first, second) in statuses { #expect([first, second].sorted() == ["ran", "reused"]) }
        #expect(try workspace.results("a") == workspace.results("b"))
    }

    @Test func `cleaning beside runs takes nothing from them`() throws {
        let workspace = try Workspace()
        #expect(try workspace.start(Self.run + ["quiet", "--store", "quiet-store"]).end().status == 0)
        let cleaner = try workspace.start(["store", "ls"])  // before there is a store
        #expect(try cleaner.end().status == 1)
        let result = try workspace.shell(
            """
            touch going
            (while [ -e going ]; do "$PARE" store gc --older-than 0s >> cleaned 2>&1; done) &
            for round in 1 2 3 4; do
                "$PARE" run recipe.yaml --threads 1 --output a$round --json >> events & first=$!
                "$PARE" run recipe.yaml --threads 1 --output b$round --json >> events & second=$!
                wait $first && wait $second || { rm going; exit 1; }
            done
            rm going
            wait
            """)
        #expect(result.status == 0, "\(result.errors)")
        let events = try String(contentsOf: workspace.folder.appending(path: "events"), encoding: .utf8)
        #expect(!events.contains("\"warning\""))
        for run in ["a1", "b1", "a4", "b4"] { #expect(try workspace.results(run) == workspace.results("quiet")) }
    }

    @Test func `a run that waits for the lock of the store says so and can be stopped`() throws {
        let workspace = try Workspace()
        let result = try workspace.shell(
            """
            mkdir -p .pare/store
            flock .pare/store/lock sh -c '
                "$PARE" run recipe.yaml 2> errors & pid=$!
                until [ -s errors ]; do sleep 0.05; done
                kill -TERM $pid; wait $pid; echo "status $?"'
            cat errors
            """)
        #expect(
            result.output == """
                status 143
                waiting for another pare, which is cleaning the store '.pare/store'...

                """)
    }

    static let nothing =
        "Error: nothing says what to remove: give --older-than or --max-size; --older-than 0s removes all that is not kept"

    static let wrong: [([String], Int32, String)] = [
        (["ls", "--store", ""], 64, "Error: --store is empty, expected a folder"),
        (["ls", "--store", "none"], 1, "error: there is no store at 'none': name its folder with --store"),
        (["gc"], 64, nothing),
        (["gc", "--keep-last", "1"], 64, nothing),
        (
            ["gc", "--runs", "data", "--older-than", "1d"], 64,
            "Error: --runs says where --keep-last looks: add --keep-last"
        ),
        (
            ["gc", "--older-than", "30"], 64,
            "Error: --older-than is '30', expected a time with a unit, such as 30d or 12h"
        ),
        (
            ["gc", "--max-size", "10"], 64,
            "Error: --max-size is '10', expected a size with a unit, such as 10GiB"
        ),
        (["gc", "--keep-last", "0"], 64, "Error: --keep-last is 0, expected 1 or more"),
        (
            ["gc", "--keep-run", "data", "--older-than", "0s"], 1,
            "error: there is no run in 'data' or below: name the folder of a run"
        ),
        (
            ["gc", "--keep-last", "1", "--older-than", "0s"], 1,
            "error: there is no run in '.pare/runs', '.pare/sweeps' or below: name the folder of a run"
        ),
    ]

    @Test(arguments: wrong)
    func `wrong usage is told`(arguments: [String], status: Int32, message: String) throws {
        let workspace = try Workspace()
        try FileManager.default.createDirectory(
            at: workspace.folder.appending(path: ".pare/store/records"), withIntermediateDirectories: true)
        let result = try workspace.start(["store"] + arguments).end()
        #expect(result.status == status)
        #expect(result.errors.split(separator: "\n").first.map(String.init) == message)
    }
}
