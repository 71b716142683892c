package import Documents

/// What each technique can save of a network, for `pare analyze` and for the stage: tables of layers and of the whole.
package struct AnalysisReport: Sendable {
    private let analysis: JSONValue
    private let style: TextStyle

    /// - Parameter analysis: The `analysis` member of an artifact.
    package init(_ analysis: JSONValue, style: TextStyle = TextStyle()) {
        self.analysis = analysis
        self.style = style
    }

    package var text: String { lines.map { $0 + "\n" }.joined() }

    var lines: [String] { layers + [""] + techniques }

    /// A row for each layer that has learnables, makes channels or keeps float32.
    private var layers: [String] {
        var table = TextTable([
            .init("layer"), .init("kind"), .init("output"), .init("learnables", isNumeric: true),
            .init("memory", isNumeric: true), .init("filters", isNumeric: true), .init("stay", isNumeric: true),
            .init("project to", isNumeric: true), .init("at 95 %", isNumeric: true), .init("int8", isNumeric: true),
            .init("why not, and what goes together"),
        ])
        for layer in analysis["layers"]?.elements ?? [] {
            let (prune, project, quantize) = (layer["prune"], layer["project"], layer["quantize"])
            let keepsFloat = quantize?["reason"] != nil
            guard layer["learnables"]?.whole != 0 || prune != nil || keepsFloat else { continue }
            let isProjectable = project != nil && project?["reason"] == nil
            let kept = project?["atExplainedVariance"]?.elements?.first { $0["level"]?.double == 0.95 }
            table.append(
                [
                    layer["name"]?.text, layer["kind"]?.text,
                    layer["outputShape"]?.elements?.compactMap { $0.whole.map { String($0) } }.joined(separator: " x "),
                    layer["learnables"]?.whole?.grouped, layer["memoryBytes"]?.whole?.byteCount,
                    prune?["filters"]?.whole?.grouped, prune?["minimum"]?.whole?.grouped,
                    isProjectable ? project?["minimumLearnables"]?.whole?.grouped : "",
                    kept?["learnables"]?.whole?.grouped,
                    keepsFloat ? "" : quantize?["memoryBytes"]?.whole.map { $0 == 0 ? "folded" : $0.byteCount },
                    Self.notes(prune, project, quantize),
                ].map { .init($0 ?? "") })
        }
        return table.lines(style)
    }

    private static func notes(_ prune: JSONValue?, _ project: JSONValue?, _ quantize: JSONValue?) -> String {
        var notes: [String] = []
        if let reason = prune?["reason"]?.text { notes.append("prune: \(reason)") }
        let partners = prune?["partners"]?.elements?.compactMap(\.text) ?? []
        if prune?["reason"] == nil, !partners.isEmpty {
            let more = partners.count > 3 ? " and \(partners.count - 3) more" : ""
            notes.append("goes with \(partners.prefix(3).joined(separator: ", "))\(more)")
        }
        if let reason = project?["reason"]?.text, prune != nil { notes.append("project: \(reason)") }
        if let reason = quantize?["reason"]?.text { notes.append("int8: \(reason)") }
        return notes.joined(separator: "; ")
    }

    /// The whole network as each technique can leave it, and what its activations take.
    private var techniques: [String] {
        var table = TextTable([
            .init("at the most"), .init("parameters", isNumeric: true), .init("memory", isNumeric: true),
            .init("less", isNumeric: true),
        ])
        for (index, technique) in (analysis["techniques"]?.elements ?? []).enumerated() {
            table.append(
                [
                    technique["name"]?.text, technique["totalParameters"]?.whole?.grouped,
                    technique["memoryBytes"]?.whole?.byteCount,
                    index == 0 ? "" : technique["reduction"]?.double?.percentage,
                ].map { .init($0 ?? "") })
        }
        let arena = analysis["activationMemory"]
        let sizes = ["float32", "int8"].compactMap { type in arena?[type]?.whole.map { "\($0.byteCount) in \(type)" } }
        return table.lines(style) + ["", "activations of one example: \(sizes.joined(separator: ", "))"]
    }
}
