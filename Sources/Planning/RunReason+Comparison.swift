package import Documents

extension RunReason {
    /// Why a stage whose record is absent has to run: what differs from the ingredients it had when last done.
    ///
    /// The most telling difference wins: implementation, options, seed, inputs.
    ///
    /// - Parameters:
    ///   - node: The stage.
    ///   - earlier: The ingredients of the stage's latest record, if there ever was one.
    ///   - runs: Whether each producer that the stage reads runs, in the order of its reads.
    init(comparing node: StageGraph.Node, with earlier: JSONValue?, producersRun runs: [Bool]) {
        let present = node.ingredients
        guard let earlier, earlier["kind"] == present["kind"] else {
            self = .neverRun
            return
        }
        let changes = OptionChange.between(earlier["options"], present["options"], at: "")
        if let from = earlier["implementation"]?.whole, from != node.specification.implementationVersion {
            self = .implementationChanged(from: from, to: node.specification.implementationVersion)
        } else if !changes.isEmpty {
            self = .optionsChanged(changes)
        } else if earlier["seed"]?.whole != node.specification.seed {
            self = .seedChanged(from: earlier["seed"]?.whole, to: node.specification.seed)
        } else {
            self = Self.inputDifference(of: node, from: earlier["reads"]?.elements ?? [], runs) ?? .recordMissing
        }
    }

    private static func inputDifference(
        of node: StageGraph.Node, from earlier: [JSONValue], _ runs: [Bool]
    ) -> RunReason? {
        var unmatched = earlier
        var changed: [Int] = []
        for (index, read) in (node.ingredients["reads"]?.elements ?? []).enumerated() {
            if let match = unmatched.firstIndex(of: read) { unmatched.remove(at: match) } else { changed.append(index) }
        }
        if let index = changed.first(where: { runs[$0] }) ?? changed.first {
            return .inputChanged(producer: node.specification.reads[index].id, runs: runs[index])
        }
        if let gone = unmatched.first { return .inputRemoved(role: gone["role"]?.text ?? "record") }
        return earlier == node.ingredients["reads"]?.elements
            ? nil : node.specification.reads.first.map { .inputChanged(producer: $0.id, runs: false) }
    }
}

extension OptionChange {
    /// The values that differ, by path; lists are compared as a whole and numbers by what they are written as.
    package static func between(_ from: JSONValue?, _ to: JSONValue?, at path: String) -> [OptionChange] {
        guard let earlier = from?.members, let present = to?.members else {
            let equal = from?.canonicalText == to?.canonicalText
            return equal ? [] : [OptionChange(path: path, from: from, to: to)]
        }
        return Set(earlier.keys).union(present.keys).sorted().flatMap { name in
            between(earlier[name], present[name], at: path.isEmpty ? name : "\(path).\(name)")
        }
    }
}
