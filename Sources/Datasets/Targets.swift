/// What is to be predicted, one entry an example.
package enum Targets: Hashable, Sendable {
    /// One of the named classes; a label is an index into `names`.
    case classes(names: [String], labels: [Int])
    /// Named numbers, `[count, names.count]`, row-major.
    case values(names: [String], values: [Float])

    /// The names of a network's outputs: of the classes, or of the values.
    package var names: [String] {
        switch self {
        case .classes(let names, _), .values(let names, _): names
        }
    }

    /// How many examples there are.
    package var count: Int {
        switch self {
        case .classes(_, let labels): labels.count
        case .values(let names, let values): values.count / max(1, names.count)
        }
    }

    /// The targets of the given examples, in the order given.
    package func rows(_ rows: [Int]) -> Targets {
        switch self {
        case .classes(let names, let labels): .classes(names: names, labels: rows.map { labels[$0] })
        case .values(let names, let values):
            .values(
                names: names,
                values: rows.flatMap { values[$0 * names.count..<($0 + 1) * names.count] })
        }
    }
}
