import Documents
import Planning
import Testing

@Suite struct RunPlanTests {
    /// A store as two dictionaries.
    struct FakeHoldings: Holdings {
        var states: [StageKey: RecordState] = [:]
        var latest: [String: JSONValue] = [:]

        func state(of key: StageKey) throws -> RecordState { states[key] ?? .absent }
        func latestIngredients(recipe: String, stage: String) throws -> JSONValue? { latest["\(recipe)/\(stage)"] }
        func latestIngredients(kind: String, reads: JSONValue) throws -> JSONValue? {
            latest.values.first { $0["kind"]?.text == kind && $0["reads"] == reads }
        }

        init(holding graph: StageGraph? = nil) {
            for node in graph?.nodes ?? [] {
                states[node.key] = .complete
                latest["\(node.recipeName)/\(node.specification.id)"] = node.ingredients
            }
        }
    }

    static func stages() -> [StageSpecification] {
        [
            StageSpecification(
                id: "load", kind: "load", options: ["network": .string(digest("a")), "channels": ["z"]]),
            StageSpecification(
                id: "prune", kind: "prune", options: ["MaxToPrune": 2, "finetune": ["rate": 0.01, "solver": "adam"]],
                needs: ["load"], reads: [StageRead(role: "network", id: "load")], seed: 7),
            StageSpecification(
                id: "evaluate", kind: "evaluate", needs: ["prune"], reads: [StageRead(role: "network", id: "prune")],
                isTransparent: true),
            StageSpecification(
                id: "quantize", kind: "quantize", needs: ["evaluate"],
                reads: [StageRead(role: "network", id: "prune")]),
        ]
    }

    static func digest(_ text: String) -> String { Digest(of: .string(text)).hex }

    static func graph(_ change: (inout [StageSpecification]) -> Void = { _ in }) -> StageGraph {
        var stages = stages()
        change(&stages)
        return StageGraph([RecipeStages(name: "road", seed: 7, stages: stages)])
    }

    static func lines(
        _ graph: StageGraph, _ holdings: FakeHoldings, fresh: Bool = false, from: String? = nil, until: String? = nil
    ) throws -> [String] {
        try RunPlan(graph, holdings: holdings, fresh: fresh, from: from, until: until).decisions.map(\.description)
    }

    @Test func `nothing was ever run`() throws {
        let lines = try Self.lines(Self.graph(), FakeHoldings())
        #expect(lines == Array(repeating: "runs: never run", count: 4))
    }

    @Test func `a recipe of another name is compared with the one that read the same records`() throws {
        let holdings = FakeHoldings(holding: Self.graph())
        var stages = Self.stages()
        stages[1].keyOptions["MaxToPrune"] = 4
        let renamed = StageGraph([RecipeStages(name: "street", seed: 7, stages: stages)])
        let lines = ["reused", "runs: option MaxToPrune changed from 2 to 4"] + Self.pruneFollows
        #expect(try Self.lines(renamed, holdings) == lines)
    }

    @Test func `a stage of another id is compared with the one that read the same records`() throws {
        let holdings = FakeHoldings(holding: Self.graph())
        let renumbered = Self.graph { stages in
            stages[1].id = "prune2"
            stages[1].keyOptions["MaxToPrune"] = 4
            for index in 2...3 {
                stages[index].needs = stages[index].needs.map { $0 == "prune" ? "prune2" : $0 }
                for read in stages[index].reads.indices where stages[index].reads[read].id == "prune" {
                    stages[index].reads[read].id = "prune2"
                }
            }
        }
        let follows = Self.pruneFollows.map { $0.replacing("prune", with: "prune2") }
        let lines = ["reused", "runs: option MaxToPrune changed from 2 to 4"] + follows
        #expect(try Self.lines(renumbered, holdings) == lines)
    }

    @Test func `what begins a chain is not compared with another recipe's`() throws {
        let holdings = FakeHoldings(holding: Self.graph())
        var stages = Self.stages()
        stages[0].keyOptions["network"] = .string(Self.digest("b"))
        let other = StageGraph([RecipeStages(name: "street", seed: 7, stages: stages)])
        #expect(try Self.lines(other, holdings) == Array(repeating: "runs: never run", count: 4))
    }

    @Test func `everything is there`() throws {
        let plan = try RunPlan(Self.graph(), holdings: FakeHoldings(holding: Self.graph()))
        #expect(plan.decisions == Array(repeating: .reuse, count: 4))
        #expect(plan.runCount == 0)
    }

    static let pruneFollows = ["runs: needs prune, which runs", "runs: needs prune, which runs"]

    /// The lines of a plan after one stage was edited.
    static let edits: [(stage: Int, edit: StageEdit, lines: [String])] = [
        (
            1, StageEdit("option") { $0.keyOptions["MaxToPrune"] = 4 },
            ["reused", "runs: option MaxToPrune changed from 2 to 4"] + pruneFollows
        ),
        (
            1, StageEdit("nested options") { $0.keyOptions["finetune"] = ["rate": 0.1, "solver": "sgdm"] },
            [
                "reused",
                "runs: option finetune.rate changed from 0.01 to 0.1, "
                    + "option finetune.solver changed from \"adam\" to \"sgdm\"",
            ] + pruneFollows
        ),
        (
            1, StageEdit("added") { $0.keyOptions["goal"] = 5 },
            ["reused", "runs: option goal added as 5"] + pruneFollows
        ),
        (
            1, StageEdit("removed") { $0.keyOptions["MaxToPrune"] = nil },
            ["reused", "runs: option MaxToPrune removed, was 2"] + pruneFollows
        ),
        (
            0, StageEdit("content") { $0.keyOptions["network"] = .string(digest("b")) },
            ["runs: content of network changed", "runs: needs load, which runs"] + pruneFollows
        ),
        (1, StageEdit("seed") { $0.seed = 8 }, ["reused", "runs: seed changed from 7 to 8"] + pruneFollows),
        (1, StageEdit("no seed") { $0.seed = nil }, ["reused", "runs: no longer uses a seed"] + pruneFollows),
        (3, StageEdit("a seed") { $0.seed = 7 }, ["reused", "reused", "reused", "runs: now uses a seed"]),
        (
            1, StageEdit("implementation") { $0.implementationVersion = 2 },
            ["reused", "runs: implementation changed from version 1 to 2"] + pruneFollows
        ),
        (
            3, StageEdit("producer") { $0.reads[0].id = "load" },
            ["reused", "reused", "reused", "runs: input load changed"]
        ),
        (
            3, StageEdit("no producer") { $0.reads = [] },
            ["reused", "reused", "reused", "runs: no longer reads a network"]
        ),
        (
            3, StageEdit("producer added") { $0.reads.append(StageRead(role: "teacher", id: "load")) },
            ["reused", "reused", "reused", "runs: input load changed"]
        ),
        (3, StageEdit("kind") { $0.kind = "unpack" }, ["reused", "reused", "reused", "runs: never run"]),
        (3, StageEdit("id") { $0.id = "q" }, ["reused", "reused", "reused", "reused"]),
        (
            2, StageEdit("gate") { $0.keyOptions["require"] = ">= 1" },
            ["reused", "reused", "runs: option require added as \">= 1\"", "reused"]
        ),
    ]

    @Test(arguments: edits)
    func `an edit runs the stage and what reads it, and says why`(
        stage: Int, edit: StageEdit, lines: [String]
    ) throws {
        let holdings = FakeHoldings(holding: Self.graph())
        #expect(try Self.lines(Self.graph { edit.change(&$0[stage]) }, holdings) == lines)
    }

    @Test func `the record's state is a reason`() throws {
        let graph = Self.graph()
        var holdings = FakeHoldings(holding: graph)
        holdings.states[graph.nodes[0].key] = .damaged("'network.safetensors' is missing")
        holdings.states[graph.nodes[1].key] = .started
        holdings.states[graph.nodes[3].key] = nil
        #expect(
            try Self.lines(graph, holdings) == [
                "runs: record damaged: 'network.safetensors' is missing",
                "runs: interrupted, goes on from its checkpoint", "reused",
                "runs: its record is no longer in the store",
            ])
    }

    @Test func `fresh runs everything`() throws {
        let graph = Self.graph()
        let lines = try Self.lines(graph, FakeHoldings(holding: graph), fresh: true)
        #expect(lines == Array(repeating: "runs: forced", count: 4))
    }

    @Test func `until limits the plan to a stage and its ancestors`() throws {
        let lines = try Self.lines(Self.graph(), FakeHoldings(), until: "prune")
        let skipped = "skipped: not needed for prune"
        #expect(lines == ["runs: never run", "runs: never run", skipped, skipped])
    }

    @Test func `until names a stage of every recipe`() throws {
        let error = try #require(throws: PlanningError.self) {
            try RunPlan(Self.graph(), holdings: FakeHoldings(), until: "prun")
        }
        #expect(
            error.description
                == "recipe 'road' has no stage 'prun': its stages are load, prune, evaluate, quantize")
        #expect(error.code == .unknownStage)
    }

    @Test(
        arguments: [
            ("load", ["runs: forced", "runs: forced", "runs: forced", "runs: forced"]),
            ("prune", ["reused", "runs: forced", "runs: forced", "runs: forced"]),
            ("evaluate", ["reused", "reused", "runs: forced", "reused"]),
            ("quantize", ["reused", "reused", "reused", "runs: forced"]),
        ])
    func `from forces a stage and all that reads what it makes`(from: String, lines: [String]) throws {
        let graph = Self.graph()
        #expect(try Self.lines(graph, FakeHoldings(holding: graph), from: from) == lines)
    }

    @Test func `from and until bound a plan on both sides`() throws {
        let graph = Self.graph()
        let holdings = FakeHoldings(holding: graph)
        #expect(
            try Self.lines(graph, holdings, from: "prune", until: "quantize")
                == ["reused", "runs: forced", "runs: forced", "runs: forced"])
        let skipped = "skipped: not needed for prune"
        #expect(
            try Self.lines(graph, holdings, from: "load", until: "prune")
                == ["runs: forced", "runs: forced", skipped, skipped])
        let error = try #require(throws: PlanningError.self) {
            try RunPlan(graph, holdings: holdings, from: "quantize", until: "prune")
        }
        #expect(error.code == .notNeeded)
        #expect(
            error.description
                == "stage 'quantize' is not needed for 'prune', so there is nothing to make again from it")
    }

    @Test func `from is a stage of at least one recipe`() throws {
        let recipe = Self.graph().recipes[0]
        var other = recipe
        other.name = "other"
        other.stages[3].id = "round"
        other.stages[3].keyOptions["type"] = "int8"
        let graph = StageGraph([recipe, other])
        let holdings = FakeHoldings(holding: graph)
        #expect(
            try Self.lines(graph, holdings, from: "round")
                == Array(repeating: "reused", count: 7) + ["runs: forced"])
        // The same work in a recipe that comes first and has another id for it.
        let shared = StageGraph(
            [other, recipe, recipe].enumerated().map { number, recipe in
                var recipe = recipe
                recipe.name += "\(number)"
                if number == 2 { recipe.stages[3].id = "round2" }
                return recipe
            })
        #expect(
            try Self.lines(shared, FakeHoldings(holding: shared), from: "round2")
                == Array(repeating: "reused", count: 7) + ["runs: forced", "reused", "reused", "reused"]
                + ["shared with quantize of road1"])
        let error = try #require(throws: PlanningError.self) { try RunPlan(graph, holdings: holdings, from: "rund") }
        #expect(error.code == .unknownStage)
        #expect(
            error.description
                == "no recipe has a stage 'rund': their stages are load, prune, evaluate, quantize, round")
        let single = try #require(throws: PlanningError.self) {
            try RunPlan(Self.graph(), holdings: holdings, from: "rund")
        }
        #expect(
            single.description
                == "recipe 'road' has no stage 'rund': its stages are load, prune, evaluate, quantize")
    }

    @Test(
        arguments: [
            (RunReason.neverRun, #"{"kind":"neverRun","text":"never run"}"#),
            (.forced, #"{"kind":"forced","text":"forced"}"#),
            (.interrupted, #"{"kind":"interrupted","text":"interrupted, goes on from its checkpoint"}"#),
            (.recordMissing, #"{"kind":"recordMissing","text":"its record is no longer in the store"}"#),
            (.recordDamaged("torn"), #"{"damage":"torn","kind":"recordDamaged","text":"record damaged: torn"}"#),
            (
                .implementationChanged(from: 1, to: 2),
                #"{"from":1,"kind":"implementationChanged","text":"implementation changed from version 1 to 2","to":2}"#
            ),
            (.seedChanged(from: nil, to: 7), #"{"kind":"seedChanged","text":"now uses a seed","to":7}"#),
            (
                .inputChanged(producer: "prune", runs: true),
                #"{"kind":"inputChanged","producer":"prune","runs":true,"text":"needs prune, which runs"}"#
            ),
            (
                .inputRemoved(role: "teacher"),
                #"{"kind":"inputRemoved","role":"teacher","text":"no longer reads a teacher"}"#
            ),
            (
                .optionsChanged([OptionChange(path: "a.b", from: 1, to: nil), OptionChange(path: "c", from: 1, to: 2)]),
                #"{"changes":[{"from":1,"path":"a.b"},{"from":1,"path":"c","to":2}],"kind":"optionsChanged","#
                    + #""text":"option a.b removed, was 1, option c changed from 1 to 2"}"#
            ),
        ])
    func `a reason has a form for programs`(reason: RunReason, text: String) {
        #expect(reason.json.canonicalText == text)
    }

    @Test func `stages with equal keys are made once`() throws {
        let recipe = Self.graph().recipes[0]
        var other = recipe
        other.name = "other"
        other.stages[3].keyOptions["type"] = "int8"
        let plan = try RunPlan(StageGraph([recipe, other]), holdings: FakeHoldings())
        #expect(
            plan.decisions.map(\.description) == Array(repeating: "runs: never run", count: 4)
                + ["shared with load of road", "shared with prune of road", "shared with evaluate of road"]
                + ["runs: never run"])
        #expect(plan.runCount == 5)
    }

    @Test func `a long value is cut in the reason`() throws {
        let graph = Self.graph { $0[1].keyOptions["LayerNames"] = .array((0..<20).map { "layer_\($0)" }) }
        let lines = try Self.lines(graph, FakeHoldings(holding: Self.graph()))
        #expect(lines[1] == "runs: option LayerNames added as [\"layer_0\",\"layer_1\",\"layer_2\",\"layer...")
    }

    @Test func `numbers are compared by what they are written as`() throws {
        var holdings = FakeHoldings(holding: Self.graph())
        let graph = Self.graph { $0[1].keyOptions["finetune"] = ["rate": 0.01, "solver": "adam"] }
        holdings.states[graph.nodes[1].key] = nil
        holdings.latest["road/prune"]?["options"]?["MaxToPrune"] = .number(2)
        #expect(try Self.lines(graph, holdings)[1] == "runs: its record is no longer in the store")
    }
}
