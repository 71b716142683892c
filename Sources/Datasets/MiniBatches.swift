internal import Tensors

/// When the order of the training examples is drawn anew.
package enum Shuffle: String, Hashable, Sendable, CaseIterable, Codable {
    case once
    case never
    case everyEpoch = "every-epoch"
}

/// The mini-batches of one epoch: a function of seed, stream and epoch, so that no generator has to be stored.
package struct MiniBatches: Hashable, Sendable {
    /// Every row once, in the order of the epoch.
    package let order: [Int]
    /// The size of all batches but the last, which holds what is left.
    package let size: Int

    /// - Parameters:
    ///   - examples: How many examples there are, one or more.
    ///   - size: How many make a batch, one or more.
    ///   - shuffle: `every-epoch` draws by seed, stream and epoch, `once` always as for epoch 0; `never` keeps the order.
    ///   - epoch: The number of the epoch, from 0.
    ///   - lengths: Of the examples, if batches are to hold examples of similar length; `never` does not look at them.
    package init(
        examples: Int, size: Int, shuffle: Shuffle, seed: UInt64, stream: String, epoch: Int, lengths: [Int]? = nil
    ) {
        precondition(examples >= 1 && size >= 1, "batches of \(size) of \(examples) examples")
        self.size = size
        var random = RandomStream(seed: seed, name: "\(stream)/shuffle/\(shuffle == .once ? 0 : epoch)")
        let drawn = shuffle == .never ? Array(0..<examples) : random.permutation(of: examples)
        guard let lengths, shuffle != .never else {
            order = drawn
            return
        }
        // What is left over is drawn, so that no length is always in the small batch. The others are cut into batches
        // by length, equal ones in the order drawn, and the order of the batches is drawn.
        let whole = examples / size
        let rows = drawn.prefix(whole * size).enumerated().sorted {
            (lengths[$0.element], $0.offset) < (lengths[$1.element], $1.offset)
        }.map(\.element)
        order =
            random.permutation(of: whole).flatMap { rows[$0 * size..<($0 + 1) * size] } + drawn.dropFirst(whole * size)
    }

    /// How many batches there are.
    package var count: Int { (order.count + size - 1) / size }

    /// The rows of one batch.
    package subscript(index: Int) -> ArraySlice<Int> { order[index * size..<min((index + 1) * size, order.count)] }
}
