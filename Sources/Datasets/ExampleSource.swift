internal import Kernels
internal import Synchronization
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

/// Sources of one shape, one after the other.
struct JoinedSource: ExampleSource {
    let shape: Shape
    let count: Int
    private let sources: [any ExampleSource]
    /// The first row of each source.
    private let starts: [Int]

    init(_ sources: [any ExampleSource]) {
        self.sources = sources
        shape = sources[0].shape
        count = sources.reduce(0) { $0 + $1.count }
        starts = sources.indices.map { index in sources[..<index].reduce(0) { $0 + $1.count } }
    }

    func read(_ row: Int, to target: Floats) throws(DatasetError) {
        let index = (starts.firstIndex { $0 > row } ?? starts.count) - 1
        unsafe try sources[index].read(row - starts[index], to: target)
    }
}

/// Another source, held in memory from the first reading on.
///
/// Nothing is loaded for a run that reads nothing: one that is only planned, or whose stages are all stored.
final class CachedSource: ExampleSource {
    private let source: any ExampleSource
    private let loaded = Mutex<FloatBuffer?>(nil)

    init(_ source: any ExampleSource) { self.source = source }

    var count: Int { source.count }
    var shape: Shape { source.shape }

    func read(_ row: Int, to target: Floats) throws(DatasetError) {
        precondition(row >= 0 && row < count, "row \(row) of \(count)")
        let examples = try all()
        unsafe target.update(from: examples.pointer + row * shape.count, count: shape.count)
    }

    private func all() throws(DatasetError) -> FloatBuffer {
        try loaded.withLock { loaded throws(DatasetError) in
            if let loaded { return loaded }
            let buffer = FloatBuffer(count: count * shape.count)
            for row in 0..<count { unsafe try source.read(row, to: buffer.pointer + row * shape.count) }
            loaded = buffer
            return buffer
        }
    }
}
