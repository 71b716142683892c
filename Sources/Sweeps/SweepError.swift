/// A sweep whose points cannot be read, written or run.
package struct SweepError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of failure this is.
    package struct Code: Hashable, Sendable {
        private let name: String

        /// A file is not the file of a point, or is not there.
        package static let noPointFile = Code(name: "noPointFile")
        /// A recipe gives other keys than when its point was frozen.
        package static let changed = Code(name: "changed")
        /// A file or folder of the sweep cannot be read or written.
        package static let folder = Code(name: "folder")
        /// The best recipe cannot be written to the file that is named for it.
        package static let noTarget = Code(name: "noTarget")
        /// The points were written with other settings.
        package static let otherSettings = Code(name: "otherSettings")
    }

    package let code: Code
    package let message: String

    package var description: String { message }
}

extension SweepError {
    static func noPointFile(_ path: String, _ reason: String) -> SweepError {
        SweepError(code: .noPointFile, message: "'\(path)' is no file of a point: \(reason)")
    }

    static func noPoint(_ path: String) -> SweepError {
        SweepError(
            code: .noPointFile,
            message: "there is no point '\(path)': write the points of the sweep with 'pare sweep expand'")
    }

    static func noRecipe(_ recipe: String, of path: String) -> SweepError {
        SweepError(code: .noPointFile, message: "the recipe '\(recipe)' of the point '\(path)' is not there")
    }

    /// Two points that are to run together are called the same.
    package static func sameName(_ name: String, _ first: String, _ second: String) -> SweepError {
        SweepError(
            code: .noPointFile,
            message: "'\(first)' and '\(second)' are both called '\(name)': run one after the other")
    }

    static func noTarget(_ path: String, _ reason: String) -> SweepError {
        SweepError(code: .noTarget, message: "'\(path)' is \(reason): name another file with --best")
    }

    static func otherSettings(_ path: String, _ setting: String) -> SweepError {
        SweepError(
            code: .otherSettings,
            message:
                "the points in '\(path)' were not written with --set \(setting): leave it out, or run the sweep with it"
        )
    }

    static func changed(_ name: String, _ difference: String) -> SweepError {
        SweepError(
            code: .changed,
            message: "the recipe or its inputs changed since the plan of '\(name)' was frozen: \(difference)")
    }
}
