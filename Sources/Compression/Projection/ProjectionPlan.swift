package import Networks
internal import Tensors

/// Which layers are projected, on which sides and onto how many dimensions.
package struct ProjectionPlan: Hashable, Sendable, Codable {
    /// What happens to one layer; a row of the report.
    package struct Layer: Hashable, Sendable, Codable {
        package let name: String
        package let kind: String
        package let inputDimension: Int
        /// Of one direction of a recurrent layer that runs both ways.
        package let outputDimension: Int
        /// The dimensions that stay on a side; `nil` for a side that is not projected.
        package let inputRank: Int?
        package let outputRank: Int?
        /// The part of the variance that the ranks keep: the smaller one of two sides; 1 for a layer left alone.
        package let explainedVariance: Double
        package let learnablesBefore: Int
        package let learnablesAfter: Int

        package init(
            name: String, kind: String, inputDimension: Int, outputDimension: Int, inputRank: Int?, outputRank: Int?,
            explainedVariance: Double, learnablesBefore: Int, learnablesAfter: Int
        ) {
            self.name = name
            self.kind = kind
            self.inputDimension = inputDimension
            self.outputDimension = outputDimension
            self.inputRank = inputRank
            self.outputRank = outputRank
            self.explainedVariance = explainedVariance
            self.learnablesBefore = learnablesBefore
            self.learnablesAfter = learnablesAfter
        }

        package var ranks: ProjectionRanks { ProjectionRanks(input: inputRank, output: outputRank) }
        /// The part of its learnables that is gone.
        package var reduction: Double { 1 - Double(learnablesAfter) / Double(max(1, learnablesBefore)) }
    }

    /// How the ranks stand to the goal.
    package enum Outcome: String, Hashable, Sendable, Codable {
        /// As asked.
        case met = "goal met"
        /// The network met the goal on size as it was: nothing is projected.
        case nothingToDo = "met without projection"
        /// What costs no variance is more than the goal on size asks for.
        case free = "more than the goal costs no variance"
        /// The goal on size asks for more than there is: this is the largest reduction.
        case largest = "largest reduction"
    }

    package let layers: [Layer]
    /// The level of explained variance that the layers reach; 1 if nothing is projected.
    package let level: Double
    package let outcome: Outcome

    package init(layers: [Layer], level: Double, outcome: Outcome) {
        self.layers = layers
        self.level = level
        self.outcome = outcome
    }

    /// Whether the goal is met; if not, this is the largest reduction there is.
    package var isMet: Bool { outcome != .largest }

    /// Whether no layer is projected.
    package var isEmpty: Bool { layers.allSatisfy { $0.ranks == .none } }
}

// MARK: - Ranks by explained variance

extension ProjectionPlan {
    /// Finds the ranks by one level of explained variance that is common to all layers.
    ///
    /// Each layer takes, for each side, the smallest rank that reaches the level, and of no projection, the output side,
    /// the input side and both, what leaves the fewest learnables; so no layer ever grows. A goal on size takes the
    /// highest level that meets it: the ranks change at finitely many levels, which are searched exactly, as the size
    /// falls with the level. So a goal that is below what costs no variance is exceeded. A network that meets a goal on
    /// size is left alone.
    ///
    /// - Throws: ``CompressionError`` with code `invalidOption` for ranks that do not fit their layers.
    package init(
        _ network: Network, analysis: ProjectionAnalysis, goal: ProjectionGoal
    ) throws(CompressionError) {
        let original = network.counts
        func plan(_ level: Double) -> [Layer] {
            analysis.layers.compactMap { network.plan(for: $0, ranks: network.cheapestRanks(of: $0, level: level)) }
        }
        func isEnough(_ layers: [Layer]) -> Bool { goal.isMet(by: original.less(layers), of: original) }
        switch goal {
        case .explainedVariance(let level):
            self.init(layers: plan(level), level: level, outcome: .met)
        case .ranks(let ranks):
            try network.check(ranks, of: analysis.layers.map(\.name))
            self.init(network, analysis: analysis, ranks: { ranks[$0.name] ?? .none }, outcome: .met)
        case .size, .learnablesReduction:
            if goal.isMet(by: original, of: original) {
                self.init(network, analysis: analysis, ranks: { _ in .none }, outcome: .nothingToDo)
                return
            }
            let levels = Set(analysis.layers.flatMap { ($0.input?.explained ?? []) + ($0.output?.explained ?? []) })
                .sorted()
            // The first levels are enough, the others are not.
            var (enough, tooHigh) = (0, levels.count)
            while tooHigh - enough > 1 {
                let middle = (enough + tooHigh) / 2
                if isEnough(plan(levels[middle])) { enough = middle } else { tooHigh = middle }
            }
            let level = levels.isEmpty ? 1 : levels[enough]
            let layers = plan(level)
            let outcome: Outcome = !isEnough(layers) ? .largest : enough == levels.count - 1 ? .free : .met
            self.init(layers: layers, level: level, outcome: outcome)
        }
    }

    /// The plan of given ranks.
    init(
        _ network: Network, analysis: ProjectionAnalysis, ranks: (ProjectionAnalysis.Layer) -> ProjectionRanks,
        outcome: Outcome
    ) {
        let layers = analysis.layers.compactMap { network.plan(for: $0, ranks: ranks($0)) }
        self.init(layers: layers, level: layers.map(\.explainedVariance).min() ?? 1, outcome: outcome)
    }
}

extension Counts {
    /// The counts of a network after a projection.
    func less(_ layers: [ProjectionPlan.Layer]) -> Counts {
        var counts = self
        counts.learnables -= layers.map { $0.learnablesBefore - $0.learnablesAfter }.reduce(0, +)
        return counts
    }
}

extension Network {
    /// The cheapest projection of one layer at a level of explained variance.
    fileprivate func cheapestRanks(of analysis: ProjectionAnalysis.Layer, level: Double) -> ProjectionRanks {
        guard let node = node(analysis.name) else { return .none }
        var (best, fewest) = (ProjectionRanks.none, counts(of: node).learnables)
        let candidates = ProjectionRanks.candidates(
            input: analysis.input?.rank(reaching: level), output: analysis.output?.rank(reaching: level))
        for ranks in candidates {
            guard let count = learnables(of: node, projectedTo: ranks), count < fewest else { continue }
            (best, fewest) = (ranks, count)
        }
        return best
    }

    /// The learnables of a layer with the given ranks; `nil` if it cannot be projected so.
    func learnables(of node: Node, projectedTo ranks: ProjectionRanks) -> Int? {
        guard ranks != .none else { return counts(of: node).learnables }
        guard let input = inputShapes(of: node).first else { return nil }
        return (node.layer as? any Projectable)?.learnables(projectedTo: ranks, input: input)
    }

    fileprivate func plan(for analysis: ProjectionAnalysis.Layer, ranks: ProjectionRanks) -> ProjectionPlan.Layer? {
        guard let node = node(analysis.name), let input = inputShapes(of: node).first,
            let after = learnables(of: node, projectedTo: ranks)
        else { return nil }
        let kept = [
            ranks.input.flatMap { analysis.input?.explainedVariance(rank: $0) },
            ranks.output.flatMap { analysis.output?.explainedVariance(rank: $0) },
        ].compactMap { $0 }
        return ProjectionPlan.Layer(
            name: node.name, kind: node.layer.kind, inputDimension: input[0],
            outputDimension: analysis.output?.dimension ?? shape(of: node.name)?[0] ?? 0, inputRank: ranks.input,
            outputRank: ranks.output, explainedVariance: kept.min() ?? 1,
            learnablesBefore: counts(of: node).learnables, learnablesAfter: after)
    }
}

// MARK: - Ranks by hand

extension Network {
    /// Checks ranks that were given by hand.
    ///
    /// - Parameter layers: Those that can be chosen.
    /// - Throws: ``CompressionError`` with code `invalidOption`, for the first layer in the order of names.
    package func check(_ ranks: [String: ProjectionRanks], of layers: [String]) throws(CompressionError) {
        for (name, ranks) in ranks.sorted(by: { $0.key < $1.key }) {
            guard layers.contains(name), let node = node(name), let layer = node.layer as? any Projectable,
                let input = inputShapes(of: node).first, let output = shape(of: name)
            else {
                throw CompressionError(
                    .invalidOption, "'ranks' names '\(name)'; there are: \(layers.joined(separator: ", "))")
            }
            let sides = [
                ("input", ranks.input, input[0]), ("output", ranks.output, output[0] / type(of: layer).outputBlocks),
            ]
            for (side, rank, dimension) in sides {
                guard let rank, !(1...min(dimension, ProjectionAnalysis.widestSide)).contains(rank) else { continue }
                throw CompressionError(
                    .invalidOption, layer: name,
                    "has \(side) rank \(rank) in 'ranks'; its \(side) has \(dimension) dimensions, of which 1 to "
                        + "\(min(dimension, ProjectionAnalysis.widestSide)) can stay")
            }
            guard ranks == .none || learnables(of: node, projectedTo: ranks) != nil else {
                throw CompressionError(
                    .invalidOption, layer: name, "has ranks of both sides in 'ranks'; '\(layer.kind)' takes one of them"
                )
            }
        }
    }

    /// Refuses ranks that make a layer larger.
    ///
    /// - Throws: ``CompressionError`` with code `invalidOption`, for the first layer in the order of names.
    package func refuseGrowth(by ranks: [String: ProjectionRanks]) throws(CompressionError) {
        for (name, ranks) in ranks.sorted(by: { $0.key < $1.key }) {
            guard let node = node(name), let projected = learnables(of: node, projectedTo: ranks) else { continue }
            let own = counts(of: node).learnables
            guard projected > own else { continue }
            throw CompressionError(
                .invalidOption, layer: name,
                "grows from \(own) to \(projected) learnables by its ranks in 'ranks'; give lower ones")
        }
    }
}
