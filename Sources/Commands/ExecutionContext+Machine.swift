internal import Documents
internal import Execution
internal import Foundation
internal import Kernels

extension ExecutionContext {
    /// What artifacts say of this machine and this program.
    static func machine(threads: Int) -> ExecutionContext {
        let process = ProcessInfo.processInfo
        return ExecutionContext(
            threads: threads,
            host: [
                "cpu": .string(processorName), "cores": .integer(process.activeProcessorCount),
                "os": .string(process.operatingSystemVersionString),
            ],
            instructionSet: InstructionSet.current, versions: ["pare": .string(Program.version)])
    }

    /// The model of the processor, as Linux names it; `unknown` elsewhere.
    private static var processorName: String {
        let text = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
        let line = text.split(separator: "\n").first { $0.hasPrefix("model name") }
        return line?.split(separator: ":", maxSplits: 1).last.map { $0.trimmingCharacters(in: .whitespaces) }
            ?? "unknown"
    }
}
