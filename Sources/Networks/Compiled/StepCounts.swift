internal import Tensors

/// The lengths of the sequences of a batch.
final class BatchLengths {
    /// Whether no sequence is shorter than the network reads.
    private(set) var isFull = true
    /// The length of each sequence of the batch at the network's input.
    fileprivate private(set) var steps: [Int]
    /// The valid steps at the output of each node; `nil` for a node without steps, and for all if a layer cannot follow.
    private(set) var counts: [StepCounts?] = []

    private let network: Network
    private let longest: Int?
    private var isTabulated = false

    init(_ network: Network, batchCapacity: Int) {
        self.network = network
        longest = network.inputSteps
        steps = Array(repeating: 0, count: batchCapacity)
        let whole = longest.flatMap { try? network.validSteps(ofInput: $0) }
        counts = network.nodes.indices.map { whole?[$0] == nil ? nil : StepCounts(self) }
    }

    /// Sets the lengths of a batch; `nil` if all sequences are as long as the network reads.
    ///
    /// Only the first batch of unequal lengths allocates.
    func set(_ lengths: [Int]?) {
        isFull = true
        guard let lengths, let longest, lengths.contains(where: { $0 != longest }) else { return }
        tabulate(longest)
        for (index, length) in lengths.enumerated() {
            precondition((1...longest).contains(length), "a sequence of \(length) steps, 1 to \(longest) fit")
            steps[index] = length
        }
        isFull = false
    }

    private func tabulate(_ longest: Int) {
        guard !isTabulated else { return }
        do {
            for length in 1...longest {
                for (count, valid) in zip(counts, try network.validSteps(ofInput: length)) {
                    count?.append(valid ?? 0)
                }
            }
        } catch {
            preconditionFailure("\(error); ask Network.check(steps:) before")
        }
        isTabulated = true
    }
}

/// How many steps of one node's output are valid, example by example of the batch.
package final class StepCounts {
    private unowned let lengths: BatchLengths
    /// By the length of a sequence at the network's input.
    private var table = [0]

    fileprivate init(_ lengths: BatchLengths) { self.lengths = lengths }

    fileprivate func append(_ count: Int) { table.append(count) }

    /// Whether every step of every example is valid; only otherwise are the counts known.
    package var isFull: Bool { lengths.isFull }

    /// The valid steps of an example, counted in the batch.
    package subscript(example: Int) -> Int { table[lengths.steps[example]] }

    /// The valid steps of the first examples of the batch together.
    package func total(of examples: Int) -> Int { (0..<examples).reduce(0) { $0 + self[$1] } }
}
