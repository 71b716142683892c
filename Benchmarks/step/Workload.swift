internal import Datasets
internal import Kernels
internal import Networks
internal import Tensors
internal import Training

/// What is trained: the same networks, batches and solvers as in `torch_step.py`.
enum Workload: String, CaseIterable, CustomStringConvertible {
    case tiny1d

    var description: String { rawValue }

    /// A trainer with more epochs than anybody waits for, on random data of four batches.
    func trainer(threads: Int) throws -> Trainer {
        var options = TrainingOptions()
        options.solver = .adam
        options.initialLearnRate = 1e-3
        options.l2Regularization = 0
        options.miniBatchSize = batch
        options.maxEpochs = 1_000_000_000
        return try Trainer(
            try network.initialized(seed: 0, stream: rawValue), data: data, options: options, seed: 0,
            stream: rawValue, pool: WorkerPool(threads: threads))
    }

    private var batch: Int {
        switch self {
        case .tiny1d: 64
        }
    }

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
            }
            return try Network(nodes: builder.nodes)
        }
    }

    private var data: Dataset {
        get throws {
            let network = try network
            let (input, classes) = (network.shapes[0], network.shapes[network.shapes.count - 1].count)
            var random = RandomStream(seed: 0, name: "\(self)/data")
            let count = 4 * batch
            return Dataset(
                name: rawValue, channels: (0..<input[0]).map { "\($0)" }, steps: input[1],
                classes: (0..<classes).map { "\($0)" }, labels: (0..<count).map { _ in random.below(classes) },
                examples: (0..<count * input.count).map { _ in 2 * random.uniform() - 1 })
        }
    }
}
