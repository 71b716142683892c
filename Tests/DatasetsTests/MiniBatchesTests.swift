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

    @Test func `an order drawn once stays`() {
        #expect(batches(.once) == batches(.once, epoch: 5))
        #expect(batches(.once) != batches(.never))
    }
}
