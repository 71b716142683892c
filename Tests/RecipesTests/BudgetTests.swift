import Documents
import Recipes
import Testing

@Suite struct BudgetTests {
    @Test(
        arguments: [
            (ParameterGoal.totalParameters(383), 0.5, 984, 383), (.memory(bytes: 1536), 0.5, 985, 384),
            (.reduction(ExactDecimal(0.7585)), 0.5, 984, 383), (.totalParameters(383), 0, 1586, 383),
            (.totalParameters(383), 1, 383, 383), (.totalParameters(383), 0.25, 1285, 383),
            (.reduction(ExactDecimal(0)), 0.5, 1586, 1586), (.reduction(ExactDecimal(1)), 0.5, 793, 0),
            (.totalParameters(5000), 0.5, 1586, 1586), (.memory(bytes: 1539), 0.5, 985, 384),
            (.totalParameters(383), 1.0 / 3, 1185, 383),
        ])
    func `Goals of the road network are floors in exact arithmetic`(
        goal: ParameterGoal, fraction: Double, prune: Int, project: Int
    ) {
        let budget = Budget(goal: goal, pruningFraction: ExactDecimal(fraction))
        let goals = budget.goals(totalParameters: 1586)
        #expect(goals.prune == prune)
        #expect(goals.project == project)
    }

    @Test func `A product that binary arithmetic gets wrong by one is right`() {
        // In binary arithmetic 100 * (1 - 0.42) is 57.99999999999999.
        #expect(ParameterGoal.reduction(ExactDecimal(0.42)).parameters(of: 100) == 58)
    }

    @Test(
        arguments: [
            (#"{"totalParameters":383,"pruningFraction":0.5}"#, 984),
            (#"{"memory":1536,"pruningFraction":0.5}"#, 985), (#"{"reduction":0.7585,"pruningFraction":0.5}"#, 984),
        ])
    func `A budget is read from its checked form`(json: String, prune: Int) throws {
        let budget = try #require(Budget(JSONValue(parsing: json)))
        #expect(budget.goals(totalParameters: 1586).prune == prune)
    }
}
