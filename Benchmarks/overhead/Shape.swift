internal import ArgumentParser
internal import Documents
internal import Planning

/// How some stages hang together.
enum Shape: String, CaseIterable, ExpressibleByArgument {
    /// One recipe: a stage that all the others read.
    case wide
    /// One recipe: each stage reads the one before it.
    case chain
    /// Recipes of four stages in a chain, that share none.
    case sweep

    /// The recipes of some stages.
    func recipes(stages count: Int) -> [RecipeStages] {
        switch self {
        case .wide:
            [Self.recipe("wide", (0..<count).map { Self.stage($0, reads: $0 == 0 ? nil : 0) })]
        case .chain:
            [Self.recipe("chain", (0..<count).map { Self.stage($0, reads: $0 == 0 ? nil : $0 - 1) })]
        case .sweep:
            (0..<count / 4).map { point in
                Self.recipe(
                    "point-\(point)",
                    (0..<4).map { Self.stage($0, value: point, reads: $0 == 0 ? nil : $0 - 1) })
            }
        }
    }

    private static func recipe(_ name: String, _ stages: [StageSpecification]) -> RecipeStages {
        RecipeStages(name: name, seed: 1, stages: stages)
    }

    /// A stage with about as many options as one of ours.
    private static func stage(_ number: Int, value: Int = 0, reads producer: Int?) -> StageSpecification {
        StageSpecification(
            id: "stage-\(number)", kind: "trivial",
            options: [
                "number": .integer(number), "value": .integer(value), "solver": "adam", "InitialLearnRate": 0.001,
                "MaxEpochs": 30, "MiniBatchSize": 128, "LayerNames": ["conv1d_*", "fc_1", "fc_2"],
                "goal": ["totalParameters": 984], "Metrics": ["accuracy"],
            ],
            needs: producer.map { ["stage-\($0)"] } ?? [],
            reads: producer.map { [StageRead(role: "network", id: "stage-\($0)")] } ?? [], seed: 1)
    }
}
