internal import Kernels
internal import Tensors

/// The `.ts` format of the time series archives (timeseriesclassification.com), with cases of equal or unequal length.
///
/// Lines that begin with `#` are comments, lines that begin with `@` are the header. After `@data` every line is a case:
/// one field a channel and the label or the target at last, separated by colons; a channel is its values, separated by
/// commas, and all channels of a case have one length. Of what the header says only `@targetlabel` and `@classlabel`
/// are looked at: the data set's description says the rest, and every case is held against that. Missing values (`?`)
/// and time stamps are refused.
struct TimeSeriesFile: Sendable {
    private let file: DataFile
    private let description: DatasetDescription

    init(_ file: DataFile, describedBy description: DatasetDescription) {
        self.file = file
        self.description = description
    }

    /// Reads the whole file once.
    ///
    /// - Throws: ``DatasetError`` with the line, and with channel and value where it is one's fault.
    func table() throws(DatasetError) -> ExampleTable {
        var (places, labels, values, steps) = ([Range<Int>](), [Int](), [Float](), [Int]())
        var isInData = false
        let scratch = FloatBuffer(count: description.input.shape.count)
        try file.forEachLine { bytes, range, line, offset throws(DatasetError) in
            let text = TextParts.trimmed(bytes, range)
            if text.isEmpty || bytes[text.lowerBound] == UInt8(ascii: "#") { return }
            guard isInData else {
                guard bytes[text.lowerBound] == UInt8(ascii: "@") else {
                    throw .beforeData(file.name, line, TextParts.string(bytes, text))
                }
                let words = TextParts.string(bytes, text).lowercased().split(separator: " ")
                try checkTask(words, line: line)
                isInData = words == ["@data"]
                return
            }
            let (count, last) = unsafe try parse(bytes, text, line: line, to: scratch.pointer)
            switch description.task {
            case .classification(let classes):
                let label = TextParts.string(bytes, last)
                guard let index = classes.firstIndex(of: label) else {
                    throw .unknownLabel(file.name, line, label, classes)
                }
                labels.append(index)
            case .regression(let names):
                values.append(try TextParts.number(bytes, last, file.name, line, "the target '\(names[0])'"))
            }
            steps.append(count)
            places.append(offset + text.lowerBound - range.lowerBound..<offset + text.upperBound - range.lowerBound)
        }
        guard file.count > 0 else { throw DatasetError(.emptyFile, file: file.name, "the file is empty") }
        guard isInData else { throw .noData(file.name) }
        guard !places.isEmpty else { throw DatasetError(.emptyFile, file: file.name, "no case follows '@data'") }
        let source = unsafe TextSource(file, shape: description.input.shape, places: places) {
            [self] bytes, target throws(DatasetError) in
            _ = unsafe try parse(bytes, 0..<bytes.count, line: 0, to: target)
        }
        let targets: Targets =
            switch description.task {
            case .classification(let classes): .classes(names: classes, labels: labels)
            case .regression(let names): .values(names: names, values: values)
            }
        return ExampleTable(source: source, targets: targets, steps: description.input.isRagged ? steps : nil)
    }

    /// The last field of a case has to be what the description says.
    private func checkTask(_ words: [Substring], line: Int) throws(DatasetError) {
        guard words.count > 1, words[1] == "true" else { return }
        switch (words[0], description.task) {
        case ("@targetlabel", .classification): throw .otherTask(file.name, line, "targetlabel", "regression")
        case ("@classlabel", .regression): throw .otherTask(file.name, line, "classlabel", "classification")
        default: break
        }
        if case .regression(let names) = description.task, names.count != 1 {
            throw .oneTarget(file.name, line, names)
        }
    }

    /// Writes the values of one case, zero beyond its steps.
    ///
    /// - Returns: How many steps it has, and where its label or target stands.
    private func parse(
        _ bytes: [UInt8], _ text: Range<Int>, line: Int, to target: Floats
    ) throws(DatasetError) -> (steps: Int, last: Range<Int>) {
        let (channels, positions) = (description.input.channels, description.input.positions)
        var fields: [Range<Int>] = []
        var start = text.lowerBound
        for index in text where bytes[index] == UInt8(ascii: ":") {
            fields.append(start..<index)
            start = index + 1
        }
        guard fields.count == channels.count else {
            throw .channelCount(file.name, line, found: fields.count, description)
        }
        var steps = positions
        for (channel, field) in fields.enumerated() {
            var (position, count) = (field.lowerBound, 0)
            while position <= field.upperBound {
                var end = position
                while end < field.upperBound, bytes[end] != UInt8(ascii: ",") { end += 1 }
                count += 1
                let value = try TextParts.number(
                    bytes, TextParts.trimmed(bytes, position..<end), file.name, line,
                    "channel '\(channels[channel])', value \(count)")
                if count <= positions { unsafe target[channel * positions + count - 1] = value }
                position = end + 1
            }
            if channel == 0, description.input.isRagged, count < positions { steps = count }
            guard count == steps else {
                throw channel == 0 || !description.input.isRagged
                    ? .stepCount(file.name, line, channels[channel], found: count, description.input)
                    : .unequalChannels(file.name, line, (channels[channel], count), (channels[0], steps))
            }
            for index in count..<positions { unsafe target[channel * positions + index] = 0 }
        }
        return (steps, TextParts.trimmed(bytes, start..<text.upperBound))
    }
}

// MARK: - Messages

extension DatasetError {
    fileprivate static func beforeData(_ file: String, _ line: Int, _ text: String) -> Self {
        Self(
            .malformedFile, file: file, line: line,
            "'\(text.shortened)' stands before '@data'; expected a comment ('#') or a header line ('@')")
    }

    fileprivate static func noData(_ file: String) -> Self {
        Self(.malformedFile, file: file, "no line '@data'; expected header lines, '@data' and one case a line")
    }

    fileprivate static func otherTask(_ file: String, _ line: Int, _ word: String, _ task: String) -> Self {
        Self(
            .malformedFile, file: file, line: line,
            "'@\(word) true' says that the task is \(task); write 'task: \(task)' in dataset.yaml, or name another file"
        )
    }

    fileprivate static func oneTarget(_ file: String, _ line: Int, _ names: [String]) -> Self {
        Self(
            .wrongShape, file: file, line: line,
            "a case of a .ts file has one target, and the data set has \(names.count): "
                + "\(names.joined(separator: ", ")); use another format")
    }

    fileprivate static func channelCount(
        _ file: String, _ line: Int, found: Int, _ description: DatasetDescription
    ) -> Self {
        let channels = description.input.channels
        let last = if case .regression = description.task { "target" } else { "label" }
        return Self(
            .wrongShape, file: file, line: line,
            "the case has \(found) channel\(found == 1 ? "" : "s") before its \(last); the data set "
                + "'\(description.name)' has \(channels.count): \(channels.joined(separator: ", "))")
    }

    fileprivate static func stepCount(
        _ file: String, _ line: Int, _ channel: String, found: Int, _ input: DatasetDescription.Input
    ) -> Self {
        Self(
            .wrongShape, file: file, line: line,
            "channel '\(channel)' has \(found) value\(found == 1 ? "" : "s"); expected "
                + (input.isRagged ? "at most \(input.positions)" : "\(input.positions)") + " steps")
    }

    fileprivate static func unequalChannels(
        _ file: String, _ line: Int, _ channel: (String, Int), _ first: (String, Int)
    ) -> Self {
        Self(
            .wrongShape, file: file, line: line,
            "channel '\(channel.0)' has \(channel.1) steps, and channel '\(first.0)' has \(first.1); "
                + "all channels of a case have one length")
    }
}
