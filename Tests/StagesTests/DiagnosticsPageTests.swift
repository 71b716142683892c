import Diagnostics
import Foundation
import Testing

@Suite struct DiagnosticsPageTests {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    @Test func `every diagnostic is explained in docs and shown by a case`() throws {
        let page = try String(contentsOf: Self.root.appending(path: "docs/diagnostics.md"), encoding: .utf8)
        let explained = page.split(separator: "\n").filter { $0.hasPrefix("| `") }
            .compactMap { $0.split(separator: "`").dropFirst().first.map(String.init) }
        #expect(Set(explained) == Set(DiagnosticID.allCases.map(\.rawValue)))
        #expect(explained.count == DiagnosticID.allCases.count)

        var shown = ""
        for name in RecipeCasesTests.cases {
            let file = RecipeCasesTests.folder.appending(path: "\(name)/expected.txt")
            shown += try String(contentsOf: file, encoding: .utf8)
        }
        // A file of more than 4 MiB is no case to keep; RecipeSyntaxTests make one.
        let missing = DiagnosticID.allCases.map(\.rawValue).filter { !shown.contains("[\($0)]") }
        #expect(missing == ["file-too-large"])
    }
}
