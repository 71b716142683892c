import Dispatch
import Foundation
import Kernels
import Synchronization
import Testing

@Suite struct WorkerPoolTests {
    @Test(arguments: [1, 2, 3, 8], [0, 1, 2, 7, 1_000])
    func `every chunk runs exactly once`(threads: Int, chunks: Int) {
        let pool = WorkerPool(threads: threads)
        let counts = Mutex([Int](repeating: 0, count: chunks))
        for _ in 0..<20 { pool.run(chunks: chunks) { chunk in counts.withLock { $0[chunk] += 1 } } }
        #expect(counts.withLock { $0 } == [Int](repeating: 20, count: chunks))
    }

    @Test func `what chunks wrote is seen after the run`() {
        let pool = WorkerPool(threads: 3)
        let buffer = FloatBuffer(count: 64)
        for round in 1...2_000 {
            pool.run(chunks: 64) { buffer.pointer[$0] += Float($0) }
            if round % 500 == 0 { #expect(buffer.array == (0..<64).map { Float($0 * round) }) }
        }
    }

    @Test func `several threads may ask at once`() async {
        let pool = WorkerPool(threads: 3)
        let sums = await withTaskGroup(of: Int.self) { group in
            for task in 0..<6 {
                group.addTask {
                    let sum = Atomic(0)
                    for _ in 0..<200 { pool.run(chunks: 50) { sum.add(task * 100 + $0, ordering: .relaxed) } }
                    return sum.load(ordering: .relaxed)
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(sums.sorted() == (0..<6).map { 200 * (50 * $0 * 100 + 1_225) })
    }

    @Test func `a chunk may ask in turn`() {
        let pool = WorkerPool(threads: 2)
        let sum = Atomic(0)
        pool.run(chunks: 4) { outer in
            pool.run(chunks: 5) { inner in sum.add(10 * outer + inner, ordering: .relaxed) }
        }
        #expect(sum.load(ordering: .relaxed) == 5 * 60 + 4 * 10)
    }

    @Test func `pools begin and end`() {
        for round in 0..<50 {
            let pool = WorkerPool(threads: 4)
            if round % 2 == 0 { pool.run(chunks: 3) { _ in } }
        }
    }

    /// As two stages that run at once.
    @Test(.timeLimit(.minutes(1)), arguments: [(2, 1, 2), (2, 2, 2), (3, 2, 3), (4, 2, 4), (2, 3, 3)])
    func `guests and helpers are no more than the threads asked for`(threads: Int, guests: Int, most: Int) throws {
        let pool = WorkerPool(threads: threads)
        let counters = Counters()
        let ended = DispatchGroup()
        for _ in 0..<guests {
            DispatchQueue.global().async(group: ended) {
                pool.hosting {
                    counters.entered.add(1, ordering: .sequentiallyConsistent)
                    while counters.entered.load(ordering: .sequentiallyConsistent) < guests { usleep(10) }
                    for _ in 0..<20 {
                        pool.run(chunks: 8) { _ in
                            let now = counters.running.add(1, ordering: .sequentiallyConsistent).newValue
                            counters.peak.max(now, ordering: .sequentiallyConsistent)
                            usleep(20)
                            counters.running.subtract(1, ordering: .sequentiallyConsistent)
                        }
                    }
                }
            }
        }
        ended.wait()
        #expect((1...most).contains(counters.peak.load(ordering: .sequentiallyConsistent)))
        // Who leaves makes room again: two chunks that wait for each other need two threads.
        let met = Atomic(0)
        pool.run(chunks: 2) { _ in
            met.add(1, ordering: .sequentiallyConsistent)
            while met.load(ordering: .sequentiallyConsistent) < 2 { usleep(10) }
        }
    }

    private final class Counters: Sendable {
        let entered = Atomic(0)
        let running = Atomic(0)
        let peak = Atomic(0)
    }
}
