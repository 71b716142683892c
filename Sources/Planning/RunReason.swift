package import Documents

/// Why a stage has to run.
package enum RunReason: Hashable, Sendable {
    /// It was asked for, whatever the store holds.
    case forced
    /// There is a record, but it cannot be used.
    case recordDamaged(String)
    /// The stage was stopped before its end and left a checkpoint.
    case interrupted
    /// No stage of this id and kind was ever done for this recipe.
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

extension JSONValue {
    fileprivate var isDigest: Bool { text.flatMap(Digest.init(hex:)) != nil }

    /// The value in at most some 40 characters.
    fileprivate var brief: String {
        let whole = canonicalText
        return whole.count <= 40 ? whole : whole.prefix(37) + "..."
    }
}
