import Datasets
import Testing

@Suite struct MiniBatchesTests {
    private func batches(_ shuffle: Shuffle, seed: UInt64 = 3, stream: String = "train/0", epoch: Int = 0)
        -> MiniBatches
    {
        MiniBatches(examples: 10, size: 4, shuffle: shuffle, seed: seed, stream: stream, epoch: epoch)
    }

    @Test func `the last batch holds what is left`() {
        let batches = batches(.never)
        #expect(batches.count == 3)
        #expect((0..<3).map { Array(batches[$0]) } == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]])
        #expect(MiniBatches(examples: 3, size: 8, shuffle: .never, seed: 0, stream: "", epoch: 0).count == 1)
    }

    @Test(arguments: Shuffle.allCases)
    func `an epoch holds every row once`(shuffle: Shuffle) {
        #expect(batches(shuffle).order.sorted() == Array(0..<10))
    }

    @Test func `an order is a function of seed, stream and epoch`() {
        #expect(batches(.everyEpoch) == batches(.everyEpoch))
        #expect(batches(.everyEpoch) != batches(.everyEpoch, seed: 4))
        #expect(batches(.everyEpoch) != batches(.everyEpoch, stream: "train/1"))
        #expect(batches(.everyEpoch) != batches(.everyEpoch, epoch: 1))
    }

    // MARK: - By length

    private static let lengths = (0..<50).map { 5 + $0 * 7 % 13 }

    private func grouped(_ shuffle: Shuffle = .everyEpoch, seed: UInt64 = 3, epoch: Int = 0) -> MiniBatches {
        MiniBatches(
            examples: 50, size: 8, shuffle: shuffle, seed: seed, stream: "train/0", epoch: epoch, lengths: Self.lengths)
    }

    @Test(arguments: 0..<5)
    func `whole batches hold neighbours in length, in drawn order, and the last what was drawn`(epoch: Int) {
        let batches = grouped(epoch: epoch)
        #expect(batches.order.sorted() == Array(0..<50))
        let ranges = (0..<6).map { index in
            let lengths = batches[index].map { Self.lengths[$0] }
            return (lengths.min() ?? 0, lengths.max() ?? 0)
        }
        let byLength = ranges.sorted { $0 < $1 }
        for (shorter, longer) in zip(byLength, byLength.dropFirst()) { #expect(shorter.1 <= longer.0) }
        #expect(ranges.map(\.0) != byLength.map(\.0))
        #expect(batches[6].count == 2)
        #expect(batches != grouped(epoch: epoch + 1))
        #expect(batches == grouped(epoch: epoch))
    }

    @Test func `equal lengths leave batches drawn, and no shuffling the order as it is`() {
        let equal = (0..<3).map {
            MiniBatches(
                examples: 50, size: 8, shuffle: .everyEpoch, seed: 1, stream: "", epoch: $0,
                lengths: Array(repeating: 4, count: 50))
        }
        #expect(Set(equal.map { Set($0[0]) }).count == 3)
        #expect(grouped(.never).order == Array(0..<50))
        #expect(grouped(.once) == grouped(.once, epoch: 3))
    }

    @Test func `an order drawn once stays`() {
        #expect(batches(.once) == batches(.once, epoch: 5))
        #expect(batches(.once) != batches(.never))
    }
}
