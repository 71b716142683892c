package import Checkpoints
internal import Documents
internal import Foundation

extension RunRecord {
    /// The schema of `run.json` that this program writes and reads, but for the number.
    static let schemaName = "pare.run/"
    static let schemaVersion = 1

    /// Reads the run that a folder holds, also one that was killed.
    ///
    /// - Parameters:
    ///   - path: The run's folder, or the `run.json` in it.
    ///   - files: Where it is read from.
    ///   - results: Whether to read what the stages found, too; without it, nothing but `run.json` is read.
    /// - Throws: ``ExecutionError`` with code ``ExecutionError/Code/unreadableRun`` if there is no run, if it is not
    ///   whole, or if a newer program wrote it.
    package init(
        reading path: String, from files: some FileSystem = DiskFileSystem(), results: Bool = true
    ) throws(ExecutionError) {
        let isFile = path.hasSuffix("/run.json") || path == "run.json"
        var folder = isFile ? String(path.dropLast("run.json".count)) : path
        while folder.count > 1, folder.hasSuffix("/") { folder.removeLast() }
        if folder.isEmpty { folder = "." }
        let document = try Self.document("run.json", in: folder, files)
        try Self.check(document, named: "\(folder)/run.json")
        guard let recipe = document["recipe"]?.text, let entries = document["stages"]?.elements,
            let status = document["exitStatus"]
        else { throw .damagedRun("\(folder)/run.json", "it has no recipe, no stages or no exit status") }
        var stages: [Stage] = []
        for entry in entries { stages.append(try Stage(entry, in: folder, results ? files : nil)) }
        self.init(
            recipe: recipe, folder: folder,
            exitStatus: status.whole.flatMap { Int32(exactly: $0) }.flatMap { ExitStatus(rawValue: $0) },
            seconds: document.value(at: "execution.seconds")?.double ?? 0, stages: stages)
        search = document["search"]
        started = document.value(at: "execution.started")?.text ?? ""
        version = document.value(at: "execution.versions.pare")?.text ?? ""
        instructionSet = document.value(at: "execution.instructionSet")?.text ?? ""
    }

    private static func check(_ document: JSONValue, named name: String) throws(ExecutionError) {
        guard let schema = document["schema"]?.text, schema.hasPrefix(schemaName),
            let version = Int(schema.dropFirst(schemaName.count))
        else { throw .noRun(name) }
        if version > schemaVersion { throw .newerRun(name, schema) }
    }

    fileprivate static func document(
        _ name: String, in folder: String, _ files: some FileSystem
    ) throws(ExecutionError) -> JSONValue {
        let path = "\(folder)/\(name)"
        let data: Data?
        do {
            data = try files.read(path)
        } catch {
            throw .unreadableRun(error)
        }
        guard let data else { throw .missingRun(folder, name) }
        do { return try JSONValue(parsing: data) } catch { throw .damagedRun(path, "\(error)") }
    }
}

extension RunRecord.Stage {
    fileprivate init(_ entry: JSONValue, in folder: String, _ files: (some FileSystem)?) throws(ExecutionError) {
        guard let id = entry["id"]?.text, let kind = entry["kind"]?.text, let key = entry["key"]?.text,
            let status = entry["status"]?.text.flatMap({ StageStatus(rawValue: $0) })
        else { throw .damagedRun("\(folder)/run.json", "a stage has no id, kind, key or status") }
        var artifact: JSONValue?
        if let files, let name = entry["artifact"]?.text {
            // A folder that someone else made may name any file.
            guard !name.contains("/") else {
                throw .damagedRun("\(folder)/run.json", "'\(name)' is no artifact of the folder")
            }
            let document = try RunRecord.document(name, in: folder, files)
            guard document["key"]?.text == key, document["result"] != nil else {
                throw .damagedRun("\(folder)/\(name)", "it is not what 'run.json' says of stage '\(id)'")
            }
            artifact = document
        }
        self.init(
            id: id, kind: kind, key: key, status: status, seconds: entry["seconds"]?.double ?? 0,
            reason: entry["reason"]?.text, message: entry["message"]?.text, options: artifact?["options"] ?? [:],
            result: artifact?["result"], requirementsMet: entry["requirementsMet"]?.flag ?? true)
    }
}

extension ExecutionError {
    fileprivate static func missingRun(_ folder: String, _ name: String) -> ExecutionError {
        let message =
            name == "run.json"
            ? "there is no run in '\(folder)', expected a folder with a run.json, as 'pare run' leaves it"
            : "'\(folder)/\(name)' is missing: run the recipe again with '--output \(folder)'"
        return ExecutionError(code: .unreadableRun, message: message)
    }

    fileprivate static func noRun(_ path: String) -> ExecutionError {
        ExecutionError(
            code: .unreadableRun, message: "'\(path)' is no run of pare, expected the schema 'pare.run/1'")
    }

    fileprivate static func newerRun(_ path: String, _ schema: String) -> ExecutionError {
        ExecutionError(
            code: .unreadableRun,
            message: "'\(path)' has the schema '\(schema)'; this pare reads 'pare.run/1': use a newer pare")
    }

    fileprivate static func damagedRun(_ path: String, _ reason: String) -> ExecutionError {
        ExecutionError(
            code: .unreadableRun, message: "'\(path)' is damaged: \(reason): run the recipe again")
    }

    fileprivate static func unreadableRun(_ error: FileError) -> ExecutionError {
        ExecutionError(code: .unreadableRun, message: "\(error)")
    }
}
