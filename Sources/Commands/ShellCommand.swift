/// A command as one types it into a shell.
struct ShellCommand: CustomStringConvertible {
    /// The program and its arguments.
    let arguments: [String]

    /// The command that goes on where this one stopped: the same, but nothing that is stored is made again.
    var goingOn: ShellCommand { ShellCommand(arguments: arguments.filter { $0 != "--fresh" }) }

    var description: String { arguments.map(Self.quoted).joined(separator: " ") }

    private static func quoted(_ argument: String) -> String {
        let isPlain = argument.unicodeScalars.allSatisfy { scalar in
            scalar.properties.isAlphabetic || ("0"..."9").contains(scalar)
                || "-_./=,:+@%".unicodeScalars.contains(scalar)
        }
        return isPlain && !argument.isEmpty ? argument : "'" + argument.replacing("'", with: #"'\''"#) + "'"
    }
}
