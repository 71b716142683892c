internal import Clusters

extension ShellCommand {
    /// The command that goes on where this one stopped: the same, but nothing that is stored is made again, and what is
    /// not there is made.
    ///
    /// - Parameter settings: Options of the recipe, as `PATH=VALUE`, in place of what the command said of them.
    func goingOn(setting settings: [String] = []) -> ShellCommand {
        let paths = Set(settings.map(Self.path))
        var kept: [String] = []
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            if ["--fresh", "--frozen"].contains(argument) || argument.hasPrefix("--from=") { continue }
            if argument == "--from" {
                _ = rest.popFirst()
            } else if argument == "--set", let value = rest.popFirst() {
                if !paths.contains(Self.path(value)) { kept += [argument, value] }
            } else if !argument.hasPrefix("--set=") || !paths.contains(Self.path(String(argument.dropFirst(6)))) {
                kept.append(argument)
            }
        }
        return ShellCommand(arguments: kept + settings.flatMap { ["--set", $0] })
    }

    private static func path(_ setting: String) -> Substring { setting.prefix { $0 != "=" } }
}
