internal import Tensors

/// Where the values and gradients of a network lie: what is not needed at the same time may share memory.
///
/// Time is counted twice. Steps run one after the other for each chunk of a batch, forward and then backward; but chunks
/// wait for each other only where an operation works on the whole batch, so that one chunk may be at a later step than
/// another. Two blocks may therefore overlap if what lies between them is such a meeting of all chunks, or if they are
/// laid out alike, as then a chunk finds in both the same part.
struct MemoryPlan {
    /// Something that is kept for a while: the value of a node or its gradient, or what is added to a gradient.
    struct Block {
        /// Floats of one example.
        let count: Int
        var span: Span
        /// Its own buffer, for it is looked at from outside.
        let isApart: Bool
    }

    /// From the first write to the last read.
    struct Span {
        /// Steps, counted through both directions.
        var steps: ClosedRange<Int>
        /// Runs of steps between two meetings of all chunks.
        var runs: ClosedRange<Int>

        mutating func extend(by other: Span) {
            steps = min(steps.lowerBound, other.steps.lowerBound)...max(steps.upperBound, other.steps.upperBound)
            runs = min(runs.lowerBound, other.runs.lowerBound)...max(runs.upperBound, other.runs.upperBound)
        }
    }

    private(set) var blocks: [Block] = []
    /// Which block the value and the gradient of each node are; `nil` without one.
    private(set) var values: [Int?]
    private(set) var gradients: [Int?]
    /// Which block each step writes the gradient of each input to: that of the node, or one that is then added to it.
    private(set) var inputGradients: [[Int?]]
    /// The step that overwrites the gradient of each node; later ones, which come before it in the network, add to it.
    private(set) var firstWriters: [Int?]

    private let network: Network
    private let steps: [NetworkStep]

    /// - Parameters:
    ///   - observed: Nodes whose values and gradients are looked at from outside; `nil` for all.
    ///   - start: The node from which gradients go back; `nil` for a network that only runs forward.
    init(_ network: Network, _ steps: [NetworkStep], observing observed: Set<Int>?, backwardFrom start: Int?) {
        self.network = network
        self.steps = steps
        let empty = [Int?](repeating: nil, count: network.nodes.count)
        (values, gradients, firstWriters) = (empty, empty, empty)
        inputGradients = steps.map { [Int?](repeating: nil, count: $0.sources.count) }
        let times = Timetable(steps, meets: start != nil)
        let differentiated = start.map { Self.differentiated(network, steps, from: $0, all: observed == nil) } ?? []
        let runsBackward = steps.map { differentiated.contains($0.output) }

        for (index, step) in steps.enumerated() {
            placeValue(of: step, at: index, times, runsBackward, observed)
        }
        guard let start else { return }
        for node in observed == nil ? Array(network.nodes.indices) : [start] where differentiated.contains(node) {
            gradients[node] = block(of: node, times.forward(steps.count), isApart: true)
        }
        for (index, step) in steps.enumerated().reversed() where runsBackward[index] {
            placeGradients(of: step, at: index, times.backward(index), differentiated)
        }
    }

    private mutating func block(of node: Int, _ span: Span, isApart: Bool) -> Int {
        blocks.append(Block(count: network.shapes[node].count, span: span, isApart: isApart))
        return blocks.count - 1
    }

    /// The nodes that need a gradient: those that the start depends on and that themselves depend on a learnable.
    private static func differentiated(
        _ network: Network, _ steps: [NetworkStep], from start: Int, all: Bool
    ) -> Set<Int> {
        if all { return Set(network.nodes.indices) }
        var learning: Set<Int> = []
        for step in steps {
            let parameters = network.specifications(of: network.nodes[step.node])
            if parameters.contains(where: { $0.specification.role == .learnable })
                || step.sources.contains(where: learning.contains)
            {
                learning.insert(step.output)
            }
        }
        var reached: Set<Int> = [start]
        for step in steps.reversed() where reached.contains(step.output) { reached.formUnion(step.sources) }
        return reached.intersection(learning)
    }
}

// MARK: - Values

extension MemoryPlan {
    private mutating func placeValue(
        of step: NetworkStep, at index: Int, _ times: Timetable, _ runsBackward: [Bool], _ observed: Set<Int>?
    ) {
        let now = times.forward(index)
        for source in step.sources {
            guard let block = values[source] else { continue }
            blocks[block].span.extend(by: now)
            if runsBackward[index], step.operation.backwardReads.contains(.inputs) {
                blocks[block].span.extend(by: times.backward(index))
            }
        }
        let isApart = observed?.contains(step.output) ?? true
        if !isApart, let place = placeToWorkIn(step, at: index, times, runsBackward) {
            values[step.output] = place
        } else {
            values[step.output] = block(of: step.output, now, isApart: isApart)
        }
        if let block = values[step.output], runsBackward[index], step.operation.backwardReads.contains(.output) {
            blocks[block].span.extend(by: times.backward(index))
        }
    }

    /// The block of the first input, if the output may take its place: nothing else reads it, now or backward.
    private func placeToWorkIn(
        _ step: NetworkStep, at index: Int, _ times: Timetable, _ runsBackward: [Bool]
    ) -> Int? {
        guard step.operation.placement != .apart, let source = step.sources.first, let block = values[source],
            !blocks[block].isApart, readerCount(of: source) == 1
        else { return nil }
        let now = times.forward(index)
        let isFree = blocks[block].span.steps.upperBound == now.steps.upperBound
        return isFree || step.operation.placement == .unchanged ? block : nil
    }

    private func readerCount(of node: Int) -> Int {
        steps.reduce(0) { $0 + $1.sources.count { $0 == node } }
    }
}

// MARK: - Gradients

extension MemoryPlan {
    private mutating func placeGradients(
        of step: NetworkStep, at index: Int, _ now: Span, _ differentiated: Set<Int>
    ) {
        guard let own = gradients[step.output] else { return }
        blocks[own].span.extend(by: now)
        var isTaken = step.operation.placement == .apart || blocks[own].isApart
        for (input, source) in step.sources.enumerated() where differentiated.contains(source) {
            if firstWriters[source] != nil {
                if let block = gradients[source] { blocks[block].span.extend(by: now) }
                inputGradients[index][input] = block(of: source, now, isApart: false)
                continue
            }
            firstWriters[source] = index
            if gradients[source] == nil, !isTaken {
                isTaken = true
                gradients[source] = own
            } else if let block = gradients[source] {
                blocks[block].span.extend(by: now)
            } else {
                gradients[source] = block(of: source, now, isApart: false)
            }
            inputGradients[index][input] = gradients[source]
        }
    }
}

// MARK: - Time

/// When each step runs.
private struct Timetable {
    private let count: Int
    private let forwardRuns: [ClosedRange<Int>]
    private let backwardRuns: [ClosedRange<Int>]

    /// - Parameter meets: Whether all chunks meet where an operation works on the whole batch, in every mode.
    init(_ steps: [NetworkStep], meets: Bool) {
        count = steps.count
        var run = 0
        func runs(of step: NetworkStep) -> ClosedRange<Int> {
            let first = run
            if meets, step.operation.worksOnBatch { run += 1 }
            return first...run
        }
        forwardRuns = steps.map(runs(of:))
        run += 2
        backwardRuns = Array(steps.reversed().map(runs(of:)).reversed())
    }

    /// The forward pass of a step; of the step after the last, what happens between the directions.
    func forward(_ step: Int) -> MemoryPlan.Span {
        let between = (forwardRuns.last?.upperBound ?? 0) + 1
        return MemoryPlan.Span(steps: step...step, runs: step < count ? forwardRuns[step] : between...between)
    }

    func backward(_ step: Int) -> MemoryPlan.Span {
        MemoryPlan.Span(steps: 2 * count - step...2 * count - step, runs: backwardRuns[step])
    }
}

// MARK: - Places

extension MemoryPlan {
    /// Where each block begins in the memory that they share, in floats, and how large that is; `nil` for a block apart.
    ///
    /// The largest block is placed first, each as far in front as it can be.
    func layout(examples: Int) -> (starts: [Int?], count: Int) {
        var starts = [Int?](repeating: nil, count: blocks.count)
        func size(_ block: Int) -> Int { (blocks[block].count * examples + 15) / 16 * 16 }
        let order = blocks.indices.filter { !blocks[$0].isApart }.sorted { (size($1), $0) < (size($0), $1) }
        var (placed, count) = ([Int](), 0)
        for block in order {
            let others = placed.filter { !isApartInTime(block, $0) }
            let ranges = others.map { other in
                let start = starts[other] ?? 0
                return (start: start, end: start + size(other), isAlike: isAlike(block, other))
            }
            func fits(at start: Int) -> Bool {
                ranges.allSatisfy { range in
                    start >= range.end || range.start >= start + size(block) || (range.isAlike && range.start == start)
                }
            }
            let candidates = [0] + ranges.flatMap { $0.isAlike ? [$0.start, $0.end] : [$0.end] }
            let start = candidates.sorted().first(where: fits(at:)) ?? count
            starts[block] = start
            count = max(count, start + size(block))
            placed.append(block)
        }
        return (starts, count)
    }

    private func isApartInTime(_ one: Int, _ other: Int) -> Bool {
        !blocks[one].span.runs.overlaps(blocks[other].span.runs)
    }

    /// Whether the blocks may lie in the very same place: of one size, and never needed by one chunk at once.
    private func isAlike(_ one: Int, _ other: Int) -> Bool {
        blocks[one].count == blocks[other].count && !blocks[one].span.steps.overlaps(blocks[other].span.steps)
    }
}
