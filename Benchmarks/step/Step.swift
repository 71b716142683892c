internal import ArgumentParser
internal import Foundation
internal import Training

/// Times the steps of a training, as `torch_step.py` times those of its peer.
@main struct Step: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Times training steps: batch, forward, loss, backward, update.",
        discussion: """
            Prints one line of JSON: median, least and all times in milliseconds. With --serve it prints 'ready' instead, \
            then for each line 'N' on standard input runs N steps and prints their times.
            """)

    @Argument(help: "One of \(Workload.allCases.map(\.rawValue).joined(separator: ", ")).")
    var workload: Workload

    @Option(help: "How many threads work on a step.")
    var threads = 2

    @Option(help: "How many steps are timed.")
    var steps = 30

    @Flag(help: "Run as many steps as each line of standard input says.")
    var serve = false

    func run() throws {
        let trainer = try workload.trainer(threads: threads)
        if serve {
            let watch = StepWatch { times in
                // Not buffered: the other side waits for the line.
                let line = times.map { Self.text(of: $0) } ?? "ready"
                FileHandle.standardOutput.write(Data("\(line)\n".utf8))
                return readLine().flatMap { Int($0) }
            }
            try watch.run(trainer)
        } else {
            let watch = StepWatch { times in
                guard let times else { return steps }
                let sorted = times.sorted()
                let median = (sorted[sorted.count / 2] + sorted[(sorted.count - 1) / 2]) / 2
                print(
                    "{\"workload\": \"\(workload)\", \"threads\": \(threads), \"median_ms\": \(median), "
                        + "\"min_ms\": \(sorted[0]), \"times_ms\": \(Self.text(of: times))}")
                return nil
            }
            try watch.run(trainer)
        }
    }

    func validate() throws {
        if steps < 1 { throw ValidationError("--steps is \(steps), expected 1 or more") }
        if !(1...1024).contains(threads) { throw ValidationError("--threads is \(threads), expected 1 to 1024") }
    }

    private static func text(of times: [Double]) -> String {
        "[\(times.map { "\($0)" }.joined(separator: ", "))]"
    }
}

extension Workload: ExpressibleByArgument {}
