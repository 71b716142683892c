package import Foundation
package import Testing

/// Expects a text to be what a file of the repository holds.
///
/// With `UPDATE_SNAPSHOTS=1` in the environment the file is rewritten and the test fails, so that no run passes by
/// writing its own expectation; a file that is not there fails.
package func expectSnapshot(_ text: String, in file: URL, sourceLocation: SourceLocation = #_sourceLocation) {
    let expected = try? String(contentsOf: file, encoding: .utf8)
    let name = file.pathComponents.suffix(2).joined(separator: "/")
    if ProcessInfo.processInfo.environment["UPDATE_SNAPSHOTS"] == "1" {
        guard expected != text else { return }
        do {
            try text.write(to: file, atomically: true, encoding: .utf8)
            Issue.record(
                "\(name) was rewritten: read it, then run without UPDATE_SNAPSHOTS", sourceLocation: sourceLocation)
        } catch {
            Issue.record("\(name) cannot be written: \(error)", sourceLocation: sourceLocation)
        }
        return
    }
    guard let expected else {
        Issue.record("there is no \(name): run once with UPDATE_SNAPSHOTS=1", sourceLocation: sourceLocation)
        return
    }
    #expect(text == expected, "\(name) differs", sourceLocation: sourceLocation)
}
