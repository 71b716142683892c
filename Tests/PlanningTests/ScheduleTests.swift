import Planning
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
}
