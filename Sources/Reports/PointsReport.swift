/// The points of a sweep as a table, for `pare sweep expand`.
package struct PointsReport: Sendable {
    /// The paths of the options that are varied.
    private let options: [String]
    /// For each point a value for each option.
    private let values: [[String]]

    package init(options: [String], values: [[String]]) {
        self.options = options
        self.values = values
    }

    /// A line for each point, and how many there are.
    package func text(_ style: TextStyle = TextStyle()) -> String {
        var table = TextTable([.init("point", isNumeric: true)] + options.map { .init($0) })
        for (number, values) in values.enumerated() {
            table.append(([String(number)] + values).map { .init($0) })
        }
        return (table.lines(style) + [values.count.of("point")]).map { $0 + "\n" }.joined()
    }
}
