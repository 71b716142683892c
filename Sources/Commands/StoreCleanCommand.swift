internal import ArgumentParser
internal import Checkpoints
internal import Documents
internal import Foundation
internal import Reports

internal import struct Recipes.Quantity

/// `pare store gc`: removes what is no longer wanted.
struct StoreCleanCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gc", abstract: "Remove records from a store, but never what a run in progress needs.",
        discussion: """
            --older-than and --max-size say what goes; what --keep-run and --keep-last name stays, whatever they say. \
            Use --older-than 0s to remove all that is not kept.
            """)

    @OptionGroup var arguments: StoreArguments

    @Option(help: ArgumentHelp("Remove what was not used for this time, such as 30d or 12h.", valueName: "age"))
    var olderThan: String?

    @Option(
        help: ArgumentHelp(
            "Remove what was used least recently until the store has this size, such as 10GiB.", valueName: "size"))
    var maxSize: String?

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp("Keep what the runs in these folders, or in folders in them, used.", valueName: "dir"))
    var keepRun: [String] = []

    @Option(help: ArgumentHelp("Keep what the last runs and the last sweeps of each recipe used.", valueName: "n"))
    var keepLast: Int?

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "Where --keep-last looks for runs and sweeps. (default: .pare/runs .pare/sweeps)", valueName: "dir"))
    var runs: [String] = []

    @Flag(help: "Remove nothing, and say what would go.")
    var dryRun = false

    func validate() throws {
        if let olderThan, Self.seconds(of: olderThan) == nil {
            throw ValidationError("--older-than is '\(olderThan)', expected a time with a unit, such as 30d or 12h")
        }
        if let maxSize, Quantity(maxSize)?.memory == nil {
            throw ValidationError("--max-size is '\(maxSize)', expected a size with a unit, such as 10GiB")
        }
        if let keepLast, keepLast < 1 { throw ValidationError("--keep-last is \(keepLast), expected 1 or more") }
        if !runs.isEmpty && keepLast == nil {
            throw ValidationError("--runs says where --keep-last looks: add --keep-last")
        }
        if olderThan == nil && maxSize == nil {
            throw ValidationError(
                "nothing says what to remove: give --older-than or --max-size; --older-than 0s removes all that is not "
                    + "kept")
        }
    }

    func run() throws {
        let date = Date()
        let cleaning = try arguments.use { store in
            try store.clean(rules(), at: date, dryRun: dryRun, wait: Output.waitForStore(store))
        }
        let report = CleaningReport(cleaning, isDryRun: dryRun, at: date, style: Output.results.style)
        if arguments.json {
            for event in report.events { Output.write(event.canonicalText + "\n") }
        } else {
            Output.write(report.text)
        }
    }

    private func rules() throws -> CleaningRules {
        var kept = try keepRun.flatMap { try KeptRun.all(below: [$0]) }
        if let keepLast {
            // Of the folders that are looked at by themselves, one may be missing.
            let found =
                try runs.isEmpty
                ? KeptRun.all(below: [".pare/runs", ".pare/sweeps"]) : runs.flatMap { try KeptRun.all(below: [$0]) }
            for alike in Dictionary(grouping: found, by: \.kind).values {
                kept += alike.sorted { $0.started < $1.started }.suffix(keepLast)
            }
        }
        return CleaningRules(
            maximumAge: olderThan.flatMap(Self.seconds), maximumBytes: maxSize.flatMap { Quantity($0)?.memory },
            kept: Set(kept.flatMap(\.keys)))
    }

    /// The seconds of a time such as `30d`; `nil` if it is none.
    private static func seconds(of age: String) -> Double? {
        let number = age.prefix { $0.isNumber || $0 == "." }
        let unit = age.dropFirst(number.count).drop { $0 == " " }
        let units: [String: Double] = ["s": 1, "min": 60, "h": 3600, "d": 86_400, "w": 604_800]
        guard let value = Double(number), let seconds = units[String(unit)] else { return nil }
        return value * seconds
    }
}
