internal import Datasets
internal import Diagnostics
internal import Documents
internal import Foundation
internal import Recipes

/// Digests the files of a data set, each in pieces.
struct DataDigester {
    let checked: CheckedValue
    let folder: FilePath
    /// The SHA-256 of each file or folder, by path.
    var digests: [String: JSONValue] = [:]
    private(set) var diagnostics: [Diagnostic] = []

    init(checked: CheckedValue, folder: FilePath) {
        self.checked = checked
        self.folder = folder
    }

    mutating func digest(_ description: DatasetDescription) {
        digest(description.train, of: "train", description.format)
        if case .files(let files) = description.validation { digest(files, of: "validation", description.format) }
        if case .files(let files) = description.test { digest(files, of: "test", description.format) }
    }

    private mutating func digest(
        _ files: DatasetDescription.Files, of split: String, _ format: DatasetDescription.Format
    ) {
        let place = "splits.\(split)"
        let key = ["file", "folder", "files"].first { checked["\(place).\($0)"] != nil } ?? "file"
        var paths = files.paths.enumerated().map { index, path in
            (path: path, place: key == "files" ? "\(place).files.\(index)" : "\(place).\(key)")
        }
        // The targets of an archive are in it.
        if let targets = files.targets,
            [.idx, .npy(isChannelsLast: true), .npy(isChannelsLast: false)].contains(format)
        {
            paths.append((targets, "\(place).targets"))
        }
        let expected = checked["\(place).sha256"]?.elements?.compactMap(\.text) ?? []
        if checked["\(place).sha256"] != nil, expected.count != paths.count {
            diagnostics.append(
                Diagnostic(
                    .dataInvalid, "'sha256' has \(expected.count) digests for \(paths.count) files",
                    at: checked.span(at: "\(place).sha256"),
                    help: ["give one for each of " + paths.map(\.path).joined(separator: ", ")]))
            return
        }
        for (index, item) in paths.enumerated() {
            guard let digest = digest(item.path, isFolder: format == .png, at: item.place) else { continue }
            digests[item.path] = .string(digest.hex)
            if index < expected.count, expected[index] != digest.hex {
                diagnostics.append(
                    Diagnostic(
                        .dataInvalid, "'\(item.path)' has another SHA-256 than the data set says: \(digest.hex)",
                        at: checked.span(at: "\(place).sha256"),
                        help: ["restore the file, or write its new digest if the change was meant"]))
            }
        }
    }

    /// The digest of a file, or of a folder: of a line for each of its files, as `sha256sum` writes them.
    private mutating func digest(_ path: String, isFolder: Bool, at place: String) -> Digest? {
        let data = DataFolder(folder.location)
        do {
            guard isFolder else { return try Self.digest(data.file(path)) }
            var lines = DigestHasher()
            for name in try data.names(in: path) {
                for file in try data.names(in: "\(path)/\(name)") {
                    let digest = try Self.digest(data.file("\(path)/\(name)/\(file)"))
                    lines.update(Data("\(digest.hex)  \(name)/\(file)\n".utf8))
                }
            }
            return lines.finalize()
        } catch {
            diagnostics.append(
                Diagnostic(
                    .fileMissing, "cannot read '\(folder.appending(error.file ?? path))': \(error.message)",
                    at: checked.span(at: place),
                    help: ["'\(place.split(separator: ".")[2])' is relative to the folder of dataset.yaml"]))
            return nil
        }
    }

    private static func digest(_ file: DataFile) throws(DatasetError) -> Digest {
        var hasher = DigestHasher()
        try file.forEachPiece { hasher.update($0) }
        return hasher.finalize()
    }
}
