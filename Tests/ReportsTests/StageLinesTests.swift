import Documents
import Execution
import Reports
import Testing

@Suite struct StageLinesTests {
    let lines = StageLines(Sample.graph())

    @Test func `a stage that ended is one line`() {
        let reports = Sample.done.stages + Sample.failed.stages[1...] + [Sample.interrupted.stages[1]]
        #expect(
            reports.map(lines.ended) == [
                "[1/3] load        reused  1,586 parameters, 6.2 KiB",
                "[2/3] prune       12.3 s  377 parameters, 474 B, goal 383 met",
                "[3/3] evaluate    0.20 s  accuracy 92.8 % (155 of 167), 1 of 3 requirements met",
                "[2/3] prune        3.0 s  failed: layer 'conv1d_1': the loss is not finite",
                "[3/3] evaluate   skipped  needs prune, which failed",
                "[2/3] prune        3.0 s  interrupted",
            ])
    }

    @Test func `the line of a pruning says why it ended, unless its goal says it`() {
        let ends = [Sample.iterated, Sample.pruned].map { result in
            lines.ended(Sample.report(1, .ran, seconds: 2, result: result))
        }
        #expect(
            ends == [
                "[2/3] prune        2.0 s  912 parameters, 3.6 KiB, validation threshold broken",
                "[2/3] prune        2.0 s  377 parameters, 474 B, goal 383 met",
            ])
    }

    @Test func `the line of a sparsification says what sparse storage takes`() {
        let result: JSONValue = [
            "network": ["totalParameters": 1586, "memoryBytes": 6348],
            "sparsity": ["requested": 0.9, "reached": 0.9, "weights": 1418, "zeros": 1277],
            "storage": ["denseBytes": 6348, "sparseBytes": 1536],
        ]
        #expect(
            lines.ended(Sample.report(1, .ran, seconds: 2, result: result))
                == "[2/3] prune        2.0 s  1,586 parameters, 6.2 KiB, 90.0 % of the weights zero, 1.5 KiB stored sparse"
        )
    }

    @Test func `stages of several recipes are named with their recipe`() {
        let graph = Sample.graph(["a", "longer"])
        let lines = StageLines(graph)
        #expect(lines.started(Sample.stage(0, graph)) == "[1/6] a/load           started")
        #expect(
            lines.started(Sample.stage(0, graph), resumed: true)
                == "[1/6] a/load           goes on from its checkpoint")
        #expect(
            lines.waiting(Sample.stage(4, graph))
                == "[5/6] longer/prune     waits for another pare that makes the same record")
    }

    @Test(arguments: [
        (
            120,
            "[2/3] prune     [========>           ]   42 %  0:12, 1:05 left  epoch 12 of 15, loss 0.1734, accuracy 0.9341"
        ),
        (80, "[2/3] prune      42 %  0:12, 1:05 left  epoch 12 of 15, loss 0.1734"),
        (60, "[2/3] prune      42 %  0:12, 1:05 left  epoch 12 of 15"),
        (12, "[2/3] prune "),
    ])
    func `a line that moves fits the width`(width: Int, expected: String) {
        let progress = StageProgress(
            fraction: 0.429, what: "epoch 12 of 15", metrics: ["loss": 0.1734, "accuracy": 0.93413, "note": "x"])
        #expect(
            lines.live(Sample.stage(1), progress, elapsed: 12.2, secondsRemaining: 65, width: width) == expected)
    }

    @Test(arguments: [
        (0.0, "[>                   ]    0 %"), (1, "[====================]  100 %"),
        (7, "[====================]  100 %"),
        (0.999, "[===================>]   99 %"),
    ])
    func `the bar shows the fraction`(fraction: Double, bar: String) {
        let line = lines.live(
            Sample.stage(0), StageProgress(fraction: fraction, what: "x"), elapsed: 3725, secondsRemaining: nil,
            width: 100)
        #expect(line == "[1/3] load      \(bar)  1:02:05  x")
    }
}
