internal import Networks

/// Moves ranks between layers, and between the sides of a layer, by what they cost in loss.
///
/// It begins at ranks that meet the goal on size. In each round it measures the network with each side a step up, and
/// with each a step down; then, of the exchanges of a step up for as many steps down elsewhere as the goal asks for, the
/// few that these measures promise the most of. The best is taken if it lowers the loss. When none does the steps become
/// smaller, at last of one dimension. A side may lose its projection on the way, or get one.
///
/// What was measured is remembered: a search that goes on from a checkpoint takes the same way through it.
struct RankSearch {
    /// The ranks of the layers, in the order of the analysis.
    typealias Ranks = [ProjectionRanks]

    /// A network that was measured.
    struct Trial: Hashable, Codable {
        let ranks: Ranks
        /// Infinite if the network could not be trained.
        let loss: Double
    }

    /// One side of a layer.
    private struct Side {
        let layer: Int
        let path: WritableKeyPath<ProjectionRanks, Int?>
        let dimension: Int
    }

    private let network: Network
    private let nodes: [Network.Node]
    private let goal: ProjectionGoal
    private let sides: [Side]
    /// The most networks to measure.
    private let limit: Int
    private(set) var trials: [Trial]
    private var losses: [Ranks: Double]

    /// How many exchanges of a round are measured.
    private static let exchanges = 8
    /// What part of a side's rank is a step; at last one dimension.
    private static let parts = [3, 6, Int.max]

    /// - Parameter trials: What an earlier run of the same search measured.
    init(
        _ network: Network, analysis: ProjectionAnalysis, goal: ProjectionGoal, limit: Int, trials: [Trial] = []
    ) {
        self.network = network
        self.goal = goal
        self.limit = limit
        self.trials = trials
        losses = Dictionary(trials.map { ($0.ranks, $0.loss) }) { first, _ in first }
        nodes = analysis.layers.compactMap { network.node($0.name) }
        sides = analysis.layers.enumerated().flatMap { index, layer in
            [(\ProjectionRanks.input, layer.input), (\ProjectionRanks.output, layer.output)].compactMap { path, side in
                side.map { Side(layer: index, path: path, dimension: $0.dimension) }
            }
        }
    }

    /// Searches to the end.
    ///
    /// - Parameters:
    ///   - start: Ranks that meet the goal.
    ///   - measure: The loss of the network with some ranks.
    ///   - measured: Called after each measure.
    /// - Returns: The ranks with the lowest loss.
    mutating func best(
        from start: Ranks, measure: (Ranks) throws -> Double, measured: (RankSearch) throws -> Void
    ) throws -> Trial {
        func loss(of ranks: Ranks) throws -> Double? {
            if let known = losses[ranks] { return known }
            guard trials.count < limit else { return nil }
            let loss = try measure(ranks)
            losses[ranks] = loss
            trials.append(Trial(ranks: ranks, loss: loss))
            try measured(self)
            return loss
        }
        var current = Trial(ranks: start, loss: try loss(of: start) ?? .infinity)
        for part in Self.parts {
            while let next = try round(from: current, part: part, loss: loss) { current = next }
        }
        return current
    }

    /// The best exchange of a round; `nil` if none lowers the loss.
    private func round(from current: Trial, part: Int, loss: (Ranks) throws -> Double?) throws -> Trial? {
        var (gains, costs) = ([Double](repeating: 0, count: sides.count), [Double](repeating: 0, count: sides.count))
        var candidates: [(ranks: Ranks, promise: Double)] = []
        for (index, side) in sides.enumerated() {
            let step = max(1, (current.ranks[side.layer][keyPath: side.path] ?? side.dimension) / part)
            if let up = moved(current.ranks, side, by: step) {
                guard let own = try loss(up) else { return nil }
                gains[index] = current.loss - own
                if meetsGoal(up) { candidates.append((up, .infinity)) }
            }
            if let down = moved(current.ranks, side, by: -step) {
                guard let own = try loss(down) else { return nil }
                costs[index] = own - current.loss
                candidates.append((down, .infinity))
            }
        }
        for (receiver, side) in sides.enumerated() {
            let step = max(1, (current.ranks[side.layer][keyPath: side.path] ?? side.dimension) / part)
            guard let up = moved(current.ranks, side, by: step) else { continue }
            for (donor, other) in sides.enumerated() where donor != receiver {
                let step = max(1, (current.ranks[other.layer][keyPath: other.path] ?? other.dimension) / part)
                var (exchanged, times) = (up as Ranks?, 0.0)
                while let ranks = exchanged, !meetsGoal(ranks) {
                    exchanged = moved(ranks, other, by: -step)
                    times += 1
                }
                guard let exchanged, times > 0 else { continue }
                candidates.append((exchanged, gains[receiver] - times * costs[donor]))
            }
        }
        // A stable order: the first of equals comes first.
        let promising = candidates.enumerated().sorted {
            $0.element.promise == $1.element.promise
                ? $0.offset < $1.offset : $0.element.promise > $1.element.promise
        }.map(\.element)
        let certain = promising.prefix { $0.promise == .infinity }.count
        var best: Trial?
        for (ranks, _) in promising.prefix(certain + Self.exchanges) where meetsGoal(ranks) {
            guard let own = try loss(ranks) else { break }
            if own < best?.loss ?? current.loss { best = Trial(ranks: ranks, loss: own) }
        }
        return best
    }
}

// MARK: - Moves

extension RankSearch {
    private func meetsGoal(_ ranks: Ranks) -> Bool {
        var counts = network.counts
        for (node, ranks) in zip(nodes, ranks) {
            counts.learnables += (learnables(of: node, ranks) ?? 0) - network.counts(of: node).learnables
        }
        return goal.isMet(by: counts, of: network.counts)
    }

    private func learnables(of node: Network.Node, _ ranks: ProjectionRanks) -> Int? {
        network.learnables(of: node, projectedTo: ranks)
    }

    /// The ranks with one side some dimensions up or down; `nil` if it cannot move so.
    ///
    /// Above the largest rank that saves learnables a side is not projected.
    private func moved(_ ranks: Ranks, _ side: Side, by step: Int) -> Ranks? {
        let node = nodes[side.layer]
        func with(_ rank: Int?) -> ProjectionRanks {
            var own = ranks[side.layer]
            own[keyPath: side.path] = rank
            return own
        }
        guard let whole = learnables(of: node, with(nil)) else { return nil }
        func saves(_ rank: Int) -> Bool {
            rank <= side.dimension && learnables(of: node, with(rank)).map { $0 < whole } == true
        }
        let rank: Int?
        switch ranks[side.layer][keyPath: side.path] {
        case let own? where step > 0: rank = saves(own + step) ? own + step : nil
        case let own?:
            guard own > 1 else { return nil }
            rank = max(1, own + step)
        case nil:
            guard step < 0, let largest = (1...side.dimension).last(where: saves) else { return nil }
            rank = max(1, largest + step + 1)
        }
        var moved = ranks
        moved[side.layer] = with(rank)
        return moved
    }
}
