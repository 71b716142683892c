internal import Tensors

/// What a layer or a network is made of, in numbers.
package struct Counts: Hashable, Sendable {
    package var learnables = 0
    package var states = 0
    package var constants = 0
    package var macs = 0

    package init() {}

    /// Learnables and states; the constants that normalize the input are neither.
    package var totalParameters: Int { learnables + states }

    /// Bytes of everything that inference needs, stored as float32.
    package var float32Bytes: Int { 4 * (learnables + states + constants) }

    package static func + (left: Counts, right: Counts) -> Counts {
        var sum = left
        sum.learnables += right.learnables
        sum.states += right.states
        sum.constants += right.constants
        sum.macs += right.macs
        return sum
    }
}

extension Network {
    /// The counts of one node.
    package func counts(of node: Node) -> Counts {
        var counts = Counts()
        let inputs = inputShapes(of: node)
        for specification in node.layer.parameters(inputs: inputs) {
            switch specification.role {
            case .learnable: counts.learnables += specification.shape.count
            case .state: counts.states += specification.shape.count
            case .constant: counts.constants += specification.shape.count
            }
        }
        counts.macs = node.layer.macs(inputs: inputs, output: shape(of: node.name) ?? [])
        return counts
    }

    /// The counts of the whole network.
    package var counts: Counts { nodes.map(counts(of:)).reduce(Counts(), +) }
}
