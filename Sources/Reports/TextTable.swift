/// A table as text: columns as wide as their widest cell, two blanks between them.
struct TextTable {
    /// One column.
    struct Column {
        let title: String
        /// Whether cells stand at the right, as numbers do.
        let isNumeric: Bool

        init(_ title: String, isNumeric: Bool = false) {
            self.title = title
            self.isNumeric = isNumeric
        }
    }

    /// A text and its colour.
    struct Cell {
        let text: String
        let tone: TextStyle.Tone?

        init(_ text: String, _ tone: TextStyle.Tone? = nil) {
            self.text = text
            self.tone = tone
        }
    }

    let columns: [Column]
    /// One cell for each column.
    private(set) var rows: [[Cell]] = []

    init(_ columns: [Column]) {
        self.columns = columns
    }

    /// Appends a row.
    mutating func append(_ cells: [Cell]) {
        precondition(cells.count == columns.count, "a row of \(cells.count) cells in \(columns.count) columns")
        rows.append(cells)
    }

    /// The lines of the table, the titles first if there are any; a column with nothing in it is left out.
    func lines(_ style: TextStyle) -> [String] {
        let shown = columns.indices.filter { column in rows.contains { !$0[column].text.isEmpty } }
        let widths = shown.map { column in
            (rows.map { $0[column].text } + [columns[column].title]).map(\.count).max() ?? 0
        }
        func line(_ cells: [Cell]) -> String {
            var line = ""
            var pending = ""
            for (column, width) in zip(shown, widths) {
                let cell = cells[column]
                let blanks = String(repeating: " ", count: width - cell.text.count)
                if columns[column].isNumeric { pending += blanks }
                if !cell.text.isEmpty {
                    line += pending + style.text(cell.text, cell.tone)
                    pending = ""
                }
                if !columns[column].isNumeric { pending += blanks }
                pending += "  "
            }
            return line
        }
        let hasTitles = columns.contains { !$0.title.isEmpty }
        return (hasTitles ? [line(columns.map { Cell($0.title, .strong) })] : []) + rows.map(line)
    }
}
