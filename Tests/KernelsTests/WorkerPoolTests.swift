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
}
