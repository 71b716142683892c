import Execution
import Reports
import Synchronization
import Testing

@Suite struct PointsDisplayTests {
    @Test(arguments: [false, true])
    func `a point ends with its last stage, and what is reused is left out`(showsReused: Bool) {
        let screen = Screen()
        let graph = Sample.graph(["road/0000", "road/0001"])
        let plain = PlainDisplay(
            StageLines(graph), isBrief: true, uptime: { screen.time }, write: { screen.write($0) })
        let ended = Mutex<[String]>([])
        let display = PointsDisplay(plain, showsReused: showsReused, of: graph) { summary, index in
            ended.withLock { $0.append("\(index) \(summary.exitStatus) \(summary.stages.map(\.stage.id))") }
        }
        display.show(.stageStarted(Sample.stage(0, graph)))
        display.show(.stageEnded(Sample.report(0, .ran, seconds: 1, result: Sample.loaded, graph: graph)))
        display.show(.stageEnded(Sample.report(3, .reused, result: Sample.loaded, graph: graph)))
        display.show(.stageEnded(Sample.report(5, .failed, message: "no data", graph: graph)))
        display.show(.stageEnded(Sample.report(4, .reused, result: Sample.pruned, graph: graph)))
        display.show(.stageEnded(Sample.report(1, .reused, result: Sample.pruned, graph: graph)))
        display.show(.stageEnded(Sample.report(2, .skipped, message: "not needed", graph: graph)))
        #expect(
            ended.withLock { $0 } == [
                #"1 failed ["load", "prune", "evaluate"]"#, #"0 done ["load", "prune", "evaluate"]"#,
            ])
        let lines = screen.text.split(separator: "\n")
        #expect(lines.count == (showsReused ? 6 : 2))
        #expect(lines[0] == "[1/6] road/0000/load         1.0 s  1,586 parameters, 6.2 KiB")
    }
}
