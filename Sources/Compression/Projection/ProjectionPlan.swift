package import Networks
internal import Tensors

/// Which layers are projected, on which sides and onto how many dimensions.
///
/// One level of explained variance is common to all layers. Each takes, for each side, the smallest rank that reaches
/// it, and of no projection, the input side, the output side and both, what leaves the fewest learnables; so no layer
/// ever grows.
package struct ProjectionPlan: Hashable, Sendable, Codable {
    /// What happens to one layer; a row of the report.
    package struct Layer: Hashable, Sendable, Codable {
        package let name: String
        package let kind: String
        package let inputDimension: Int
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
    }

    package let layers: [Layer]
    /// The level of explained variance that is common to the layers; 1 if nothing is projected.
    package let level: Double
    /// Whether the goal is met; if not, this is the largest reduction there is.
    package let isMet: Bool

    package init(layers: [Layer], level: Double, isMet: Bool) {
        self.layers = layers
        self.level = level
        self.isMet = isMet
    }

    /// Finds the highest level that meets a goal.
    ///
    /// The ranks change at finitely many levels, which are searched exactly: the size falls with the level. So a goal
    /// that is below what costs no variance is exceeded. A network that meets a goal on size is left alone.
    package init(_ network: Network, analysis: ProjectionAnalysis, goal: ProjectionGoal) {
        let original = network.counts
        func plan(_ level: Double) -> [Layer] { analysis.layers.compactMap { network.plan(for: $0, level: level) } }
        func isEnough(_ layers: [Layer]) -> Bool {
            var counts = original
            counts.learnables -= layers.map { $0.learnablesBefore - $0.learnablesAfter }.reduce(0, +)
            return goal.isMet(by: counts, of: original)
        }
        if case .explainedVariance(let level) = goal {
            layers = plan(level)
            self.level = level
            isMet = true
            return
        }
        if goal.isMet(by: original, of: original) {
            layers = analysis.layers.compactMap { network.plan(for: $0, level: nil) }
            level = 1
            isMet = true
            return
        }
        let levels = Set(analysis.layers.flatMap { ($0.input?.levels ?? []) + ($0.output?.levels ?? []) }).sorted()
        // The first levels are enough, the others are not.
        var (enough, tooHigh) = (0, levels.count)
        while tooHigh - enough > 1 {
            let middle = (enough + tooHigh) / 2
            if isEnough(plan(levels[middle])) { enough = middle } else { tooHigh = middle }
        }
        level = levels.first == nil ? 1 : levels[enough]
        layers = plan(level)
        isMet = isEnough(layers)
    }

    /// Whether no layer is projected.
    package var isEmpty: Bool { layers.allSatisfy { $0.inputRank == nil && $0.outputRank == nil } }
}

extension Network {
    /// The cheapest projection of one layer at a level of explained variance; without a level none.
    fileprivate func plan(for analysis: ProjectionAnalysis.Layer, level: Double?) -> ProjectionPlan.Layer? {
        guard let node = node(analysis.name), let layer = node.layer as? any Projectable,
            let input = inputShapes(of: node).first
        else { return nil }
        let before = counts(of: node).learnables
        var (best, after) = (ProjectionRanks(), before)
        if let level {
            let candidates = ProjectionRanks.candidates(
                input: analysis.input?.rank(reaching: level), output: analysis.output?.rank(reaching: level))
            for ranks in candidates {
                guard let count = layer.learnables(projectedTo: ranks, input: input), count < after else { continue }
                (best, after) = (ranks, count)
            }
        }
        let kept = [
            best.input.flatMap { analysis.input?.explainedVariance(rank: $0) },
            best.output.flatMap { analysis.output?.explainedVariance(rank: $0) },
        ].compactMap { $0 }
        return ProjectionPlan.Layer(
            name: node.name, kind: layer.kind, inputDimension: input[0], outputDimension: shape(of: node.name)?[0] ?? 0,
            inputRank: best.input, outputRank: best.output, explainedVariance: kept.min() ?? 1,
            learnablesBefore: before, learnablesAfter: after)
    }
}

// MARK: - Applying

extension Network {
    /// The network with its layers projected as planned.
    ///
    /// A name that projection gives and that is taken, as by an earlier projection, gets a number.
    ///
    /// - Throws: ``CompressionError`` with code `invalidNetwork` if a projected layer lacks parameters.
    package func projected(
        by plan: ProjectionPlan, analysis: ProjectionAnalysis
    ) throws(CompressionError) -> Network {
        var nodes: [Node] = []
        var parameters = self.parameters
        // What consumers of a replaced layer read instead.
        var renamed: [String: String] = [:]
        var taken = Set(self.nodes.map(\.name))
        func free(_ name: String) -> String {
            var (free, number) = (name, 1)
            while !taken.insert(free).inserted {
                number += 1
                free = "\(name)_\(number)"
            }
            return free
        }
        for node in self.nodes {
            let inputs = node.inputs.map { renamed[$0] ?? $0 }
            let ranks = plan.layers.first { $0.name == node.name }.map {
                ProjectionRanks(input: $0.inputRank, output: $0.outputRank)
            }
            guard let ranks, ranks != ProjectionRanks(), let layer = node.layer as? any Projectable,
                let components = analysis.layers.first(where: { $0.name == node.name })
            else {
                nodes.append(Node(node.name, node.layer, inputs: inputs, projectedFrom: node.projectedFrom))
                continue
            }
            guard let weights = self.parameters["\(node.name).weights"] else {
                throw CompressionError(.invalidNetwork, layer: node.name, "has no weights; train the network first")
            }
            let parts = layer.projected(
                LayerProjection(
                    name: node.name, ranks: ranks, weights: weights.floats,
                    bias: self.parameters["\(node.name).bias"]?.floats, input: components.input,
                    output: components.output))
            for (name, _) in specifications(of: node) { parameters[name] = nil }
            var source = inputs
            for part in parts {
                let name = part.name == node.name ? part.name : free(part.name)
                nodes.append(Node(name, part.layer, inputs: source, projectedFrom: node.name))
                for (parameter, tensor) in part.parameters { parameters["\(name).\(parameter)"] = tensor }
                source = [name]
            }
            renamed[node.name] = source[0]
        }
        do {
            return try Network(nodes: nodes, parameters: parameters)
        } catch {
            throw CompressionError(.invalidNetwork, "the projected network is not valid: \(error)")
        }
    }
}
