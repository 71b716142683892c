package import Tensors

/// What a data set says of itself in its dataset.yaml, as far as reading and splitting it needs.
package struct DatasetDescription: Hashable, Sendable {
    /// What is to be predicted.
    package enum Task: Hashable, Sendable {
        /// One of some classes, in the order of a network's outputs.
        case classification(classes: [String])
        /// Some numbers, in the order of a network's outputs.
        case regression(targets: [String])

        /// The names of a network's outputs.
        package var names: [String] {
            switch self {
            case .classification(let names), .regression(let names): names
            }
        }
    }

    /// What one example holds: values of each channel, at steps or at pixels.
    package struct Input: Hashable, Sendable {
        package let channels: [String]
        /// `[steps]`, or `[height, width]`.
        package let extent: [Int]
        /// Whether sequences may be shorter.
        package let isRagged: Bool

        /// - Parameters:
        ///   - steps: Of each sequence; the most of any if they are of unequal length.
        package static func sequence(channels: [String], steps: Int, isRagged: Bool = false) -> Input {
            Input(channels: channels, extent: [steps], isRagged: isRagged)
        }

        /// Images; one channel is grey, three are red, green and blue, and a fourth is alpha.
        package static func image(height: Int, width: Int, channels: Int) -> Input {
            let colours = ["red", "green", "blue", "alpha"]
            let names =
                channels == 1
                ? ["grey"] : (0..<channels).map { $0 < 4 && (3...4).contains(channels) ? colours[$0] : "\($0 + 1)" }
            return Input(channels: names, extent: [height, width], isRagged: false)
        }

        /// The shape of an example, `[channels] + extent`.
        package var shape: Shape { Shape([channels.count] + extent) }
        /// How many values each channel has.
        var positions: Int { extent.reduce(1, *) }
        var isImage: Bool { extent.count == 2 }
    }

    /// How the files are written.
    package enum Format: Hashable, Sendable {
        /// See ``TimeSeriesFile``.
        case ts
        /// See ``DelimitedFile``.
        case csv(DelimitedFile.Options)
        /// Two files, of images and of labels. See ``ArrayHeader``.
        case idx
        /// Two files of NumPy, of examples and of targets. See ``ArrayHeader``.
        case npy(isChannelsLast: Bool)
        /// Two members of an archive of NumPy. See ``ZipArchive``.
        case npz(isChannelsLast: Bool)
        /// Records of a label and 3,072 bytes of red, green and blue.
        case cifar10
        /// A folder with a folder of images for each class. See ``ImageFolder``.
        case png

        /// The names as they are written, in the order of their cases.
        package static let names = ["ts", "csv", "idx", "npy", "npz", "cifar-10", "png"]
    }

    /// Where the examples of a split are written.
    package struct Files: Hashable, Sendable {
        /// Files, or one folder, relative to the description; their examples follow each other.
        package var paths: [String]
        /// The file with the targets (IDX, npy), or the member of the archive (npz).
        package var targets: String?
        /// The member of an archive with the examples.
        package var examples: String?

        package init(_ paths: [String], targets: String? = nil, examples: String? = nil) {
            self.paths = paths
            self.targets = targets
            self.examples = examples
        }
    }

    /// Where the examples for validation or test come from.
    package enum Part: Hashable, Sendable {
        case files(Files)
        /// Drawn from the training data, which they leave.
        case drawn(fraction: Fraction, stratified: Bool)
        /// Rows of the training data, counted from 0.
        case rows([ClosedRange<Int>])
        /// The rows of the training data, counted from 0, that a number divides.
        case every(Int)
        /// The rows of the training data that have this value in the column of splits.
        case column(value: String)
    }

    package var name: String
    package var task: Task
    package var input: Input
    package var format: Format
    package var train: Files
    package var validation: Part?
    package var test: Part?

    package init(
        name: String, task: Task, input: Input, format: Format = .ts, train: Files, validation: Part? = nil,
        test: Part? = nil
    ) {
        self.name = name
        self.task = task
        self.input = input
        self.format = format
        self.train = train
        self.validation = validation
        self.test = test
    }
}
