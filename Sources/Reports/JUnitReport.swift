internal import Documents
internal import Execution

/// The outcome of a command as JUnit XML, which systems for continuous integration show as tests.
///
/// A recipe is a test suite. A stage is a test case, and so is each requirement and each goal: it fails with what was
/// measured against what was required. A stage that failed or was interrupted is an error; what was not run is
/// skipped. A recipe with faults is a suite with one error.
package struct JUnitReport: Sendable {
    private let outcome: BatchOutcome

    /// What every such document begins with.
    package static let opening = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"pare\""

    package init(_ outcome: BatchOutcome) {
        self.outcome = outcome
    }

    /// The document.
    package var text: String {
        let suites = outcome.entries.map { Suite($0, version: outcome.version) }
        return XMLElement(
            "testsuites", [("name", "pare")] + Self.counts(of: suites.flatMap(\.cases)) + Self.time(outcome.seconds),
            suites.map(\.element)
        ).document
    }

    /// The counts that suites and the whole have.
    fileprivate static func counts(of cases: [Case]) -> [(name: String, value: String)] {
        [
            ("tests", String(cases.count)), ("failures", count("failure", cases)), ("errors", count("error", cases)),
        ]
    }

    fileprivate static func count(_ outcome: String, _ cases: [Case]) -> String {
        String(cases.count { $0.outcome?.name == outcome })
    }

    fileprivate static func time(_ seconds: Double) -> [(name: String, value: String)] { [("time", seconds.fixed(3))] }
}

// MARK: - Cases

/// A test case: passed if it has no outcome.
private struct Case {
    let name: String
    var seconds = 0.0
    /// What was found, as one reads it in a log.
    var output = ""
    var outcome: XMLElement?

    static func failure(_ type: String, _ message: String, text: String = "") -> XMLElement {
        XMLElement("failure", [("message", message), ("type", type)], text: text)
    }

    static func error(_ type: String, _ message: String, text: String = "") -> XMLElement {
        XMLElement("error", [("message", message), ("type", type)], text: text)
    }

    static func skipped(_ message: String) -> XMLElement { XMLElement("skipped", [("message", message)]) }

    func element(in suite: String) -> XMLElement {
        XMLElement(
            "testcase", [("classname", suite), ("name", name), ("time", seconds.fixed(3))],
            (outcome.map { [$0] } ?? []) + (output.isEmpty ? [] : [XMLElement("system-out", text: output)]))
    }
}

/// A test suite: one recipe.
private struct Suite {
    private let entry: BatchOutcome.Entry
    private let version: String
    let cases: [Case]

    init(_ entry: BatchOutcome.Entry, version: String) {
        self.entry = entry
        self.version = version
        var cases: [Case] = []
        if let fault = entry.fault {
            let first = fault.split(separator: "\n").first.map(String.init) ?? ""
            cases.append(Case(name: "recipe", outcome: Case.error("recipe", first, text: fault)))
        } else if entry.run == nil, entry.differences == nil {
            cases.append(Case(name: "recipe", outcome: Case.skipped("not run, as another recipe could not be")))
        }
        if let differences = entry.differences {
            let message = "\(differences.count.of("difference")) from the lock file"
            cases.append(
                Case(
                    name: "lock",
                    outcome: differences.isEmpty
                        ? nil : Case.failure("lock", message, text: differences.joined(separator: "\n"))))
        }
        self.cases = cases + (entry.run?.stages ?? []).flatMap(Self.cases)
    }

    var element: XMLElement {
        let seconds = entry.run?.seconds ?? 0
        var attributes =
            [("name", entry.name)] + JUnitReport.counts(of: cases)
            + [("skipped", JUnitReport.count("skipped", cases))] + JUnitReport.time(seconds)
        // Readers expect the time of day without its fraction and zone.
        if let started = entry.run?.started, !started.isEmpty {
            attributes.append(("timestamp", String(started.prefix(19))))
        }
        var properties = [("pare", version)]
        if let run = entry.run {
            properties += [("instructionSet", run.instructionSet), ("folder", run.folder)]
            properties += run.stages.map { ("key.\($0.id)", $0.key) }
        }
        let list = properties.filter { !$0.1.isEmpty }.map {
            XMLElement("property", [("name", $0), ("value", $1)])
        }
        return XMLElement(
            "testsuite", attributes, [XMLElement("properties", [], list)] + cases.map { $0.element(in: entry.name) })
    }

    /// The stage, its goal, and its requirements: those of the recipe, if the stage did not come to check them.
    private static func cases(of stage: RunRecord.Stage) -> [Case] {
        var cases = [
            Case(
                name: stage.id, seconds: stage.seconds, output: stage.figures?.summary ?? "", outcome: outcome(stage))
        ]
        guard let figures = stage.figures else {
            let required = (stage.options["require"]?.members ?? [:]).sorted { $0.key < $1.key }
            return cases
                + required.map { metric, text in
                    Case(
                        name: "\(stage.id): \(metric) \(text.text ?? "")",
                        outcome: Case.skipped("not measured, as '\(stage.id)' did not end"))
                }
        }
        if let goal = figures.goal {
            let failure = Case.failure("goal", "reached \(goal.reached), requested \(goal.requested)")
            cases.append(Case(name: "\(stage.id): goal \(goal.requested)", outcome: goal.isMet ? nil : failure))
        }
        return cases
            + figures.requirements.map { requirement in
                let bound = requirement.bound
                let failure = Case.failure(
                    "requirement", "measured \(requirement.measured), required \(requirement.required) (\(bound))")
                return Case(
                    name: "\(stage.id): \(requirement.metric) \(requirement.required)",
                    outcome: requirement.isMet ? nil : failure)
            }
    }

    private static func outcome(_ stage: RunRecord.Stage) -> XMLElement? {
        switch stage.status {
        case .ran, .reused: nil
        case .failed: Case.error("stage", stage.message ?? "failed for an unknown reason")
        case .interrupted: Case.error("interrupted", "interrupted: the same command goes on from there")
        case .skipped: Case.skipped(stage.message ?? "not run")
        }
    }
}
