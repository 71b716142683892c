import Documents
import Execution
import Planning
import Recipes
import Stages
import Testing

@Suite struct FractionSearchTests {
    static let recipe = TinyProject.recipe.replacing("pruningFraction: 0.5", with: "pruningFraction: auto")

    @Test func `an open fraction is tried in five ways, which differ from the recipe in what is evaluated`() throws {
        let project = try TinyProject()
        let open = try project.resolve(Self.recipe)
        let search = try #require(open.search)
        #expect(open.stages.stages.isEmpty)
        #expect(search.fractions == [0, 0.25, 0.5, 0.75, 1])
        #expect(search.candidates.map(\.stages.name)[1] == "tiny/pruningFraction=0.25")
        #expect("\(search.objective.result)" == "evaluate.accuracy" && search.objective.direction == .maximize)
        for (index, fraction) in search.fractions.enumerated() {
            let recipe = search.recipe(index, record: ["chosen": .number(fraction)])
            #expect(recipe.stages.search == ["chosen": .number(fraction)])
            let plain = try project.resolve(TinyProject.recipe, ["budget.pruningFraction=\(fraction)"])
            #expect(recipe.stages.stages == plain.stages.stages)
            let keys = [recipe, search.candidates[index]].map { StageGraph([$0.stages]).nodes.map(\.key) }
            #expect(keys[0].dropLast() == keys[1].dropLast())
            #expect(keys[0].last != keys[1].last)
        }
        let options = search.candidates[0].stages.stages.last?.options
        #expect(options?["split"] == "validation")
    }

    @Test func `a fraction by which a goal cannot be reached is left out`() throws {
        let recipe = Self.recipe.replacing("totalParameters: 70", with: "totalParameters: 38")
        let all = try #require(try TinyProject().resolve(Self.recipe).search).fractions
        let some = try #require(try TinyProject().resolve(recipe).search).fractions
        #expect(!some.isEmpty && some.count < all.count, "\(some)")
    }

    @Test(arguments: [
        ("[loss, confusion]", "evaluate.loss", "minimize"), ("[f1, loss]", "evaluate.f1", "maximize"),
        ("[loss, accuracy]", "evaluate.accuracy", "maximize"),
    ])
    func `candidates are compared by accuracy, or else by the first metric`(
        metrics: String, result: String, direction: String
    ) throws {
        let recipe = Self.recipe.replacing("[accuracy, loss, confusion]", with: metrics)
        let objective = try #require(try TinyProject().resolve(recipe).search).objective
        #expect("\(objective.result)" == result && objective.direction.rawValue == direction)
    }
}
