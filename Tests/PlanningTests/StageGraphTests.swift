import Planning
import Testing

@Suite struct StageGraphTests {
    static func stage(_ id: String, needs: [String] = [], reads: [String] = []) -> StageSpecification {
        StageSpecification(
            id: id, kind: id, needs: needs, reads: reads.map { StageRead(role: "network", id: $0) })
    }

    @Test func `stages come after those they need or read, and else in recipe order`() {
        let stages = [
            Self.stage("d", needs: ["c"], reads: ["b"]), Self.stage("a"), Self.stage("c", needs: ["a"]),
            Self.stage("b"),
        ]
        let graph = StageGraph([RecipeStages(name: "r", seed: 0, stages: stages)])
        #expect(graph.order.map { graph.nodes[$0].specification.id } == ["a", "c", "b", "d"])
        #expect(graph.nodes[0].dependencies == [2, 3])
    }

    @Test func `stages of several recipes are found by recipe and place`() {
        let recipe = RecipeStages(name: "r", seed: 0, stages: [Self.stage("a"), Self.stage("b", needs: ["a"])])
        let graph = StageGraph([recipe, recipe])
        #expect(graph.nodes.map(\.recipe) == [0, 0, 1, 1])
        #expect(graph.nodes.map(\.position) == [0, 1, 0, 1])
        #expect(graph.nodes[3].dependencies == [2])
        #expect(graph.nodes[0].key == graph.nodes[2].key)
    }

    @Test func `a cycle is a fault of the caller`() async {
        await #expect(processExitsWith: .failure) {
            _ = StageGraph([
                RecipeStages(
                    name: "r", seed: 0,
                    stages: [StageGraphTests.stage("a", needs: ["b"]), StageGraphTests.stage("b", needs: ["a"])])
            ])
        }
    }
}
