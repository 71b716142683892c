internal import Checkpoints
internal import Documents

extension Record {
    /// What a stage made, in a line: `984 parameters, 3.8 KiB, goal 984 met`.
    var summary: String {
        var parts: [String] = []
        if let parameters { parts.append(parameters.of("parameter")) }
        if let memory { parts.append(memory.byteCount) }
        if let goal { parts.append("goal \(goal.summary)") }
        parts += (rows.last?.measures ?? []).map { "\($0.metric) \($0.text)" }
        if !requirements.isEmpty {
            parts.append("\(requirements.count(where: \.isMet)) of \(requirements.count.of("requirement")) met")
        }
        return parts.joined(separator: ", ")
    }

    /// Learnables and states of the network.
    var parameters: Int? { result.value(at: "network.totalParameters")?.whole }

    /// What the network takes as it is stored, in bytes.
    var memory: Int? { result.value(at: "network.memoryBytes")?.whole }

    /// What the stage was to reach, if it had a goal.
    var goal: Goal? { result["goal"].flatMap(Goal.init) }

    /// The networks that were measured; only `evaluate` has them.
    var rows: [Row] { (result["rows"]?.elements ?? []).compactMap(Row.init) }

    /// What the measures had to meet; only `evaluate` has them.
    var requirements: [Requirement] { (result["requirements"]?.elements ?? []).compactMap(Requirement.init) }

    /// How often each label was taken for each, if it was counted.
    var confusion: Confusion? { result["confusion"].flatMap(Confusion.init) }
}

/// A goal and what was reached.
struct Goal {
    let requested: String
    let reached: String
    let isMet: Bool

    init?(_ value: JSONValue) {
        guard let requested = value["requested"], let isMet = value["met"]?.flag else { return nil }
        self.requested = Self.text(of: requested)
        reached = value["reached"].map(Self.text) ?? "nothing"
        self.isMet = isMet
    }

    /// `984 met`, or `383 not met, reached 391`.
    var summary: String { isMet ? "\(requested) met" : "\(requested) not met, reached \(reached)" }

    /// Goals are counts of parameters, or shares such as that of the explained variance.
    private static func text(of value: JSONValue) -> String {
        value.whole.map(\.grouped) ?? value.double.map(\.brief) ?? value.canonicalText
    }
}

/// One network that was measured.
struct Row {
    /// The id of the stage that made it.
    let need: String
    /// Each metric, accuracy first, then by name: `93.4 % (156 of 167)`, `0.1734`.
    let measures: [(metric: String, text: String)]

    init?(_ value: JSONValue) {
        guard let need = value["need"]?.text else { return nil }
        self.need = need
        let metrics = (value["metrics"]?.members ?? [:]).sorted {
            ($0.key == "accuracy" ? "" : $0.key) < ($1.key == "accuracy" ? "" : $1.key)
        }
        measures = metrics.map { name, measure in
            let text = Requirement.text(of: measure["value"], name)
            guard let correct = measure["correct"]?.whole, let count = measure["count"]?.whole else {
                return (name, text)
            }
            return (name, "\(text) (\(correct.grouped) of \(count.grouped))")
        }
    }
}

/// What a measure had to meet.
struct Requirement {
    let metric: String
    let required: String
    let bound: String
    let measured: String
    let isMet: Bool

    init?(_ value: JSONValue) {
        guard let metric = value["metric"]?.text, let required = value["required"]?.text,
            let isMet = value["met"]?.flag
        else { return nil }
        self.metric = metric
        self.required = required
        self.isMet = isMet
        bound = Self.text(of: value["bound"], metric)
        measured = Self.text(of: value["measured"], metric)
    }

    static func text(of value: JSONValue?, _ metric: String) -> String {
        guard let number = value?.double else { return "not finite" }
        switch metric {
        case "accuracy", "topK": return number.percentage
        case "memory": return number.rounded() == number ? "\(Int(number).grouped) B" : "\(number.brief) B"
        default: return value?.whole.map(\.grouped) ?? number.brief
        }
    }
}

/// How often each label was taken for each: a row for each true label, a column for each answer.
struct Confusion {
    let labels: [String]
    let counts: [[Int]]

    init?(_ value: JSONValue) {
        guard let labels = value["labels"]?.elements, let rows = value["counts"]?.elements else { return nil }
        self.labels = labels.compactMap(\.text)
        counts = rows.map { ($0.elements ?? []).compactMap(\.whole) }
        guard counts.count == self.labels.count, counts.allSatisfy({ $0.count == self.labels.count }) else {
            return nil
        }
    }
}
