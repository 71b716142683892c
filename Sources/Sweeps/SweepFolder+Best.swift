internal import Checkpoints
internal import Foundation

/// The recipe of the best point, and what may be replaced by it.
extension SweepFolder {
    /// How the file of a best recipe begins, so that it is known as one.
    ///
    /// - Parameters:
    ///   - number: The best point.
    ///   - recipe: The path of the sweep's recipe, seen from the file.
    package static func bestHeading(_ number: Int, of recipe: String) -> String {
        "Point \(number) of the sweep in \(recipe):"
    }

    /// Makes sure that a best recipe may be written to a file.
    ///
    /// - Parameter recipe: The path of the sweep's recipe.
    /// - Throws: ``SweepError`` with code ``SweepError/Code/noTarget`` if a folder has the name, or a file that is
    ///   something else than a best recipe of before; another one if it cannot be read.
    package func checkBest(_ file: String, of recipe: String) throws(SweepError) {
        let isFolder = try isFolder(file)
        if isFolder || file.hasSuffix("/") { throw .noTarget(file, "a folder, expected a file") }
        guard let data = try read(file) else { return }
        if (try? DiskFileSystem.realPath(of: file)) == (try? DiskFileSystem.realPath(of: recipe)) {
            throw .noTarget(file, "the recipe of the sweep")
        }
        if !Self.isBest(data) { throw .noTarget(file, "no best recipe of a sweep, so it is not replaced") }
    }

    /// Removes the best recipe of before from the folder.
    package func removeBest() throws(SweepError) {
        if let data = try read(bestPath), Self.isBest(data) { try remove(bestPath) }
    }

    /// Removes what came of the points of before.
    func removeResults() throws(SweepError) {
        try removeBest()
        try remove(resultPath)
    }

    private static func isBest(_ data: Data) -> Bool {
        let heading = String(decoding: data.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
        return heading.wholeMatch(of: #/# Point [0-9]+ of the sweep in .+:/#) != nil
    }
}
