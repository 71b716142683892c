internal import Kernels
internal import Tensors

/// Examples that lie at equal distances in a binary file.
struct ArraySource: ExampleSource {
    let count: Int
    let shape: Shape
    private let bytes: any Bytes
    private let header: ArrayHeader
    /// Bytes from one example to the next.
    private let stride: Int
    private let isChannelsLast: Bool

    /// - Parameter header: Of the examples; its offset is that of the first one.
    init(
        _ bytes: any Bytes, _ header: ArrayHeader, count: Int, shape: Shape, stride: Int? = nil,
        isChannelsLast: Bool = false
    ) {
        self.bytes = bytes
        self.header = header
        self.count = count
        self.shape = shape
        self.stride = stride ?? shape.count * header.element.size
        self.isChannelsLast = isChannelsLast
    }

    func read(_ row: Int, to target: Floats) throws(DatasetError) {
        let start = header.offset + row * stride
        let raw = try bytes.read(start..<start + shape.count * header.element.size)
        let (channels, positions) = (shape[0], shape.count / max(1, shape[0]))
        func write(_ value: (Int) -> Float) {
            guard isChannelsLast else {
                for index in 0..<shape.count { unsafe target[index] = value(index) }
                return
            }
            for position in 0..<positions {
                for channel in 0..<channels {
                    unsafe target[channel * positions + position] = value(position * channels + channel)
                }
            }
        }
        if header.element == .uint8 { write { Float(raw[$0]) } } else { write { Float(number($0, in: raw)) } }
    }

    /// An element as the nearest double; exact but for 64-bit integers above 2^53.
    private func number(_ index: Int, in raw: [UInt8]) -> Double {
        let size = header.element.size
        let element = raw[index * size..<(index + 1) * size]
        var bits: UInt64 = 0
        if header.isBigEndian {
            for byte in element { bits = bits << 8 | UInt64(byte) }
        } else {
            for byte in element.reversed() { bits = bits << 8 | UInt64(byte) }
        }
        return switch header.element {
        case .uint8, .uint16: Double(bits)
        case .int8: Double(Int8(truncatingIfNeeded: bits))
        case .int16: Double(Int16(truncatingIfNeeded: bits))
        case .int32: Double(Int32(truncatingIfNeeded: bits))
        case .int64: Double(Int64(bitPattern: bits))
        case .float32: Double(Float(bitPattern: UInt32(truncatingIfNeeded: bits)))
        case .float64: Double(bitPattern: bits)
        }
    }

    /// The numbers of one row, in double precision.
    func numbers(_ row: Int) throws(DatasetError) -> [Double] {
        let start = header.offset + row * stride
        let raw = try bytes.read(start..<start + shape.count * header.element.size)
        return (0..<shape.count).map { number($0, in: raw) }
    }
}

/// Reads binary files of numbers.
enum ArrayReader {
    /// Examples and their targets, in two files or members.
    ///
    /// - Throws: ``DatasetError`` that names file, row and channel.
    static func table(
        _ examples: any Bytes, _ name: String, targets: any Bytes, _ targetName: String,
        describedBy description: DatasetDescription
    ) throws(DatasetError) -> ExampleTable {
        let (header, targetHeader): (ArrayHeader, ArrayHeader)
        if description.format == .idx {
            header = try ArrayHeader(idx: examples, name)
            targetHeader = try ArrayHeader(idx: targets, targetName)
        } else {
            header = try ArrayHeader(numpy: examples, name)
            targetHeader = try ArrayHeader(numpy: targets, targetName)
        }
        let (shape, isChannelsLast) = (description.input.shape, description.format.isChannelsLast)
        let written = Array(header.dimensions.dropFirst())
        let expected = isChannelsLast ? Array(shape.dimensions.dropFirst()) + [shape[0]] : shape.dimensions
        guard written.filter({ $0 != 1 }) == expected.filter({ $0 != 1 }) else {
            throw .shape(name, header.dimensions, expected, isChannelsLast)
        }
        let count = header.dimensions[0]
        guard count > 0 else { throw DatasetError(.emptyFile, file: name, "the file has no example") }
        guard targetHeader.dimensions[0] == count else {
            throw .counts((name, count), (targetName, targetHeader.dimensions[0]))
        }
        let source = ArraySource(examples, header, count: count, shape: shape, isChannelsLast: isChannelsLast)
        if header.element.isFloat { try checkFinite(source, name, description.input.channels) }
        return ExampleTable(
            source: source, targets: try readTargets(targets, targetName, targetHeader, count, description.task))
    }

    /// Records of CIFAR-10's binary version: a label and 3 x 32 x 32 bytes, channel by channel.
    ///
    /// - Throws: ``DatasetError`` that names file and row.
    static func records(_ file: DataFile, describedBy description: DatasetDescription) throws(DatasetError)
        -> ExampleTable
    {
        let (shape, size) = (description.input.shape, 3073)
        guard shape == [3, 32, 32] else { throw .recordShape(file.name, shape) }
        guard file.count > 0 else { throw DatasetError(.emptyFile, file: file.name, "the file is empty") }
        guard file.count.isMultiple(of: size) else { throw .recordLength(file.name, file.count) }
        let count = file.count / size
        var labels: [Int] = []
        let classes = description.task.names
        for row in 0..<count {
            let label = Int(try file.read(row * size..<row * size + 1)[0])
            guard label < classes.count else { throw .label(file.name, row, "\(label)", classes) }
            labels.append(label)
        }
        let header = ArrayHeader(element: .uint8, isBigEndian: false, dimensions: [count] + shape.dimensions, offset: 1)
        return ExampleTable(
            source: ArraySource(file, header, count: count, shape: shape, stride: size),
            targets: .classes(names: classes, labels: labels))
    }

    private static func checkFinite(
        _ source: ArraySource, _ file: String, _ channels: [String]
    ) throws(DatasetError) {
        let example = FloatBuffer(count: source.shape.count)
        let positions = source.shape.count / max(1, channels.count)
        for row in 0..<source.count {
            unsafe try source.read(row, to: example.pointer)
            for index in 0..<example.count where !example[index].isFinite {
                throw .notFinite(file, row, channels[index / positions], index % positions, example[index])
            }
        }
    }

    private static func readTargets(
        _ bytes: any Bytes, _ file: String, _ header: ArrayHeader, _ count: Int, _ task: DatasetDescription.Task
    ) throws(DatasetError) -> Targets {
        let names = task.names
        var width = 1
        if case .regression = task { width = names.count }
        let expected = [count] + (width == 1 ? [] : [width])
        guard header.dimensions.filter({ $0 != 1 }) == expected.filter({ $0 != 1 }) else {
            throw .targetShape(file, header.dimensions, expected)
        }
        let source = ArraySource(bytes, header, count: count, shape: [width])
        var (labels, values) = ([Int](), [Float]())
        for row in 0..<count {
            for (index, number) in try source.numbers(row).enumerated() {
                if case .classification = task {
                    guard let label = Int(exactly: number), names.indices.contains(label) else {
                        throw .label(file, row, Int(exactly: number).map { "\($0)" } ?? "\(number)", names)
                    }
                    labels.append(label)
                } else {
                    guard Float(number).isFinite else { throw .notFinite(file, row, names[index], nil, Float(number)) }
                    values.append(Float(number))
                }
            }
        }
        if case .classification = task { return .classes(names: names, labels: labels) }
        return .values(names: names, values: values)
    }
}

extension DatasetDescription.Format {
    fileprivate var isChannelsLast: Bool {
        switch self {
        case .npy(let isChannelsLast), .npz(let isChannelsLast): isChannelsLast
        default: false
        }
    }
}

// MARK: - Messages

extension DatasetError {
    private static func text(_ dimensions: [Int]) -> String { dimensions.map(String.init).joined(separator: " x ") }

    fileprivate static func shape(_ file: String, _ found: [Int], _ expected: [Int], _ isChannelsLast: Bool) -> Self {
        Self(
            .wrongShape, file: file,
            "the array is \(text(found)); expected examples x \(text(expected)), "
                + (isChannelsLast ? "channels last" : "channels first (or say 'layout: channels-last')"))
    }

    fileprivate static func counts(_ examples: (String, Int), _ targets: (String, Int)) -> Self {
        Self(
            .wrongShape, file: examples.0,
            "the file has \(examples.1) examples, and '\(targets.0)' has \(targets.1) targets; they belong to each other"
        )
    }

    fileprivate static func targetShape(_ file: String, _ found: [Int], _ expected: [Int]) -> Self {
        Self(.wrongShape, file: file, "the array is \(text(found)); expected targets of \(text(expected))")
    }

    fileprivate static func label(_ file: String, _ row: Int, _ label: String, _ classes: [String]) -> Self {
        Self(
            .unknownLabel, file: file,
            "row \(row): the label is \(label); expected 0 to \(classes.count - 1), as the data set has \(classes.count) "
                + "classes")
    }

    fileprivate static func notFinite(
        _ file: String, _ row: Int, _ channel: String, _ position: Int?, _ value: Float
    ) -> Self {
        let place = position.map { "channel '\(channel)', value \($0 + 1)" } ?? "target '\(channel)'"
        return value.isNaN
            ? Self(
                .missingValue, file: file,
                "row \(row): \(place) is missing (NaN); fill it in or leave the example out")
            : Self(.nonFiniteValue, file: file, "row \(row): \(place) is no finite 32-bit number")
    }

    fileprivate static func recordShape(_ file: String, _ shape: Shape) -> Self {
        Self(
            .wrongShape, file: file,
            "records of CIFAR-10 are 3 x 32 x 32, and the data set's input is \(shape); "
                + "write 'input: {kind: image, height: 32, width: 32, channels: 3}'")
    }

    fileprivate static func recordLength(_ file: String, _ count: Int) -> Self {
        Self(
            .malformedFile, file: file,
            "the file has \(count) bytes, which is no multiple of a record's 3073; it is damaged or of another format")
    }
}
