import Diagnostics
import Testing

@Suite struct EditDistanceTests {
    private static let names = ["MaxToPrune", "LayerNames", "goal", "id", "taylor", "taylor-weight"]

    @Test(
        arguments: [
            ("maxtoprune", "MaxToPrune"), ("MaxPrune", "MaxToPrune"), ("tailor", "taylor"), ("gaol", "goal"),
            ("LayerName", "LayerNames"), ("di", "id"), ("taylorweight", "taylor-weight"),
        ])
    func `The name that was meant is found, without regard to case`(written: String, meant: String) {
        #expect(written.nearest(among: Self.names) == meant)
    }

    @Test(arguments: ["epochs", "", "x", "Goalkeeper", "MinFilters"])
    func `Nothing is suggested if nothing is near`(written: String) {
        #expect(written.nearest(among: Self.names) == nil)
    }

    @Test func `Help names the nearest and all that are known`() {
        #expect(Diagnostic.help(for: "lod", known: ["load", "prune"]) == ["did you mean 'load'? known: load, prune"])
        #expect(Diagnostic.help(for: "zebra", known: ["load", "prune"]) == ["known: load, prune"])
        #expect(Diagnostic.help(for: "zebra", known: []) == ["known: none"])
    }
}
