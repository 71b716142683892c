/// What a data set says of itself in its dataset.yaml, as far as reading and splitting it needs.
package struct DatasetDescription: Hashable, Sendable {
    package enum Task: String, Hashable, Sendable, CaseIterable {
        case classification
    }

    package enum Format: String, Hashable, Sendable, CaseIterable {
        /// See ``TimeSeriesFile``.
        case ts
    }

    /// What one example holds: a sequence of `steps` values of each channel.
    package struct Input: Hashable, Sendable {
        package var channels: [String]
        package var steps: Int
        /// The unit of the values, for people.
        package var unit: String?

        package init(channels: [String], steps: Int, unit: String? = nil) {
            self.channels = channels
            self.steps = steps
            self.unit = unit
        }
    }

    /// A part of the data that is a file of its own; whoever gives its bytes compares their digest.
    package struct File: Hashable, Sendable {
        /// The path as it is written, relative to the description.
        package var path: String
        package var format: Format

        package init(path: String, format: Format) {
            self.path = path
            self.format = format
        }
    }

    /// Where the examples for validation come from.
    package enum Validation: Hashable, Sendable {
        case file(File)
        /// Drawn from the training data, which they leave.
        case drawn(fraction: Fraction, stratified: Bool)
    }

    package var name: String
    package var task: Task
    /// The names of the classes, in the order of a network's outputs.
    package var labels: [String]
    package var input: Input
    package var train: File
    package var validation: Validation?
    package var test: File?

    package init(
        name: String, task: Task = .classification, labels: [String], input: Input, train: File,
        validation: Validation? = nil, test: File? = nil
    ) {
        self.name = name
        self.task = task
        self.labels = labels
        self.input = input
        self.train = train
        self.validation = validation
        self.test = test
    }
}

/// A part of a whole in exact numbers: 20 % is 20 of 100.
package struct Fraction: Hashable, Sendable {
    package let numerator: Int
    package let denominator: Int

    /// - Precondition: `0 <= numerator <= denominator <= 10^9`, and `denominator > 0`.
    package init(_ numerator: Int, of denominator: Int) {
        precondition(
            0 <= numerator && numerator <= denominator && (1...1_000_000_000).contains(denominator),
            "\(numerator) of \(denominator) is no part of a whole")
        self.numerator = numerator
        self.denominator = denominator
    }

    /// This part of a count, rounded to the nearest integer, halves up.
    package func rounded(of count: Int) -> Int { (2 * count * numerator + denominator) / (2 * denominator) }
}
