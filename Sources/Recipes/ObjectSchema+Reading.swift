package import Diagnostics
internal import RecipeSyntax

extension ObjectSchema {
    /// Reads a YAML file that holds one mapping of this form: a data set, an architecture.
    ///
    /// - Parameters:
    ///   - file: The text.
    ///   - name: How messages call the mapping: `data set`.
    ///   - diagnostics: Takes every fault.
    /// - Returns: The checked value, or `nil` if there was a fault.
    package func read(_ file: SourceFile, name: String, into diagnostics: inout DiagnosticList) -> CheckedValue? {
        var faults = DiagnosticList()
        let checked = NodeReader.read(file, into: &faults).flatMap {
            ValueChecker.check($0, .object(self), name: name, into: &faults)
        }
        diagnostics.append(contentsOf: faults)
        return faults.hasErrors ? nil : checked
    }
}
