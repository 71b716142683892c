internal import Documents

extension ValueSchema {
    /// What a key of a value leads to.
    enum Member {
        case found(ValueSchema)

        /// The value has other keys.
        case unknown(known: [String])

        /// The value has no keys.
        case none
    }

    /// The schema of the value that a key leads to, whichever form of the value has it.
    func member(_ key: String) -> Member {
        switch self {
        case .anything: .found(.anything)
        case .map(let element): .found(element)
        case .object(let object):
            object[key].map { .found($0.value) } ?? .unknown(known: object.options.map(\.name))
        case .tagged(let tag, let objects):
            ValueSchema.any(
                [.object(ObjectSchema([OptionSchema(tag, .choice(objects.map(\.tag)), "")]))]
                    + objects.map { .object($0.schema) }
            ).member(key)
        case .oneOrMany(let element): element.member(key)
        case .any(let schemas): Self.first(of: schemas.map { $0.member(key) })
        default: .none
        }
    }

    private static func first(of members: [Member]) -> Member {
        var known: [String] = []
        for member in members {
            switch member {
            case .found: return member
            case .unknown(let names): known += names
            case .none: break
            }
        }
        return known.isEmpty ? .none : .unknown(known: known)
    }
}
