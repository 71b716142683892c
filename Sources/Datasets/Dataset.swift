package import Kernels
package import Tensors

/// Examples of one shape with what is to be predicted of them, in memory or on disk.
///
/// Examples are raw: what normalizes them is the input layer of a network. A data set is never changed; parts of it
/// share its examples.
package struct Dataset: Sendable {
    /// The name of the data set, for messages.
    package let name: String
    /// The names of the channels, in their order in an example.
    package let channels: [String]
    /// What is to be predicted of each example.
    package let targets: Targets
    /// The valid steps of each example, the others being zero; `nil` if all examples are full.
    package let steps: [Int]?
    private let source: any ExampleSource
    /// Where in the source each example is; `nil` if in its place.
    private let places: [Int]?

    /// - Parameters:
    ///   - steps: One number an example, from 1 to the last dimension of the source's shape.
    init(
        name: String, channels: [String], targets: Targets, steps: [Int]? = nil, source: any ExampleSource,
        places: [Int]? = nil
    ) {
        precondition(targets.count == places?.count ?? source.count, "\(targets.count) targets do not fit")
        precondition(steps == nil || steps?.count == targets.count, "steps do not fit \(targets.count) examples")
        if case .classes(let names, let labels) = targets {
            precondition(labels.allSatisfy(names.indices.contains), "a label is no class")
        }
        self.name = name
        self.channels = channels
        self.targets = targets
        self.steps = steps
        self.source = source
        self.places = places
    }

    /// Examples in memory.
    ///
    /// - Parameters:
    ///   - shape: Of one example: `[channels, steps]` or `[channels, height, width]`.
    ///   - steps: The valid steps of each example, if they differ.
    ///   - examples: `[targets.count] + shape`, row-major, finite, zero beyond the valid steps.
    package init(
        name: String, channels: [String], shape: Shape, targets: Targets, steps: [Int]? = nil, examples: [Float]
    ) {
        self.init(
            name: name, channels: channels, targets: targets, steps: steps,
            source: MemorySource(examples, count: targets.count, shape: shape))
    }

    /// Labelled sequences of one length in memory.
    ///
    /// - Parameters:
    ///   - labels: An index into `classes` for each example.
    ///   - examples: `[labels.count, channels.count, steps]`, row-major, finite.
    package init(
        name: String, channels: [String], steps: Int, classes: [String], labels: [Int], examples: [Float]
    ) {
        self.init(
            name: name, channels: channels, shape: [channels.count, steps],
            targets: .classes(names: classes, labels: labels), examples: examples)
    }
}

// MARK: - Looking up

extension Dataset {
    package var count: Int { targets.count }

    /// The shape of one example, `[channels, steps]` or `[channels, height, width]`.
    package var inputShape: Shape { source.shape }

    /// The names of the classes; none if values are to be predicted.
    package var classes: [String] { if case .classes(let names, _) = targets { names } else { [] } }

    /// The label of each example, an index into ``classes``; none if values are to be predicted.
    package var labels: [Int] { if case .classes(_, let labels) = targets { labels } else { [] } }

    /// How many examples each class has, in the order of ``classes``.
    package var classCounts: [Int] {
        var counts = Array(repeating: 0, count: classes.count)
        for label in labels { counts[label] += 1 }
        return counts
    }
}

// MARK: - Examples

extension Dataset {
    /// Gathers examples, one after the other.
    ///
    /// - Parameters:
    ///   - rows: Indices of examples, in any order.
    ///   - target: Memory for `rows.count * inputShape.count` floats; what lies beyond an example's steps is set to zero.
    /// - Throws: ``DatasetError`` if a file has changed since it was opened.
    package func copy(_ rows: ArraySlice<Int>, to target: Floats) throws(DatasetError) {
        let size = inputShape.count
        var place = unsafe target
        for row in rows {
            precondition(row >= 0 && row < count, "row \(row) of \(count)")
            unsafe try source.read(places?[row] ?? row, to: place)
            unsafe place += size
        }
    }

    /// The values of some examples, one after the other.
    ///
    /// - Throws: What ``copy(_:to:)`` throws.
    package func values(in rows: Range<Int>) throws(DatasetError) -> [Float] {
        let buffer = FloatBuffer(count: rows.count * inputShape.count)
        unsafe try copy(Array(rows)[...], to: buffer.pointer)
        return buffer.array
    }

    /// The values of one example, of shape ``inputShape``.
    ///
    /// - Throws: What ``copy(_:to:)`` throws.
    package func example(_ row: Int) throws(DatasetError) -> [Float] { try values(in: row..<row + 1) }

    /// The data set with the given examples, in the order given.
    package func rows(_ rows: [Int]) -> Dataset {
        Dataset(
            name: name, channels: channels, targets: targets.rows(rows),
            steps: steps.map { steps in rows.map { steps[$0] } },
            source: source, places: rows.map { places?[$0] ?? $0 })
    }
}
