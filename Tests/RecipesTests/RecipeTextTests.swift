import Diagnostics
import Recipes
import Testing

@Suite struct RecipeTextTests {
    @Test func `a recipe with options set is written without its sweep, its paths as the file needs them`() throws {
        let file = SourceFile(
            name: "road.yaml",
            text: """
                # A comment.
                version: 1
                name: road
                x-training: &training {solver: sgdm, MaxEpochs: 3}
                stages:
                  - load: {network: networks/a.yaml, data: data}
                  - prune:
                      goal: {reduction: 10 %}
                      retrain: {<<: *training, MaxEpochs: 5}
                  - evaluate
                sweep: {parameters: {prune.MaxToPrune: [1, 2]}}
                """)
        let text = Recipe.text(
            of: file, overrides: [Override("prune.MaxToPrune=2"), Override("evaluate.verbose=true")],
            kinds: SampleKinds.all, comment: ["Point 1.", "Best."], rebase: { "../" + $0 })
        #expect(
            text == """
                # Point 1.
                # Best.
                version: 1
                name: road
                stages:
                - load:
                    network: ../networks/a.yaml
                    data: ../data
                - prune:
                    goal: {reduction: 10 %}
                    retrain: {MaxEpochs: 5, solver: sgdm}
                    MaxToPrune: 2
                - evaluate:
                    verbose: true

                """)
    }
}
