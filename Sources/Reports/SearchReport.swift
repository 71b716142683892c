package import Documents

/// How an option was found that a recipe left open: the member `search` of `run.json`.
package struct SearchReport: Sendable {
    private let record: JSONValue
    private let style: TextStyle

    package init(_ record: JSONValue, style: TextStyle = TextStyle()) {
        self.record = record
        self.style = style
    }

    private var option: String { record["option"]?.text ?? "" }
    private var chosen: String { record["chosen"]?.canonicalText ?? "" }

    /// What was chosen: `budget.pruningFraction=0.75 was best of 5 on the validation data`.
    package func line(of recipe: String) -> String {
        "\(recipe): \(option)=\(chosen) is the best of \(record["candidates"]?.elements?.count ?? 0) on the "
            + "\(record["split"]?.text ?? "") data"
    }

    /// A line for each candidate.
    var lines: [String] {
        let by = record["by"]?.text ?? ""
        let metric = by.split(separator: ".").last.map(String.init) ?? ""
        var table = TextTable([
            .init(option), .init("\(by) (\(record["split"]?.text ?? ""))", isNumeric: true),
            .init("memory", isNumeric: true), .init(""), .init(""),
        ])
        for candidate in record["candidates"]?.elements ?? [] {
            let isChosen = candidate["value"] == record["chosen"]
            let isMet = candidate["met"]?.flag == true
            table.append([
                .init(candidate["value"]?.canonicalText ?? ""),
                .init(Requirement.text(of: candidate["result"], metric)),
                .init(candidate["memoryBytes"]?.whole?.byteCount ?? ""),
                .init(isMet ? "met" : "not met", isMet ? .good : .bad), .init(isChosen ? "chosen" : "", .strong),
            ])
        }
        return table.lines(style)
    }
}
