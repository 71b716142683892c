/// A command as one types it into a shell.
package struct ShellCommand: CustomStringConvertible {
    /// The program and its arguments.
    package let arguments: [String]

    package init(arguments: [String]) {
        self.arguments = arguments
    }

    package var description: String { arguments.map(Self.quoted).joined(separator: " ") }

    private static func quoted(_ argument: String) -> String {
        let isPlain = argument.unicodeScalars.allSatisfy { scalar in
            scalar.properties.isAlphabetic || ("0"..."9").contains(scalar)
                || "-_./=,:+@%".unicodeScalars.contains(scalar)
        }
        return isPlain && !argument.isEmpty ? argument : "'" + argument.replacing("'", with: #"'\''"#) + "'"
    }
}
