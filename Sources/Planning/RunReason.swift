package import Documents

/// Why a stage has to run.
package enum RunReason: Hashable, Sendable {
    /// It was asked for, whatever the store holds.
    case forced
    /// There is a record, but it cannot be used.
    case recordDamaged(String)
    /// The stage was stopped before its end and left a checkpoint.
    case interrupted
    /// No stage of this id and kind was ever done for this recipe, nor one of this kind on the same records.
    case neverRun
    /// The kind's implementation gives other results than it did.
    case implementationChanged(from: Int, to: Int)
    /// Options have other values, in the order of their paths.
    case optionsChanged([OptionChange])
    /// The recipe has another seed.
    case seedChanged(from: Int?, to: Int?)
    /// A record that the stage reads is another one; `runs` says that its producer runs, too.
    case inputChanged(producer: String, runs: Bool)
    /// A record that the stage read in this role is no longer read.
    case inputRemoved(role: String)
    /// Nothing changed, but the record is gone.
    case recordMissing
}

/// One option that has another value than before.
package struct OptionChange: Hashable, Sendable {
    /// The names from the options' top to the value, joined by dots.
    package let path: String
    /// The earlier value, or `nil` if there was none.
    package let from: JSONValue?
    /// The present value, or `nil` if there is none.
    package let to: JSONValue?

    package init(path: String, from: JSONValue?, to: JSONValue?) {
        self.path = path
        self.from = from
        self.to = to
    }
}

// MARK: - Text

extension RunReason: CustomStringConvertible {
    /// One line for a person.
    package var description: String {
        switch self {
        case .forced: "forced"
        case .recordDamaged(let reason): "record damaged: \(reason)"
        case .interrupted: "interrupted, goes on from its checkpoint"
        case .neverRun: "never run"
        case .implementationChanged(let from, let to): "implementation changed from version \(from) to \(to)"
        case .optionsChanged(let changes): changes.map(\.description).joined(separator: ", ")
        case .seedChanged(let from?, let to?): "seed changed from \(from) to \(to)"
        case .seedChanged(_, let to): to == nil ? "no longer uses a seed" : "now uses a seed"
        case .inputChanged(let producer, let runs): runs ? "needs \(producer), which runs" : "input \(producer) changed"
        case .inputRemoved(let role): "no longer reads a \(role)"
        case .recordMissing: "its record is no longer in the store"
        }
    }
}

extension OptionChange: CustomStringConvertible {
    package var description: String {
        switch (from, to) {
        case (let from?, let to?):
            from.isDigest && to.isDigest
                ? "content of \(path) changed" : "option \(path) changed from \(from.brief) to \(to.brief)"
        case (nil, let to?): "option \(path) added as \(to.brief)"
        case (let from?, nil): "option \(path) removed, was \(from.brief)"
        case (nil, nil): "option \(path) unchanged"
        }
    }
}

// MARK: - JSON

extension RunReason {
    /// The reason for a program: `{"kind": "inputChanged", "text": "needs prune, which runs", "producer": "prune",
    /// "runs": true}`.
    ///
    /// `kind` is the name of the case and `text` is ``description``. Beside them stand `damage` (`recordDamaged`), `from`
    /// and `to` (`implementationChanged`, `seedChanged`), `changes` (`optionsChanged`: `path`, `from` and `to` each;
    /// without `from` it was added, without `to` removed), `producer` and `runs` (`inputChanged`), `role`
    /// (`inputRemoved`).
    package var json: JSONValue {
        var json: JSONValue = ["kind": .string(name), "text": .string(description)]
        switch self {
        case .forced, .interrupted, .neverRun, .recordMissing: break
        case .recordDamaged(let reason): json["damage"] = .string(reason)
        case .implementationChanged(let from, let to):
            json["from"] = .integer(from)
            json["to"] = .integer(to)
        case .optionsChanged(let changes): json["changes"] = .array(changes.map(\.json))
        case .seedChanged(let from, let to):
            json["from"] = from.map { .integer($0) }
            json["to"] = to.map { .integer($0) }
        case .inputChanged(let producer, let runs):
            json["producer"] = .string(producer)
            json["runs"] = .boolean(runs)
        case .inputRemoved(let role): json["role"] = .string(role)
        }
        return json
    }

    private var name: String {
        switch self {
        case .forced: "forced"
        case .recordDamaged: "recordDamaged"
        case .interrupted: "interrupted"
        case .neverRun: "neverRun"
        case .implementationChanged: "implementationChanged"
        case .optionsChanged: "optionsChanged"
        case .seedChanged: "seedChanged"
        case .inputChanged: "inputChanged"
        case .inputRemoved: "inputRemoved"
        case .recordMissing: "recordMissing"
        }
    }
}

extension OptionChange {
    fileprivate var json: JSONValue {
        var json: JSONValue = ["path": .string(path)]
        json["from"] = from
        json["to"] = to
        return json
    }
}

extension JSONValue {
    fileprivate var isDigest: Bool { text.flatMap(Digest.init(hex:)) != nil }

    /// The value in at most some 40 characters.
    fileprivate var brief: String {
        let whole = canonicalText
        return whole.count <= 40 ? whole : whole.prefix(37) + "..."
    }
}
