import Planning
import TestSupport
import Testing

@Suite struct ScheduleTests {
    @Test func `the earliest item that may start is next`() {
        var schedule = Schedule(dependencies: [[2], [], [], [0, 1]])
        #expect(schedule.next() == 1)
        #expect(schedule.next() == 2)
        #expect(schedule.next() == nil)
        schedule.finish(2)
        #expect(schedule.next() == 0)
        schedule.finish(0)
        #expect(schedule.next() == nil)
        schedule.finish(1)
        #expect(schedule.next() == 3)
    }

    /// Items that depend on some of the others, drawn without a pattern.
    @Test(arguments: [1, 2, 3, 10, 65, 300], [UInt64(1), 2, 3])
    func `at each step the smallest of those that may start is next`(count: Int, seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let rank = (0..<count).shuffled(using: &generator)
        let dependencies = (0..<count).map { item in
            (0..<count).filter { rank[$0] < rank[item] && Int.random(in: 0..<8, using: &generator) == 0 }
        }
        var schedule = Schedule(dependencies: dependencies)
        var waiting = Set(0..<count)
        var running: [Int] = []
        var done: Set<Int> = []
        while done.count < count {
            let may = waiting.filter { done.isSuperset(of: dependencies[$0]) }.min()
            #expect(schedule.next() == may)
            if let may { running.append(waiting.remove(may) ?? may) }
            // Now and then, and where nothing else can start, one of those that run ends.
            guard !running.isEmpty, may == nil || Bool.random(using: &generator) else { continue }
            let ended = running.remove(at: Int.random(in: running.indices, using: &generator))
            done.insert(ended)
            schedule.finish(ended)
        }
        #expect(schedule.next() == nil)
    }
}
