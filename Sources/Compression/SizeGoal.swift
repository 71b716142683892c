package import Networks

/// A bound on what a compressed network may be made of.
package struct SizeGoal: Codable, Hashable, Sendable {
    /// What is counted; the names are those of recipes.
    package enum Measure: String, Codable, Hashable, Sendable, CaseIterable {
        /// Learnables and states.
        case totalParameters
        case learnables
        /// Bytes as float32: four for each learnable and state.
        case memory
        /// Of one example: multiplications of a weight with an activation.
        case multiplyAccumulates

        /// What is counted, for a message.
        package var noun: String {
            switch self {
            case .totalParameters: "total parameters"
            case .learnables: "learnables"
            case .memory: "bytes"
            case .multiplyAccumulates: "multiply-accumulates"
            }
        }
    }

    package var measure: Measure
    package var limit: Int

    package init(_ measure: Measure, atMost limit: Int) {
        self.measure = measure
        self.limit = limit
    }

    /// Whether a network of these counts is small enough.
    package func isMet(by counts: Counts) -> Bool { counts.value(of: measure) <= limit }
}

extension Counts {
    /// The count that a goal bounds.
    package func value(of measure: SizeGoal.Measure) -> Int {
        switch measure {
        case .totalParameters: totalParameters
        case .learnables: learnables
        case .memory: 4 * totalParameters
        case .multiplyAccumulates: macs
        }
    }
}
