import Documents
import Planning
import Testing

@Suite struct StageKeyTests {
    static let prune = StageSpecification(
        id: "prune", kind: "prune", implementationVersion: 3,
        options: ["network": "networks/a.safetensors", "MaxToPrune": 2, "rate": 0.01],
        keyOptions: ["network": "00ff", "MaxToPrune": 2, "rate": 0.01], needs: ["load"],
        reads: [StageRead(role: "network", id: "load")], seed: 7)
    static let load = StageSpecification(id: "load", kind: "load", options: ["channels": ["z"]])

    static func key(_ change: (inout StageSpecification) -> Void = { _ in }, recipe: String = "a") -> StageKey {
        var changed = prune
        change(&changed)
        return StageGraph([RecipeStages(name: recipe, seed: 7, stages: [load, changed])]).nodes[1].key
    }

    @Test func `the encoding of a key never changes`() throws {
        let producer = try #require(StageKey(hex: String(repeating: "ab", count: 32)))
        let ingredients = StageKey.ingredients(of: Self.prune, producers: [producer])
        #expect(
            ingredients.canonicalText == """
                {"implementation":3,"kind":"prune","options":{"MaxToPrune":2,"network":"00ff","rate":0.01},\
                "reads":[{"key":"\(producer)","role":"network"}],"seed":7}
                """)
        // printf '%s' '<the text above>' | sha256sum
        #expect(
            StageKey(ingredients: ingredients).description
                == "5dca09c8b969c7b7c42b38951ee381445220466c2723342451ec6414f0f84cc6")
    }

    @Test(
        arguments: [
            StageEdit("kind") { $0.kind = "trim" },
            StageEdit("implementation") { $0.implementationVersion = 4 },
            StageEdit("option") { $0.keyOptions["MaxToPrune"] = 3 },
            StageEdit("option added") { $0.keyOptions["extra"] = JSONValue.null },
            StageEdit("digest of an input") { $0.keyOptions["network"] = "00fe" },
            StageEdit("role") { $0.reads[0].role = "teacher" },
            StageEdit("seed") { $0.seed = 8 },
            StageEdit("no seed") { $0.seed = nil },
            StageEdit("one more producer") { $0.reads.append(StageRead(role: "teacher", id: "load")) },
        ])
    func `each ingredient changes the key`(edit: StageEdit) {
        #expect(Self.key(edit.change) != Self.key(), "\(edit)")
    }

    @Test(
        arguments: [
            StageEdit("id") { $0.id = "prune-again" },
            StageEdit("path") { $0.options["network"] = "elsewhere/b.safetensors" },
            StageEdit("transparent") { $0.isTransparent = true },
            StageEdit("needs") { $0.needs = [] },
        ])
    func `what decides no result leaves the key`(edit: StageEdit) {
        #expect(Self.key(edit.change) == Self.key(), "\(edit)")
    }

    @Test func `the name of the recipe leaves the key`() {
        #expect(Self.key(recipe: "b") == Self.key())
    }

    @Test func `a change of a producer changes the keys of all that follow`() {
        func keys(_ channels: JSONValue) -> [StageKey] {
            var load = Self.load
            load.keyOptions["channels"] = channels
            let last = StageSpecification(id: "q", kind: "quantize", reads: [StageRead(role: "network", id: "prune")])
            return StageGraph([RecipeStages(name: "a", seed: 7, stages: [load, Self.prune, last])]).nodes.map(\.key)
        }
        #expect(zip(keys(["z"]), keys(["x"])).allSatisfy { $0 != $1 })
    }
}
