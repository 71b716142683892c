/// A failure of a stage that is no failure of an algorithm: a file that changed or cannot be read.
struct StageError: Error, Hashable, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
