internal import Checkpoints
package import Foundation

extension Executor {
    /// The folders for the runs of some recipes.
    ///
    /// One recipe has the folder `output`, several have one each in it; without `output` each has
    /// `.pare/runs/NAME-TIME`. Names that are taken get a number.
    package static func folders(forRecipes names: [String], output: String?, date: Date) -> [String] {
        if let output, names.count == 1 { return [output] }
        let files = DiskFileSystem()
        let style = Date.ISO8601FormatStyle(dateSeparator: .omitted, timeSeparator: .omitted)
        var taken: Set<String> = []
        return names.map { name in
            let safe = name.replacing("/", with: "-")
            let base = output.map { "\($0)/\(safe)" } ?? ".pare/runs/\(safe)-\(date.formatted(style))"
            func isTaken(_ path: String) -> Bool {
                if taken.contains(path) { return true }
                return output == nil && (try? files.list(path).isEmpty) == false
            }
            var path = base
            var number = 2
            while isTaken(path) {
                path = "\(base)-\(number)"
                number += 1
            }
            taken.insert(path)
            return path
        }
    }
}
