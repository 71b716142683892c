internal import Documents
internal import Execution

/// What was measured of networks, as columns: one for each metric and each of the data that it was measured on.
///
/// Several `evaluate` stages that look at the same data fill the same columns.
struct MeasureColumns {
    /// The metrics; with the data behind them if networks were measured on more than one.
    let titles: [String]
    private let columns: [(metric: String, data: JSONValue)]
    private var texts: [String: [Int: String]] = [:]

    /// The measures of the stages of one recipe.
    init(_ stages: [RunRecord.Stage]) {
        var columns: [(metric: String, data: JSONValue)] = []
        var names: [(data: JSONValue, name: String)] = []
        for stage in stages {
            let rows = stage.figures?.rows ?? []
            let data: JSONValue = ["split": stage.options["split"] ?? "test", "data": stage.options["data"] ?? .null]
            if !rows.isEmpty, !names.contains(where: { $0.data == data }) {
                // The data of a folder of their own are known by the stage that looks at them.
                names.append((data, data["data"] == .null ? data["split"]?.text ?? "" : stage.id))
            }
            for row in rows {
                for measure in row.measures {
                    let index = columns.firstIndex { $0.metric == measure.metric && $0.data == data } ?? columns.count
                    if index == columns.count { columns.append((measure.metric, data)) }
                    texts[row.need, default: [:]][index] = measure.text
                }
            }
        }
        self.columns = columns
        titles = columns.map { column in
            let name = names.first { $0.data == column.data }?.name ?? ""
            return names.count > 1 ? "\(column.metric) (\(name))" : column.metric
        }
    }

    /// A cell for each column: what was measured of the network of a stage.
    func cells(of stage: String) -> [String] { columns.indices.map { texts[stage]?[$0] ?? "" } }
}
