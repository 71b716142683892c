import Diagnostics
import Recipes
import Testing

@Suite struct RecipeMutationTests {
    /// SplitMix64.
    private struct Generator: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var value = state
            value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
            value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
            return value ^ value >> 31
        }
    }

    private static let pieces = [
        "\t", "- ", ": ", "{", "}", "[", "]", "&x ", "*x", "<<: ", "!!int ", "\"", "'", "|", ">", "#", "\n", "~",
        ".inf",
        "1e999", "-1", "ö", "🛣", "\r\n", "? ", "%", "id: a", "needs: load", "\u{0}", "\u{FEFF}", ",", "  ",
    ]

    @Test func `A recipe changed at random is read or refused, with places that are in the file`() {
        let read = (0..<1500).count { isRead(seed: $0) }
        #expect((50...1450).contains(read), "only one outcome was tried: \(read) of 1500 were read")
    }

    private func isRead(seed: UInt64) -> Bool {
        var random = Generator(state: seed)
        var bytes = Array(RecipeTests.road.utf8)
        for _ in 0..<Int.random(in: 1...2, using: &random) {
            let start = Int.random(in: 0..<bytes.count, using: &random)
            let end = min(bytes.count, start + Int.random(in: 0...12, using: &random))
            switch Int.random(in: 0..<4, using: &random) {
            case 0: bytes.removeSubrange(start..<end)
            case 1: bytes.insert(contentsOf: (Self.pieces.randomElement(using: &random) ?? "").utf8, at: start)
            case 2: bytes[start] = UInt8.random(in: 0...255, using: &random)
            default:
                let piece = Array(bytes[start..<end])
                bytes.insert(contentsOf: piece, at: Int.random(in: 0..<bytes.count, using: &random))
            }
        }
        let file = SourceFile(name: "road.yaml", bytes: bytes)
        var list = DiagnosticList()
        let recipe = Recipe.read(file: file, kinds: SampleKinds.all, into: &list)
        #expect((recipe == nil) == list.hasErrors, "seed \(seed)")
        for diagnostic in list.sorted {
            for span in [diagnostic.span] + diagnostic.notes.map(\.span) {
                guard let span else {
                    Issue.record("seed \(seed): '\(diagnostic.message)' has no place")
                    continue
                }
                for position in [span.start, span.end] {
                    #expect((1...file.lineCount).contains(position.line), "seed \(seed)")
                    let width = file.line(position.line).unicodeScalars.count
                    #expect((1...width + 2).contains(position.column), "seed \(seed): \(position)")
                }
            }
        }
        #expect(DiagnosticRenderer().render(list).isEmpty == list.isEmpty, "seed \(seed)")
        return recipe != nil
    }
}
