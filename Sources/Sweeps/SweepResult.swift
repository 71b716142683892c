package import Documents
package import Execution
package import Recipes

/// What came of a sweep: a row for each point, those that no other beats, and the best one.
package struct SweepResult: Sendable {
    /// The name of the recipe.
    package let name: String
    package let objective: Objective?
    package let points: [SweepOutcome]
    /// The points that no other beats in both the objective and bytes, by bytes; of equal ones the first.
    package let pareto: [Int]
    /// The point that meets what is asked for and is best by the objective, then smallest, then first; one that misses
    /// something if all do; `nil` without an objective or a point that is done.
    package let leader: Int?

    package init(name: String, objective: Objective?, points: [SweepOutcome]) {
        self.name = name
        self.objective = objective
        self.points = points
        guard let objective else {
            (pareto, leader) = ([], nil)
            return
        }
        let rated = points.compactMap { point -> Rated? in
            guard point.status == .done, let value = point.figures.first?.value, let bytes = point.memoryBytes
            else { return nil }
            return Rated(
                number: point.number, isMet: point.isMet, value: objective.direction == .maximize ? -value : value,
                bytes: bytes)
        }
        leader = rated.min { $0.rank < $1.rank }?.number
        var front: [Rated] = []
        for point in rated.sorted(by: { ($0.bytes, $0.value, $0.number) < ($1.bytes, $1.value, $1.number) })
        where front.last.map({ point.value < $0.value }) ?? true {
            front.append(point)
        }
        pareto = front.map(\.number)
    }

    /// A point as it is compared: less is better.
    private struct Rated {
        let number: Int
        let isMet: Bool
        let value: Double
        let bytes: Int

        var rank: (Int, Double, Int, Int) { (isMet ? 0 : 1, value, bytes, number) }
    }

    /// The leader, if it meets what is asked for.
    package var best: Int? { leader.flatMap { points[$0].isMet ? $0 : nil } }

    /// Whether points are done, and none of them meets what is asked for.
    package var isUnmet: Bool {
        points.contains { $0.status == .done } && !points.contains { $0.isMet }
    }

    /// The status of the sweep: failed if a point is not done, not met if no point reaches what was asked for.
    package var exitStatus: ExitStatus {
        if points.contains(where: { $0.status != .done }) { return .failed }
        return isUnmet ? .requirementNotMet : .done
    }
}

// MARK: - What is shown

extension SweepResult {
    /// The path of the result that is looked for, if one is.
    package var goal: String? { objective.map { "\($0.result)" } }

    /// The paths of all results that are looked at.
    package var results: [String] { objective?.results.map(\.description) ?? [] }

    /// The options that tell points apart, in the order in which they are set; all of them of a single point.
    package var options: [String] {
        let paths = points.flatMap(\.settings).map(Self.path).reduce(into: [String]()) {
            if !$0.contains($1) { $0.append($1) }
        }
        return points.count < 2
            ? paths : paths.filter { path in Set(points.map { Self.value(of: path, in: $0) }).count > 1 }
    }

    /// The value that a point gives an option; empty if it sets none.
    package static func value(of path: String, in point: SweepOutcome) -> String {
        point.settings.last { Self.path($0) == path }.map { String($0.dropFirst(path.count + 1)) } ?? ""
    }

    private static func path(_ setting: String) -> String { String(setting.prefix { $0 != "=" }) }
}

// MARK: - Document

extension SweepResult {
    /// `sweep.json`.
    package var document: JSONValue {
        [
            "schema": "pare.sweep/1", "name": .string(name), "objective": objective?.json ?? .null,
            "options": .array(options.map { .string($0) }), "points": .array(points.map(\.json)),
            "pareto": .array(pareto.map { .integer($0) }), "best": best.map { .integer($0) } ?? .null,
            "exitStatus": .integer(Int(exitStatus.rawValue)),
        ]
    }
}

extension SweepOutcome {
    /// The point as a row of `sweep.json` and as an event.
    package var json: JSONValue {
        var row: JSONValue = [
            "point": .integer(number), "set": .array(settings.map { .string($0) }), "status": .string(status.rawValue),
            "results": .object(
                Dictionary(
                    figures.map { ($0.path, $0.value.map { .number($0) } ?? .null) }, uniquingKeysWith: { $1 })),
            "memoryBytes": memoryBytes.map { .integer($0) } ?? .null,
            "requirementsMet": .boolean(requirementsMet), "constraintsMet": .boolean(constraintsMet),
        ]
        row["message"] = message.map { .string($0) }
        return row
    }
}

extension Objective {
    fileprivate var json: JSONValue {
        [
            direction.rawValue: .string("\(result)"),
            "subjectTo": .object(
                Dictionary(
                    constraints.map { ("\($0.result)", .string("\($0.requirement)")) }, uniquingKeysWith: { $1 })),
        ]
    }
}
