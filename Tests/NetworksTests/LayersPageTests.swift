import Foundation
import Networks
import Testing

/// The page that lists the layers of an architecture.
@Suite struct LayersPageTests {
    private static let page = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "docs/architecture-files.md")

    @Test func `every kind stands on the page with every attribute, and nothing else does`() throws {
        let lines = try String(contentsOf: Self.page, encoding: .utf8).split(separator: "\n")
        var rows: [String: String] = [:]
        for line in lines where line.hasPrefix("| `") {
            let cells = line.split(separator: "|", omittingEmptySubsequences: false).map(String.init)
            rows[Self.quoted(cells[1])[0]] = cells[2]
        }
        for type in LayerKinds.all {
            let row = rows.removeValue(forKey: type.kind)
            let cell = try #require(row, "'\(type.kind)' is not on the page")
            #expect(Self.quoted(cell).sorted() == (try Self.attributes(of: type)).sorted(), "\(type.kind)")
        }
        #expect(rows.keys.sorted() == [])
    }

    /// What stands in backquotes.
    private static func quoted(_ text: String) -> [String] {
        text.split(separator: "`", omittingEmptySubsequences: false).enumerated().filter { $0.offset % 2 == 1 }
            .map { String($0.element) }
    }

    /// The attributes that a kind asks for, whether they are there or not.
    private static func attributes(of type: any Layer.Type) throws -> [String] {
        var reader = AttributeReader(["amounts": .integers([0, 0]), "positions": 1])
        _ = try type.init(reading: &reader)
        return Array(Set(reader.known))
    }
}
