internal import Kernels
internal import Tensors

/// Random access to raw examples of one shape: in memory, or on disk.
///
/// Reading may happen on any thread, and gives the same bits whatever the place.
protocol ExampleSource: Sendable {
    /// How many examples there are.
    var count: Int { get }

    /// The shape of one example, `[channels, positions...]`.
    var shape: Shape { get }

    /// Writes one example to `shape.count` floats, zero beyond its steps.
    ///
    /// - Throws: ``DatasetError`` if the file does not hold any more what it held when it was opened.
    func read(_ row: Int, to target: Floats) throws(DatasetError)
}

/// Examples in one block of memory, `[count] + shape`, row-major.
struct MemorySource: ExampleSource {
    let count: Int
    let shape: Shape
    private let examples: FloatBuffer

    init(_ examples: [Float], count: Int, shape: Shape) {
        precondition(examples.count == count * shape.count, "\(examples.count) floats do not fit")
        self.count = count
        self.shape = shape
        self.examples = FloatBuffer(examples)
    }

    func read(_ row: Int, to target: Floats) {
        precondition(row >= 0 && row < count, "row \(row) of \(count)")
        unsafe target.update(from: examples.pointer + row * shape.count, count: shape.count)
    }
}

/// Some of the channels of another source, in an order of their own.
struct ChannelSource: ExampleSource {
    let shape: Shape
    private let source: any ExampleSource
    private let channels: [Int]

    init(_ source: any ExampleSource, channels: [Int]) {
        self.source = source
        self.channels = channels
        shape = Shape([channels.count] + source.shape.dimensions.dropFirst())
    }

    var count: Int { source.count }

    func read(_ row: Int, to target: Floats) throws(DatasetError) {
        let whole = FloatBuffer(count: source.shape.count)
        unsafe try source.read(row, to: whole.pointer)
        let positions = shape.count / max(1, channels.count)
        for (index, channel) in channels.enumerated() {
            unsafe (target + index * positions).update(from: whole.pointer + channel * positions, count: positions)
        }
    }
}
