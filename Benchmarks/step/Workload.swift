internal import Datasets
internal import Kernels
internal import Networks
internal import Tensors
internal import Training

/// What is trained: the same networks, batches and solvers as in `torch_step.py`.
enum Workload: String, CaseIterable, CustomStringConvertible {
    case tiny1d
    case digits
    case vowels
    case resnet20

    var description: String { rawValue }

    /// A trainer with more epochs than anybody waits for, on random data of four batches.
    func trainer(threads: Int) throws -> Trainer {
        try Trainer(
            try network.initialized(seed: 0, stream: rawValue), data: data, options: options, seed: 0,
            stream: rawValue, pool: WorkerPool(threads: threads))
    }

    private var batch: Int {
        switch self {
        case .tiny1d: 64
        case .vowels: 27
        case .digits, .resnet20: 128
        }
    }

    private var options: TrainingOptions {
        var options = TrainingOptions()
        switch self {
        case .tiny1d, .digits, .vowels:
            options.solver = .adam
            options.initialLearnRate = 1e-3
            options.l2Regularization = 0
        case .resnet20:
            options.solver = .sgdm
            options.initialLearnRate = 0.01
            options.momentum = 0.9
            options.l2Regularization = 1e-4
        }
        options.miniBatchSize = batch
        options.maxEpochs = 1_000_000_000
        return options
    }

    private var data: Dataset {
        get throws {
            let network = try network
            let (shape, classes) = (network.shapes[0], network.shapes[network.shapes.count - 1].count)
            var random = RandomStream(seed: 0, name: "\(self)/data")
            let count = 4 * batch
            return Dataset(
                name: rawValue, channels: (0..<shape[0]).map { "\($0)" }, shape: shape,
                targets: .classes(
                    names: (0..<classes).map { "\($0)" }, labels: (0..<count).map { _ in random.below(classes) }),
                examples: (0..<count * shape.count).map { _ in 2 * random.uniform() - 1 })
        }
    }
}

// MARK: - Networks

extension Workload {
    private var network: Network {
        get throws {
            var builder = NetworkBuilder()
            switch self {
            case .tiny1d:
                builder.append(SequenceInput(channels: 1, steps: 600))
                for filters in [16, 8] {
                    builder.append(Convolution1D(filters: filters, filterSize: 5, padding: .same))
                    builder.append(BatchNormalization())
                    builder.append(ReLU())
                }
                builder.append(GlobalAveragePooling())
                builder.append(Dense(outputs: 16))
                builder.append(ReLU())
                builder.append(Dense(outputs: 2))
            case .digits:
                builder.append(ImageInput(height: 28, width: 28, channels: 1))
                for (size, padding) in [(5, Padding.none2D), (3, .same), (3, .same)] {
                    builder.append(Convolution2D(filters: 20, filterSize: [size, size], padding: padding))
                    builder.append(BatchNormalization())
                    builder.append(ReLU())
                }
                builder.append(Flatten())
                builder.append(Dense(outputs: 10))
            case .vowels:
                builder.append(SequenceInput(channels: 12, steps: 20))
                builder.append(LSTM(units: 100, outputMode: .last))
                builder.append(Dense(outputs: 9))
            case .resnet20:
                builder.append(ImageInput(height: 32, width: 32, channels: 3))
                builder.append(.convolution(3, filters: 16))
                builder.append(BatchNormalization())
                builder.append(ReLU())
                for (stage, filters) in [16, 32, 64].enumerated() {
                    for block in 0..<3 {
                        let isNarrower = stage > 0 && block == 0
                        builder.appendResidual(filters: filters, stride: isNarrower ? 2 : 1, projects: isNarrower)
                    }
                }
                builder.append(GlobalAveragePooling())
                builder.append(Dense(outputs: 10))
            }
            return try Network(nodes: builder.nodes)
        }
    }
}

extension NetworkBuilder {
    /// Two convolutions whose result is added to what they read, projected where the shapes differ.
    fileprivate mutating func appendResidual(filters: Int, stride: Int, projects: Bool) {
        var skip = last
        append(.convolution(3, filters: filters, stride: stride))
        append(BatchNormalization())
        append(ReLU())
        append(.convolution(3, filters: filters))
        let sum = append(BatchNormalization())
        if projects {
            append(.convolution(1, filters: filters, stride: stride), reading: [skip])
            skip = append(BatchNormalization())
        }
        append(Add(), reading: [sum, skip])
        append(ReLU())
    }
}

extension Layer where Self == Convolution2D {
    /// Without bias, as batch normalization follows; borders as PyTorch has them, the same amount on all sides.
    fileprivate static func convolution(_ size: Int, filters: Int, stride: Int = 1) -> Self {
        Convolution2D(
            filters: filters, filterSize: [size, size], stride: [stride, stride],
            padding: .explicit(Array(repeating: size / 2, count: 4)), hasBias: false)
    }
}
