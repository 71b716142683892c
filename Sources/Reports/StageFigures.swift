internal import Documents

/// The figures that a stage found, as they are shown: in lines, tables and the reports of a batch.
struct StageFigures {
    /// The `result` member of an artifact.
    let result: JSONValue

    /// What a stage made, in a line: `984 parameters, 3.8 KiB, goal 984 met`.
    var summary: String {
        var parts: [String] = []
        if let parameters { parts.append(parameters.of("parameter")) }
        if let memory { parts.append(memory.byteCount) }
        if let zeros = result.value(at: "sparsity.reached")?.double {
            parts.append("\(zeros.percentage) of the weights zero")
        }
        if let bytes = result.value(at: "storage.sparseBytes")?.whole {
            parts.append("\(bytes.byteCount) stored sparse")
        }
        if let goal { parts.append("goal \(goal.summary)") }
        // That a goal was met is said already.
        if let stopReason, goal == nil || !stopReason.hasPrefix("goal met") { parts.append(stopReason) }
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

    /// Why an iterative compression ended, if the stage is one.
    var stopReason: String? { result["stopReason"]?.text }

    /// The iterations of a pruning, the start first.
    var iterations: [Iteration] { (result["history"]?.elements ?? []).compactMap(Iteration.init) }

    /// What became of the layers; only `project` has them.
    var projections: [Projection] { (result["layers"]?.elements ?? []).compactMap(Projection.init) }

    /// The networks that were measured; only `evaluate` has them.
    var rows: [Row] { (result["rows"]?.elements ?? []).compactMap(Row.init) }

    /// What the measures had to meet; only `evaluate` has them.
    var requirements: [Requirement] { (result["requirements"]?.elements ?? []).compactMap(Requirement.init) }

    /// The last network beside an earlier one, if that was asked for.
    var comparison: Comparison? { result["comparison"].flatMap(Comparison.init) }

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
        let measure = value["measure"]?.text
        self.requested = Self.text(of: requested, measure)
        reached = value["reached"].map { Self.text(of: $0, measure) } ?? "nothing"
        self.isMet = isMet
    }

    /// `984 met`, or `383 not met, reached 391`.
    var summary: String { isMet ? "\(requested) met" : "\(requested) not met, reached \(reached)" }

    /// Goals are counts of parameters or of what they say, or shares such as that of the explained variance.
    private static func text(of value: JSONValue, _ measure: String?) -> String {
        guard let count = value.whole else { return value.double.map(\.brief) ?? value.canonicalText }
        switch measure {
        case "memory": return count.byteCount
        case "learnables": return "\(count.grouped) learnables"
        case "multiplyAccumulates": return "\(count.grouped) multiply-accumulates"
        default: return count.grouped
        }
    }
}

/// One iteration of a pruning.
struct Iteration {
    let number: Int
    let learnables: Int
    /// The share of the learnables that is gone.
    let removed: Double
    /// Of the fine-tuning, on the training data.
    let loss: Double?
    /// On the validation data, if there was a threshold: the metric that it is of.
    let objective: Double?
    let isAccepted: Bool

    init?(_ value: JSONValue) {
        guard let number = value["iteration"]?.whole, let learnables = value["learnables"]?.whole,
            let removed = value["fractionRemoved"]?.double
        else { return nil }
        self.number = number
        self.learnables = learnables
        self.removed = removed
        loss = value["loss"]?.double
        objective = value["objective"]?.double
        isAccepted = value["isAccepted"]?.flag ?? true
    }
}

/// One layer that could be projected.
struct Projection {
    let name: String
    /// `8 of 12`, or `12` for a side that was left alone.
    let input: String
    let output: String
    let explainedVariance: Double
    let before: Int
    let after: Int
    let reduction: Double

    init?(_ value: JSONValue) {
        guard let name = value["name"]?.text, let explained = value["explainedVariance"]?.double,
            let before = value["learnablesBefore"]?.whole, let after = value["learnablesAfter"]?.whole,
            let reduction = value["reduction"]?.double
        else { return nil }
        func side(_ name: String) -> String {
            let dimension = value["\(name)Dimension"]?.whole?.grouped ?? ""
            return value["\(name)Rank"]?.whole.map { "\($0.grouped) of \(dimension)" } ?? dimension
        }
        self.name = name
        (input, output) = (side("input"), side("output"))
        explainedVariance = explained
        (self.before, self.after, self.reduction) = (before, after, reduction)
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
        measured = value["reason"]?.text ?? Self.text(of: value["measured"], metric)
    }

    /// How much a measure grew: `-0.6 points`, `+0.0125`.
    static func change(_ difference: Double, _ metric: String) -> String {
        let text = shares.contains(metric) ? (difference * 100).fixed(1) + " points" : difference.brief
        return (difference > 0 ? "+" : "") + text
    }

    /// The metrics that are shown as percentages.
    private static let shares: Set<String> = ["accuracy", "topK"]

    static func text(of value: JSONValue?, _ metric: String) -> String {
        guard let number = value?.double else { return "not finite" }
        switch metric {
        case _ where shares.contains(metric): return number.percentage
        case "memory", "activationMemory":
            return number.rounded() == number ? "\(Int(number).grouped) B" : "\(number.brief) B"
        default: return value?.whole.map(\.grouped) ?? number.brief
        }
    }
}

/// A network beside an earlier one.
struct Comparison {
    let against: String
    /// Each metric and size: `accuracy 93.4 % 92.8 % -0.6 points`, `memory 6.2 KiB 474 B 7.5 %`.
    let figures: [(name: String, from: String, to: String, change: String)]
    /// The bytes of each layer that has any.
    let layers: [(name: String, from: String, to: String, change: String)]

    init?(_ value: JSONValue) {
        guard let against = value["against"]?.text else { return nil }
        self.against = against
        let metrics = (value["metrics"]?.members ?? [:]).sorted { $0.key < $1.key }
        let sizes = ["memory", "activationMemory", "totalParameters", "learnables", "macs"]
        figures =
            metrics.map { name, pair in
                (
                    name, Requirement.text(of: pair["from"], name), Requirement.text(of: pair["to"], name),
                    pair["difference"]?.double.map { Requirement.change($0, name) } ?? ""
                )
            }
            + sizes.compactMap { name in
                value.value(at: "sizes.\(name)").map {
                    Self.size(name, $0, inBytes: name.lowercased().hasSuffix("memory"))
                }
            }
        layers = (value["layers"]?.elements ?? []).compactMap { layer in
            guard let name = layer["name"]?.text, let bytes = layer["memoryBytes"],
                bytes["from"]?.whole != 0 || bytes["to"]?.whole != 0
            else { return nil }
            return Self.size(name, bytes, inBytes: true)
        }
    }

    private static func size(_ name: String, _ pair: JSONValue, inBytes: Bool) -> (String, String, String, String) {
        func text(_ value: JSONValue?) -> String {
            value?.whole.map { inBytes ? $0.byteCount : $0.grouped } ?? value?.double?.brief ?? ""
        }
        return (name, text(pair["from"]), text(pair["to"]), pair["ratio"]?.double?.percentage ?? "")
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
