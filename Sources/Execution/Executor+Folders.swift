internal import Checkpoints
package import Foundation

extension Executor {
    /// The folders for the runs of some recipes.
    ///
    /// One recipe has the folder `output`, several have one each in it. Without `output` each has a new folder
    /// `NAME-TIME` in `runs`, made here, as another run may look for one at the same time. Names that are taken get a
    /// number.
    package static func folders(
        forRecipes names: [String], output: String?, date: Date, runs: String = ".pare/runs"
    ) -> [String] {
        if let output, names.count == 1 { return [output] }
        let style = Date.ISO8601FormatStyle(dateSeparator: .omitted, timeSeparator: .omitted)
        var taken: Set<String> = []
        func isTaken(_ path: String) -> Bool {
            // A folder that cannot be made is reported by the run.
            output == nil ? (try? DiskFileSystem().createNewFolder(path)) == false : !taken.insert(path).inserted
        }
        return names.map { name in
            let safe = name.replacing("/", with: "-")
            let base = output.map { "\($0)/\(safe)" } ?? "\(runs)/\(safe)-\(date.formatted(style))"
            var path = base
            var number = 2
            while isTaken(path) {
                path = "\(base)-\(number)"
                number += 1
            }
            return path
        }
    }
}
