internal import Kernels
internal import Tensors

/// Tables as text, one field a column: `.csv` and its kin (RFC 4180, without line breaks inside of quotes).
///
/// Two forms are read. In the wide one a line is an example: its values stand channel by channel, each with all its
/// positions. In the long one a line is a time step with one column a channel, and a column tells the examples apart;
/// the lines of an example follow each other.
package struct DelimitedFile: Sendable {
    /// How a table is written, and which columns are which.
    package struct Options: Hashable, Sendable {
        /// Whether the first line has the names of the columns; otherwise they are called `1`, `2`, and so on.
        package var hasHeader = true
        package var separator = UInt8(ascii: ",")
        /// The column with the label; the last one if it is not said.
        package var label: String?
        /// The columns with the values to predict; those with their names if it is not said.
        package var targets: [String]?
        /// The columns with the values of an example, in their order.
        ///
        /// If it is not said: with a header and one column a channel those with the names of the channels, otherwise
        /// all that are nothing else.
        package var columns: [String]?
        /// The column that tells examples apart, in the long form.
        package var example: String?
        /// The column that names splits.
        package var split: String?

        package init() {}
    }

    /// What a column is.
    private enum Role {
        case value(Int)
        case label
        case target(Int)
        case example
        case split
        case other
    }

    private let file: DataFile
    private let options: Options
    private let description: DatasetDescription

    init(_ file: DataFile, _ options: Options, describedBy description: DatasetDescription) {
        self.file = file
        self.options = options
        self.description = description
    }

    private var isLong: Bool { options.example != nil }
    private var classes: [String] { if case .classification(let names) = description.task { names } else { [] } }
    private var targetNames: [String] { if case .regression(let names) = description.task { names } else { [] } }
}

// MARK: - Reading

extension DelimitedFile {
    /// An example while its lines are read.
    private struct Example {
        let id: String?
        var place: Range<Int>
        var steps: Int
        let label: Int?
        let targets: [Float]
        let part: String
    }

    /// Reads the whole file once.
    ///
    /// - Throws: ``DatasetError`` with the line and the column.
    func table() throws(DatasetError) -> ExampleTable {
        let input = description.input
        guard isLong || !input.isRagged else { throw .needsLongForm(file.name) }
        var (columns, roles) = ([String](), [Role]())
        var (examples, ids) = ([Example](), Set<String>())
        let scratch = FloatBuffer(count: input.shape.count)
        try file.forEachLine { bytes, range, line, offset throws(DatasetError) in
            let text = trimmed(bytes, range)
            if text.isEmpty { return }
            let fields = try fields(bytes, text, line)
            if roles.isEmpty {
                if fields.count == 1 { try checkSeparator(of: fields[0].text, line) }
                columns = options.hasHeader ? fields.map(\.text) : (1...fields.count).map(String.init)
                roles = try self.roles(of: columns)
                if options.hasHeader { return }
            }
            guard fields.count == columns.count else {
                throw .fieldCount(file.name, line, found: fields.count, expected: columns.count)
            }
            let (label, targets, part) = try readTargets(fields, columns, roles, line)
            let place = offset + text.lowerBound - range.lowerBound..<offset + text.upperBound - range.lowerBound
            let id = options.example.flatMap(columns.firstIndex).map { fields[$0].text }
            if let id, id == examples.last?.id, var example = examples.popLast() {
                guard example.steps < input.positions else { throw .tooManySteps(file.name, line, id, input) }
                guard (label, targets, part) == (example.label, example.targets, example.part) else {
                    throw .changingTarget(file.name, line, id)
                }
                try unsafe write(fields, columns, roles, line, step: example.steps, to: scratch.pointer)
                example.steps += 1
                example.place = example.place.lowerBound..<place.upperBound
                examples.append(example)
            } else {
                if let id, !ids.insert(id).inserted { throw .scatteredExample(file.name, line, id) }
                try unsafe write(fields, columns, roles, line, step: 0, to: scratch.pointer)
                examples.append(
                    Example(id: id, place: place, steps: 1, label: label, targets: targets, part: part))
            }
        }
        guard file.count > 0 else { throw DatasetError(.emptyFile, file: file.name, "the file is empty") }
        guard !examples.isEmpty else { throw DatasetError(.emptyFile, file: file.name, "no line follows the header") }
        if isLong, !input.isRagged, let short = examples.first(where: { $0.steps != input.positions }) {
            throw .tooFewSteps(file.name, short.id ?? "", short.steps, input)
        }
        let targets: Targets =
            switch description.task {
            case .classification(let classes): .classes(names: classes, labels: examples.compactMap(\.label))
            case .regression(let names): .values(names: names, values: examples.flatMap(\.targets))
            }
        return ExampleTable(
            source: source(examples.map(\.place), columns, roles), targets: targets,
            steps: input.isRagged ? examples.map(\.steps) : nil,
            parts: options.split == nil ? nil : examples.map(\.part))
    }

    private func source(_ places: [Range<Int>], _ columns: [String], _ roles: [Role]) -> TextSource {
        let count = description.input.shape.count
        return unsafe TextSource(file, shape: description.input.shape, places: places) {
            [self] bytes, target throws(DatasetError) in
            unsafe target.update(repeating: 0, count: count)
            var (start, step) = (0, 0)
            while start < bytes.count {
                let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
                let text = trimmed(bytes, start..<end)
                start = end + 1
                if text.isEmpty { continue }
                unsafe try write(fields(bytes, text, 0), columns, roles, 0, step: step, to: target)
                step += 1
            }
        }
    }

    /// Writes the values of one line.
    private func write(
        _ fields: [Field], _ columns: [String], _ roles: [Role], _ line: Int, step: Int, to target: Floats
    ) throws(DatasetError) {
        for (index, role) in roles.enumerated() {
            guard case .value(let position) = role else { continue }
            let value = try fields[index].number(file.name, line, "column '\(columns[index])'")
            unsafe target[isLong ? position * description.input.positions + step : position] = value
        }
    }

    private func readTargets(
        _ fields: [Field], _ columns: [String], _ roles: [Role], _ line: Int
    ) throws(DatasetError) -> (label: Int?, targets: [Float], part: String) {
        var (label, targets, part) = (Int?.none, targetNames.map { _ in Float(0) }, "")
        for (index, role) in roles.enumerated() {
            switch role {
            case .label:
                label = classes.firstIndex(of: fields[index].text)
                if label == nil { throw .unknownLabel(file.name, line, fields[index].text, classes) }
            case .target(let position):
                targets[position] = try fields[index].number(file.name, line, "column '\(columns[index])'")
            case .split: part = fields[index].text
            case .value, .example, .other: break
            }
        }
        return (label, targets, part)
    }
}

// MARK: - Columns

extension DelimitedFile {
    private func roles(of columns: [String]) throws(DatasetError) -> [Role] {
        var roles: [Role?] = columns.map { _ in nil }
        func assign(_ name: String, _ role: Role) throws(DatasetError) {
            guard let index = columns.firstIndex(of: name) else { throw .unknownColumn(file.name, name, columns) }
            guard roles[index] == nil else { throw .columnTwice(file.name, name) }
            roles[index] = role
        }
        if let example = options.example { try assign(example, .example) }
        if let split = options.split { try assign(split, .split) }
        switch description.task {
        case .classification:
            try assign(options.label ?? columns.indices.last { roles[$0] == nil }.map { columns[$0] } ?? "", .label)
        case .regression(let names):
            for (index, name) in (options.targets ?? names).enumerated() { try assign(name, .target(index)) }
        }
        let channels = description.input.channels
        let count = isLong ? channels.count : description.input.shape.count
        if let named = options.columns ?? (options.hasHeader && count == channels.count ? channels : nil) {
            for (index, name) in named.enumerated() { try assign(name, .value(index)) }
            guard named.count == count else { throw .columnCount(file.name, named, count, description, isLong) }
            return roles.map { $0 ?? .other }
        }
        let others = columns.indices.filter { roles[$0] == nil }
        guard others.count == count else {
            throw .columnCount(file.name, others.map { columns[$0] }, count, description, isLong)
        }
        for (index, column) in others.enumerated() { roles[column] = .value(index) }
        return roles.map { $0 ?? .other }
    }
}

// MARK: - Fields

extension DelimitedFile {
    /// One field of a line, without the quotes around it.
    private struct Field {
        let bytes: [UInt8]

        var text: String { String(decoding: bytes, as: UTF8.self) }

        func number(_ file: String, _ line: Int, _ place: @autoclosure () -> String) throws(DatasetError) -> Float {
            try TextParts.number(bytes, TextParts.trimmed(bytes, 0..<bytes.count), file, line, place())
        }
    }

    /// The range without blanks at its ends; a separator is none.
    private func trimmed(_ bytes: [UInt8], _ range: Range<Int>) -> Range<Int> {
        guard options.separator == UInt8(ascii: "\t") else { return TextParts.trimmed(bytes, range) }
        let end = range.last.flatMap { bytes[$0] == 0x0d ? $0 : nil } ?? range.upperBound
        return range.lowerBound..<end
    }

    /// Refuses a first line of one field that has another separator in it: no table has one column.
    private func checkSeparator(of field: String, _ line: Int) throws(DatasetError) {
        for (character, shown, name) in [
            (UInt8(ascii: ";"), "';'", "semicolon"), (9, "tabs", "tab"), (44, "','", "comma"),
        ]
        where options.separator != character && field.utf8.contains(character) {
            throw .separator(file.name, line, shown, name)
        }
    }

    private func fields(_ bytes: [UInt8], _ text: Range<Int>, _ line: Int) throws(DatasetError) -> [Field] {
        let quote = UInt8(ascii: "\"")
        var fields: [Field] = []
        var start = text.lowerBound
        while start <= text.upperBound {
            var index = start
            while index < text.upperBound, bytes[index] == 0x20 { index += 1 }
            guard index < text.upperBound, bytes[index] == quote else {
                let end = bytes[start..<text.upperBound].firstIndex(of: options.separator) ?? text.upperBound
                fields.append(Field(bytes: Array(bytes[TextParts.trimmed(bytes, start..<end)])))
                start = end + 1
                continue
            }
            var content: [UInt8] = []
            index += 1
            while index < text.upperBound {
                if bytes[index] == quote {
                    guard index + 1 < text.upperBound, bytes[index + 1] == quote else { break }
                    index += 1
                }
                content.append(bytes[index])
                index += 1
            }
            let rest = TextParts.trimmed(bytes, min(index + 1, text.upperBound)..<text.upperBound)
            guard index < text.upperBound, rest.isEmpty || bytes[rest.lowerBound] == options.separator else {
                throw .openQuote(file.name, line)
            }
            fields.append(Field(bytes: content))
            if rest.isEmpty { return fields }
            start = rest.lowerBound + 1
        }
        return fields
    }
}

// MARK: - Messages

extension DatasetError {
    fileprivate static func needsLongForm(_ file: String) -> Self {
        Self(
            .wrongShape, file: file,
            "sequences of unequal length need one line a time step; name the column that tells them apart with 'example'"
        )
    }

    fileprivate static func separator(_ file: String, _ line: Int, _ character: String, _ name: String) -> Self {
        Self(
            .wrongShape, file: file, line: line,
            "the line has one field, with \(character) in it; name what separates fields: 'separator: \(name)'")
    }

    fileprivate static func fieldCount(
        _ file: String, _ line: Int, found: Int, expected: Int
    ) -> Self {
        Self(
            .wrongShape, file: file, line: line,
            "the line has \(found) field\(found == 1 ? "" : "s"); expected \(expected), as in the first line")
    }

    fileprivate static func unknownColumn(_ file: String, _ name: String, _ columns: [String]) -> Self {
        Self(
            .unknownColumn, file: file,
            "no column '\(name)'; the file has \(columns.count): \(columns.shortList)")
    }

    fileprivate static func columnTwice(_ file: String, _ name: String) -> Self {
        Self(.wrongShape, file: file, "the column '\(name)' is asked for twice; name it once")
    }

    fileprivate static func columnCount(
        _ file: String, _ columns: [String], _ count: Int, _ description: DatasetDescription, _ isLong: Bool
    ) -> Self {
        Self(
            .wrongShape, file: file,
            "\(columns.count) column\(columns.count == 1 ? "" : "s") of values (\(columns.shortList)); "
                + (isLong
                    ? "a time step of '\(description.name)' has \(count)"
                    : "an example of '\(description.name)' has \(count), of shape \(description.input.shape)")
                + "; name them with 'columns'")
    }

    fileprivate static func openQuote(_ file: String, _ line: Int) -> Self {
        Self(
            .malformedFile, file: file, line: line,
            "a quoted field does not end in '\"' and a separator; quotes inside of it are doubled, line breaks are not read"
        )
    }

    fileprivate static func scatteredExample(_ file: String, _ line: Int, _ id: String) -> Self {
        Self(
            .malformedFile, file: file, line: line,
            "example '\(id.shortened)' has other lines further up; sort the lines by example")
    }

    fileprivate static func changingTarget(_ file: String, _ line: Int, _ id: String) -> Self {
        Self(
            .malformedFile, file: file, line: line,
            "example '\(id.shortened)' has another label, target or split here than in its first line")
    }

    fileprivate static func tooManySteps(
        _ file: String, _ line: Int, _ id: String, _ input: DatasetDescription.Input
    ) -> Self {
        Self(
            .wrongShape, file: file, line: line,
            "example '\(id.shortened)' has more than \(input.positions) time steps; expected "
                + (input.isRagged ? "at most" : "exactly") + " that many")
    }

    fileprivate static func tooFewSteps(
        _ file: String, _ id: String, _ count: Int, _ input: DatasetDescription.Input
    ) -> Self {
        Self(
            .wrongShape, file: file,
            "example '\(id.shortened)' has \(count) time step\(count == 1 ? "" : "s"); expected \(input.positions), or "
                + "'steps: {maximum: \(input.positions)}' in dataset.yaml")
    }
}

extension [String] {
    /// The first names of a list that may be long.
    var shortList: String { prefix(12).map(\.shortened).joined(separator: ", ") + (count > 12 ? ", ..." : "") }
}
