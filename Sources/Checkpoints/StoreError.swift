/// A failure of the store.
package struct StoreError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of failure this is.
    package struct Code: Hashable, Sendable {
        private let name: String

        /// The disk is full.
        package static let noSpace = Code(name: "noSpace")
        /// The system refused to write.
        package static let notWritable = Code(name: "notWritable")
        /// Another call of the system failed.
        package static let fileFailure = Code(name: "fileFailure")
        /// The store was written by a newer version of the program.
        package static let newerFormat = Code(name: "newerFormat")
        /// The folder is not a store.
        package static let notAStore = Code(name: "notAStore")
        /// A stored output has other bytes than its record says, or is gone.
        package static let damaged = Code(name: "damaged")
    }

    package let code: Code
    package let message: String

    package var description: String { message }
}

extension StoreError {
    init(_ error: FileError) {
        code = error.isNoSpace ? .noSpace : error.isRefused ? .notWritable : .fileFailure
        message = error.message(option: "--store")
    }

    static func newerFormat(_ found: Int, known: Int, in path: String) -> StoreError {
        StoreError(
            code: .newerFormat,
            message: "store '\(path)' has format \(found); this pare reads format \(known): "
                + "use a newer pare or another --store")
    }

    static func notAStore(_ path: String) -> StoreError {
        StoreError(
            code: .notAStore,
            message: "'\(path)/format.json' does not name the format of a store: remove that file if the folder is "
                + "a store, or name another folder with --store")
    }

    static func damagedOutput(_ name: String, of kind: String, _ reason: String) -> StoreError {
        StoreError(
            code: .damaged,
            message: "the stored output '\(name)' of a '\(kind)' stage \(reason): "
                + "run the same command again, and it is made again")
    }

    static func damagedRegistration(_ path: String) -> StoreError {
        StoreError(
            code: .damaged,
            message: "'\(path)' does not say what a run in progress needs, so nothing is removed: "
                + "wait until the run has ended")
    }
}
