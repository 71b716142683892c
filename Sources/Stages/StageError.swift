/// A file that a recipe names and that cannot be read.
struct StageError: Error, Hashable, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
