internal import ArgumentParser
internal import Checkpoints
internal import Documents
internal import Execution
internal import Reports

/// `pare store verify`: whether every stored byte is as it was written.
struct StoreVerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Read every file of a store and say which are not as they were written.",
        discussion: "Exit status: 1 if something is damaged. The next run that needs it makes it again.")

    @OptionGroup var arguments: StoreArguments

    func run() throws {
        let verification = try arguments.use { try $0.verify() }
        let report = VerificationReport(verification, style: Output.results.style)
        if arguments.json {
            for event in report.events { Output.write(event.canonicalText + "\n") }
        } else {
            Output.write(report.text)
        }
        if verification.isDamaged { throw ExitCode(ExitStatus.failed.rawValue) }
    }
}
