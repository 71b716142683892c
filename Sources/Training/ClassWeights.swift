/// What each class counts in the loss.
package enum ClassWeights: Hashable, Sendable {
    /// `n / (classes * n of the class)`: every class counts the same in all.
    case balanced
    case given([Double])

    /// One weight a class.
    ///
    /// - Throws: ``TrainingError`` with code `invalidOption` if there is not one weight for each class, or with
    ///   `invalidData` if a class to balance has no example.
    package func weights(labels: [Int], classes: [String]) throws(TrainingError) -> [Float] {
        switch self {
        case .given(let weights):
            guard weights.count == classes.count else {
                throw TrainingError(
                    .invalidOption, "'classWeights' has \(weights.count) weights for \(classes.count) classes",
                    option: "classWeights", help: "give one for each of \(classes.joined(separator: ", "))")
            }
            guard weights.allSatisfy({ $0 >= 0 && $0.isFinite }), weights.contains(where: { $0 > 0 }) else {
                throw TrainingError(
                    .invalidOption, "'classWeights' is \(weights); expected weights of zero or more, not all zero",
                    option: "classWeights")
            }
            return weights.map { Float($0) }
        case .balanced:
            var counts = Array(repeating: 0, count: classes.count)
            for label in labels { counts[label] += 1 }
            if let empty = counts.firstIndex(of: 0) {
                throw TrainingError(
                    .invalidData, "class '\(classes[empty])' has no example to balance", option: "classWeights")
            }
            return counts.map { Float(Double(labels.count) / (Double(classes.count) * Double($0))) }
        }
    }
}

extension ClassWeights: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let weights = try? container.decode([Double].self) {
            self = .given(weights)
        } else if try container.decode(String.self) == "balanced" {
            self = .balanced
        } else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "neither a list nor 'balanced'")
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .balanced: try container.encode("balanced")
        case .given(let weights): try container.encode(weights)
        }
    }
}
