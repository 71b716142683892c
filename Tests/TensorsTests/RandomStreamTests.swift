import Tensors
import Testing

@Suite struct RandomStreamTests {
    /// The known answers of Random123 (kat_vectors, philox4x32 10).
    @Test func `philox gives the known answers`() {
        let all = UInt32.max
        #expect(RandomStream.philox((0, 0, 0, 0), key: (0, 0)) == (0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8))
        #expect(
            RandomStream.philox((all, all, all, all), key: (all, all))
                == (0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd))
        #expect(
            RandomStream.philox(
                (0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344), key: (0xa409_3822, 0x299f_31d0))
                == (0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1))
    }

    @Test func `a stream is a function of its seed and its name`() {
        func words(_ seed: UInt64, _ name: String) -> [UInt32] {
            var stream = RandomStream(seed: seed, name: name)
            return (0..<64).map { _ in stream.word() }
        }
        #expect(words(1, "a") == words(1, "a"))
        for other in [words(2, "a"), words(1, "b"), words(1 << 32, "a"), words(1, "")] {
            #expect(Set(other).isDisjoint(with: words(1, "a")))
        }
    }

    @Test func `a copy goes on where the original was`() {
        var stream = RandomStream(seed: 5, name: "copy")
        for taken in 0..<9 {
            var copy = stream
            #expect(copy == stream)
            #expect(copy.word() == stream.word(), "after \(taken) words")
            #expect(copy == stream)
        }
    }

    @Test(arguments: [1, 2, 3, 7, 1000, Int(UInt32.max)])
    func `a number below a bound is below it, and every one comes`(bound: Int) {
        var stream = RandomStream(seed: 3, name: "bound")
        var counts: [Int: Int] = [:]
        for _ in 0..<7000 {
            let number = stream.below(bound)
            #expect(number >= 0 && number < bound)
            counts[number, default: 0] += 1
        }
        // 1,000 expected for each of seven; the standard deviation is 29.
        if bound == 7 { #expect(counts.count == 7 && counts.values.allSatisfy { (880...1120).contains($0) }) }
    }

    @Test func `uniform numbers fill the unit interval`() {
        var stream = RandomStream(seed: 4, name: "uniform")
        let numbers = (0..<10_000).map { _ in stream.uniform() }
        #expect(numbers.allSatisfy { $0 >= 0 && $0 < 1 })
        let mean = numbers.reduce(0, +) / 10_000
        // The standard deviation of the mean is 0.0029.
        #expect(abs(mean - 0.5) < 0.012)
        #expect((numbers.max() ?? 0) > 0.999 && (numbers.min() ?? 1) < 0.001)
    }

    @Test func `a permutation has every index once`() {
        var stream = RandomStream(seed: 6, name: "order")
        let order = stream.permutation(of: 100)
        #expect(order.sorted() == Array(0..<100) && order != Array(0..<100))
        #expect(stream.permutation(of: 0) == [] && stream.permutation(of: 1) == [0])
    }
}
