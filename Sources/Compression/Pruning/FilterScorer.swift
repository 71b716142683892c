package import Datasets
package import Kernels
internal import Networks
internal import Tensors
package import Training

/// Scores the filters of a network over training data.
package struct FilterScorer: Hashable, Sendable {
    package var criterion: PruningCriterion
    package var normalization: ScoreNormalization
    /// Examples of one batch; only `taylor-weight`, which averages over batches, depends on it.
    package var batchSize: Int { training.miniBatchSize }
    /// Whose loss the importance is of.
    package var training: TrainingOptions

    package init(
        criterion: PruningCriterion = .taylor, normalization: ScoreNormalization = .none,
        training: TrainingOptions = TrainingOptions()
    ) {
        self.criterion = criterion
        self.normalization = normalization
        self.training = training
    }

    /// The scores that the groups of a network are ordered by.
    ///
    /// - Parameters:
    ///   - data: The training data; criteria that look at parameters alone do not read them.
    ///   - seed: With `stream`, what the random criterion draws by.
    ///   - checkCancellation: Asked before each batch.
    /// - Throws: ``CompressionError`` if channels pass no batch normalization to read or a score is not finite; what the
    ///   network throws if it cannot run; what `checkCancellation` throws.
    package func scores(
        of prunable: PrunableNetwork, data: Dataset, seed: UInt64, stream: String, pool: WorkerPool,
        checkCancellation: () throws -> Void = {}
    ) throws -> FilterScores {
        let values: [String: [Double]] =
            switch criterion {
            case .taylor: try taylor(prunable, data: data, pool: pool, check: checkCancellation)
            case .taylorWeight: try taylorWeight(prunable, data: data, pool: pool, check: checkCancellation)
            case .magnitude: try magnitude(prunable)
            case .batchNormScale: try batchNormScale(prunable)
            case .random: random(prunable, seed: seed, stream: stream)
            }
        return try FilterScores(values, of: prunable, normalization: normalization)
    }
}

// MARK: - From gradients

extension FilterScorer {
    /// Molchanov et al., "Pruning convolutional neural networks for resource efficient inference" (2016).
    ///
    /// The first-order change of an example's loss when a channel becomes zero is the sum over positions of activation
    /// times gradient. The paper takes the mean and then divides by the norm of each layer; undivided, a mean would
    /// count a channel of 32x32 positions a sixteenth of one of 8x8 that matters as much. The gradient is of the summed
    /// loss with batch normalization by its states; the absolute value is taken example by example, and all examples
    /// count the same. Activation and gradient are those at the ``PrunableNetwork/sites``.
    private func taylor(
        _ prunable: PrunableNetwork, data: Dataset, pool: WorkerPool, check: () throws -> Void
    ) throws -> [String: [Double]] {
        let sites = prunable.sites.map(\.name)
        var sums: [String: [Double]] = [:]
        try forEachBatch(of: data, through: prunable.network, pool: pool, check: check) { compiled, count in
            // What leads to other outputs alone has no part in the loss.
            for site in sites where compiled.hasGradient(of: site) {
                guard let shape = compiled.network.shape(of: site) else { continue }
                let positions = shape.count / shape[0]
                let values = compiled.values(of: site).array(in: 0..<count * shape.count)
                let gradients = compiled.gradient(of: site).array(in: 0..<count * shape.count)
                var sum = sums[site] ?? [Double](repeating: 0, count: shape[0])
                for map in 0..<count * shape[0] {
                    var product = 0.0
                    for index in map * positions..<(map + 1) * positions {
                        product += Double(values[index]) * Double(gradients[index])
                    }
                    sum[map % shape[0]] += abs(product)
                }
                sums[site] = sum
            }
        }
        return sums.mapValues { $0.map { $0 / Double(data.count) } }
    }

    /// Molchanov et al., "Importance estimation for neural network pruning" (2019), over all learnables of a filter,
    /// with the gradient of the mean loss of a batch.
    private func taylorWeight(
        _ prunable: PrunableNetwork, data: Dataset, pool: WorkerPool, check: () throws -> Void
    ) throws -> [String: [Double]] {
        let network = prunable.network
        let scored = Set(prunable.filterLayers.map(\.name))
        // Where the learnables of those layers stand in the flat buffer.
        var places: [(layer: String, start: Int, shape: Shape)] = []
        var start = 0
        for node in network.nodes {
            for (_, specification) in network.specifications(of: node) where specification.role == .learnable {
                if scored.contains(node.name) { places.append((node.name, start, specification.shape)) }
                start += specification.shape.count
            }
        }
        var sums: [String: [Double]] = [:]
        var batches = 0
        try forEachBatch(of: data, through: network, pool: pool, check: check) { compiled, count in
            let (learnables, gradients) = (compiled.learnables.array, compiled.learnableGradients.array)
            var products: [String: [Double]] = [:]
            for place in places {
                let size = place.shape.count / place.shape[0]
                var product = products[place.layer] ?? [Double](repeating: 0, count: place.shape[0])
                for index in 0..<place.shape.count {
                    let at = place.start + index
                    product[index / size] += Double(learnables[at]) * Double(gradients[at]) / Double(count)
                }
                products[place.layer] = product
            }
            for (layer, product) in products {
                let sum = sums[layer] ?? [Double](repeating: 0, count: product.count)
                sums[layer] = zip(sum, product).map { $0 + $1 * $1 }
            }
            batches += 1
        }
        return sums.mapValues { $0.map { $0 / Double(max(1, batches)) } }
    }

    /// Runs forward and backward over all data, batch normalization by its states, and hands over each batch.
    private func forEachBatch(
        of data: Dataset, through network: Network, pool: WorkerPool, check: () throws -> Void,
        _ body: (CompiledNetwork, Int) -> Void
    ) throws {
        guard data.count > 0 else {
            throw CompressionError(.invalidData, "there is no example to score filters with")
        }
        let loss = try LossFunction(training, data: data, network: network)
        let compiled = try CompiledNetwork(
            network, batchCapacity: min(batchSize, data.count), purpose: .training, lossAt: loss.node, pool: pool)
        let rows = Array(0..<data.count)
        for start in stride(from: 0, to: data.count, by: compiled.batchCapacity) {
            try check()
            let batch = rows[start..<min(start + compiled.batchCapacity, data.count)]
            try compiled.setInput(data, rows: batch)
            compiled.forward(count: batch.count, mode: .inference)
            _ = loss.evaluate(
                compiled.values(of: loss.node), targets: data.targets, rows: batch,
                gradient: compiled.gradient(of: loss.node), reduction: .sum)
            compiled.backward(from: loss.node, count: batch.count)
            body(compiled, batch.count)
        }
    }
}

// MARK: - From parameters

extension FilterScorer {
    /// The Euclidean norm of each filter's weights, without its bias.
    private func magnitude(_ prunable: PrunableNetwork) throws -> [String: [Double]] {
        var scores: [String: [Double]] = [:]
        for node in prunable.filterLayers {
            let weights = try parameter("weights", of: node.name, in: prunable.network)
            let size = weights.shape.count / weights.shape[0]
            let elements = weights.floats
            scores[node.name] = (0..<weights.shape[0]).map { filter in
                elements[filter * size..<(filter + 1) * size].reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
            }
        }
        return scores
    }

    /// The magnitudes of the scales of every batch normalization that a channel passes.
    private func batchNormScale(_ prunable: PrunableNetwork) throws -> [String: [Double]] {
        let nodes = prunable.batchNormalizations
        let covered = Set(nodes.flatMap { prunable.channels.groups(of: $0.name) })
        if let bare = prunable.groups.first(where: { !covered.contains($0.id) }) {
            throw CompressionError(
                .notApplicable, layer: bare.filters[0].layer,
                "has no batch normalization behind it, which criterion 'batch-norm-scale' reads; "
                    + "choose another criterion, or other layers by 'LayerNames'")
        }
        var scores: [String: [Double]] = [:]
        for node in nodes {
            scores[node.name] = try parameter("scale", of: node.name, in: prunable.network).floats
                .map { abs(Double($0)) }
        }
        return scores
    }

    /// One number for each group, by the first of its filters as it was when pruning began: other removals do not
    /// change it.
    private func random(_ prunable: PrunableNetwork, seed: UInt64, stream: String) -> [String: [Double]] {
        var scores: [String: [Double]] = [:]
        for filter in prunable.groups.map({ $0.filters[0] }) {
            let origins = prunable.origins[filter.layer] ?? []
            var random = RandomStream(seed: seed, name: "\(stream)/\(filter.layer)/\(origins[filter.index])")
            scores[filter.layer, default: [Double](repeating: 0, count: origins.count)][filter.index] =
                Double(random.uniform())
        }
        return scores
    }

    private func parameter(_ name: String, of layer: String, in network: Network) throws(CompressionError) -> Tensor {
        if let tensor = network.parameters["\(layer).\(name)"] { return tensor }
        throw CompressionError(.invalidNetwork, layer: layer, "has no '\(name)'; train the network first")
    }
}
