package import Checkpoints
internal import Documents
package import Foundation
internal import Recipes

/// The folder of a sweep: the files of its points, the folder of each point's run, and what came of them.
///
/// ```
/// points/0000.json   frozen, numbered from 0
/// runs/0000/         the run of a point
/// sweep.json         table, Pareto set, best point
/// best.yaml          the recipe of the best point
/// ```
package struct SweepFolder: Sendable {
    package let path: String
    private let files: any FileSystem

    package init(_ path: String, fileSystem: any FileSystem = DiskFileSystem()) {
        self.path = path
        files = fileSystem
    }

    /// The folder of a recipe's sweep if none is named.
    package static func standard(forRecipe name: String) -> String { ".pare/sweeps/\(name)" }

    package func pointPath(_ number: Int) -> String { "\(path)/points/\(SweepPoint.text(of: number)).json" }
    package func runPath(_ number: Int) -> String { "\(path)/runs/\(SweepPoint.text(of: number))" }
    package var resultPath: String { path + "/sweep.json" }
    package var bestPath: String { path + "/best.yaml" }
}

// MARK: - Points

extension SweepFolder {
    /// Makes the folder of the points, from which the path of the recipe is seen.
    ///
    /// - Returns: The path of the recipe, relative to it.
    package func prepare(recipe: String) throws(SweepError) -> String {
        try checked { () throws(FileError) in
            try files.createFolder(path + "/points")
            return try DiskFileSystem.path(of: recipe, from: path + "/points")
        }
    }

    /// Writes every point under its number, and removes those of an earlier sweep that had more, and its results.
    package func write(_ points: [PointFile]) throws(SweepError) {
        try removeResults()
        for (number, point) in points.enumerated() {
            try write(Data(point.document.prettyText.utf8), to: pointPath(number))
        }
        try checked { () throws(FileError) in
            for name in try files.list(path + "/points") {
                guard let number = Self.number(name), number >= points.count else { continue }
                try files.remove(pointPath(number))
            }
        }
    }

    /// Reads every point.
    package func points() throws(SweepError) -> [PointFile] {
        let names = try checked { () throws(FileError) in try files.list(path + "/points") }
        let numbers = names.compactMap(Self.number).sorted()
        var points: [PointFile] = []
        for number in 0..<((numbers.last ?? -1) + 1) { points.append(try point(number)) }
        guard !points.isEmpty else { throw .noPoint(pointPath(0)) }
        return points
    }

    /// Makes sure that the points were written with some settings for all of them.
    ///
    /// - Throws: ``SweepError`` with code ``SweepError/Code/otherSettings`` if not, or the first point cannot be read.
    package func checkSettings(_ settings: [String]) throws(SweepError) {
        guard !settings.isEmpty else { return }
        let present = try point(0).settings
        if let other = settings.enumerated().first(where: { $0 >= present.count || present[$0] != $1 }) {
            throw .otherSettings(path, other.element)
        }
    }

    /// Reads one point.
    package func point(_ number: Int) throws(SweepError) -> PointFile {
        try PointFile.read(pointPath(number), fileSystem: files)
    }

    /// The number of the point that a file of the folder has; other files may stand there, too.
    private static func number(_ name: String) -> Int? {
        guard name.hasSuffix(".json"), let number = Int(name.dropLast(5)), (0..<Sweep.largestCount).contains(number),
            name == SweepPoint.text(of: number) + ".json"
        else { return nil }
        return number
    }
}

extension PointFile {
    /// Reads a point from its file.
    package static func read(_ path: String, fileSystem: any FileSystem = DiskFileSystem()) throws(SweepError)
        -> PointFile
    {
        let data: Data?
        do { data = try fileSystem.read(path) } catch { throw SweepError(error) }
        guard let data else { throw .noPoint(path) }
        return try PointFile(decoding: data, at: path)
    }

    /// The path of the recipe, seen from the current folder.
    ///
    /// - Parameter path: Where the point was read.
    package func recipePath(at path: String) throws(SweepError) -> String {
        let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
        let location = recipe.hasPrefix("/") ? recipe : folder + recipe
        do {
            let seen = try DiskFileSystem.path(of: location, from: ".")
            return seen.hasPrefix("../../..") ? try DiskFileSystem.realPath(of: location) : seen
        } catch {
            throw .noRecipe(recipe, of: path)
        }
    }
}

// MARK: - Files

extension SweepFolder {
    /// Writes a file in one step; one that is as it shall be is left alone.
    package func write(_ data: Data, to path: String) throws(SweepError) {
        try checked { () throws(FileError) in
            if try files.read(path) == data { return }
            // Several processes may write the points of one sweep.
            let partial = "\(path).\(ProcessInfo.processInfo.processIdentifier).partial"
            try files.write(data, to: partial, durably: false)
            try files.rename(partial, to: path)
        }
    }

    /// Makes the folder that a file is to be written in.
    ///
    /// - Returns: The folder.
    package func prepareFolder(of file: String) throws(SweepError) -> String {
        let folder = file.lastIndex(of: "/").map { String(file[..<$0]) } ?? "."
        try checked { () throws(FileError) in try files.createFolder(folder.isEmpty ? "/" : folder) }
        return folder.isEmpty ? "/" : folder
    }

    func remove(_ path: String) throws(SweepError) {
        try checked { () throws(FileError) in try files.remove(path) }
    }

    func read(_ path: String) throws(SweepError) -> Data? {
        try checked { () throws(FileError) in try files.read(path) }
    }

    func isFolder(_ path: String) throws(SweepError) -> Bool {
        try checked { () throws(FileError) in try files.status(path)?.isFolder == true }
    }

    func exists(_ path: String) throws(SweepError) -> Bool {
        try checked { () throws(FileError) in try files.read(path) != nil }
    }

    private func checked<Value>(_ body: () throws(FileError) -> Value) throws(SweepError) -> Value {
        do { return try body() } catch { throw SweepError(error) }
    }
}

extension SweepError {
    init(_ error: FileError) {
        self.init(code: .folder, message: error.message(option: "--output"))
    }
}
