internal import Execution
internal import Foundation
internal import Planning
internal import Sweeps

/// A run, or all points of a sweep, whose records may be kept.
struct KeptRun {
    /// What counts as alike: the last of each kind are kept.
    struct Kind: Hashable {
        let recipe: String
        let isSweep: Bool
    }

    let kind: Kind
    /// When it began, or the last of its points did, as ISO 8601 has it.
    let started: String
    /// What it used.
    let keys: [StageKey]

    private init(_ runs: [RunRecord], isSweep: Bool) {
        let name = runs.first?.recipe ?? ""
        // A point has its number behind the name.
        kind = Kind(recipe: isSweep ? String(name.prefix { $0 != "/" }) : name, isSweep: isSweep)
        started = runs.map(\.started).max() ?? ""
        keys = runs.flatMap(\.stages).compactMap { StageKey(hex: $0.key) }
    }
}

extension KeptRun {
    /// The runs and sweeps in some folders and in all folders below them.
    ///
    /// What their stages found is not read.
    ///
    /// - Throws: ``NoRun`` if there is none in any of them, ``ExecutionError`` if one cannot be read.
    static func all(below folders: [String]) throws -> [KeptRun] {
        let runs = try folders.flatMap { folder in
            try (FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? [])
                .filter { $0 == "run.json" || $0.hasSuffix("/run.json") }.sorted()
                .map { try RunRecord(reading: "\(folder)/\($0)", results: false) }
        }
        if runs.isEmpty { throw NoRun(folders: folders) }
        let sweeps = Dictionary(grouping: runs) { sweep(of: $0) }
        return sweeps.flatMap { sweep, runs in
            sweep == nil ? runs.map { KeptRun([$0], isSweep: false) } : [KeptRun(runs, isSweep: true)]
        }
    }

    /// The folder of the sweep of which a run is a point.
    private static func sweep(of run: RunRecord) -> String? {
        let runs = URL(filePath: run.folder).standardizedFileURL.deletingLastPathComponent()
        let sweep = runs.deletingLastPathComponent().path
        return runs.lastPathComponent == "runs"
            && FileManager.default.fileExists(atPath: SweepFolder(sweep).pointPath(0)) ? sweep : nil
    }

    private struct NoRun: Error, CustomStringConvertible {
        let folders: [String]

        var description: String {
            let names = folders.map { "'\($0)'" }.joined(separator: ", ")
            return "there is no run in \(names) or below: name the folder of a run"
        }
    }
}
