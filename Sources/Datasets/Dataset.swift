package import Kernels
package import Tensors

/// Labelled sequences of one shape, in one block of memory.
///
/// Examples are raw: what normalizes them is the input layer of a network. A data set is never changed.
package struct Dataset: Sendable {
    /// The name of the data set, for messages.
    package let name: String
    /// The names of the channels, in the order of the examples' rows.
    package let channels: [String]
    package let steps: Int
    /// The names of the classes; a label is an index into them.
    package let classes: [String]
    /// One label an example.
    package let labels: [Int]
    /// Only to be read: `[count, channels, steps]`, row-major.
    package let examples: FloatBuffer

    /// - Parameters:
    ///   - labels: An index into `classes` for each example.
    ///   - examples: `[labels.count, channels.count, steps]`, row-major, finite.
    package init(
        name: String, channels: [String], steps: Int, classes: [String], labels: [Int], examples: [Float]
    ) {
        precondition(examples.count == labels.count * channels.count * steps, "\(examples.count) floats do not fit")
        precondition(labels.allSatisfy(classes.indices.contains), "a label is no class")
        self.name = name
        self.channels = channels
        self.steps = steps
        self.classes = classes
        self.labels = labels
        self.examples = FloatBuffer(examples)
    }
}

// MARK: - Looking up

extension Dataset {
    package var count: Int { labels.count }

    /// The shape of one example, `[channels, steps]`.
    package var inputShape: Shape { [channels.count, steps] }

    /// How many examples each class has, in the order of `classes`.
    package var classCounts: [Int] {
        var counts = Array(repeating: 0, count: classes.count)
        for label in labels { counts[label] += 1 }
        return counts
    }

    /// The values of one example, `[channels, steps]`.
    package func example(_ row: Int) -> [Float] {
        examples.array(in: row * inputShape.count..<(row + 1) * inputShape.count)
    }
}

// MARK: - Parts

extension Dataset {
    /// The data set with some of its channels, in the order asked for.
    ///
    /// - Throws: ``DatasetError`` with code `unknownChannel`.
    package func selecting(channels names: [String]) throws(DatasetError) -> Dataset {
        var indices: [Int] = []
        for name in names {
            guard let index = channels.firstIndex(of: name) else { throw .unknownChannel(name, in: self) }
            indices.append(index)
        }
        var selected: [Float] = []
        selected.reserveCapacity(count * indices.count * steps)
        for row in 0..<count {
            for index in indices {
                let start = (row * channels.count + index) * steps
                selected.append(contentsOf: examples.array(in: start..<start + steps))
            }
        }
        return Dataset(name: name, channels: names, steps: steps, classes: classes, labels: labels, examples: selected)
    }

    /// The data set with the given examples, in the order given.
    package func rows(_ indices: [Int]) -> Dataset {
        var selected: [Float] = []
        selected.reserveCapacity(indices.count * inputShape.count)
        for row in indices { selected.append(contentsOf: example(row)) }
        return Dataset(
            name: name, channels: channels, steps: steps, classes: classes, labels: indices.map { labels[$0] },
            examples: selected)
    }
}

extension Dataset: Equatable {
    package static func == (left: Dataset, right: Dataset) -> Bool {
        left.name == right.name && left.channels == right.channels && left.steps == right.steps
            && left.classes == right.classes && left.labels == right.labels
            && left.examples.array == right.examples.array
    }
}

// MARK: - Messages

extension DatasetError {
    fileprivate static func unknownChannel(_ name: String, in dataset: Dataset) -> Self {
        Self(
            .unknownChannel,
            "the data set '\(dataset.name)' has no channel '\(name)'; it has "
                + dataset.channels.joined(separator: ", "))
    }
}
