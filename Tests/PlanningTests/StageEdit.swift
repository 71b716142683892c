import Planning

/// A named change of a stage, for tables of tests.
struct StageEdit: Sendable, CustomStringConvertible {
    let description: String
    let change: @Sendable (inout StageSpecification) -> Void

    init(_ description: String, change: @escaping @Sendable (inout StageSpecification) -> Void) {
        self.description = description
        self.change = change
    }
}
