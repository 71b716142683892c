internal import Kernels
internal import Tensors

/// The parameters of a network in flat buffers, one for each role, in the order of the specifications.
struct ParameterMemory {
    let learnables: FloatBuffer
    let states: FloatBuffer
    let constants: FloatBuffer
    /// Where each node finds its parameters, in the order of its specifications.
    let places: [[Floats]]
    /// Where each node's learnables begin in the flat buffer.
    let learnableStarts: [[Int]]
    /// Where the learnables of each node lie together.
    let learnableRanges: [Range<Int>]

    /// - Throws: ``NetworkError`` with code `missingParameter` that names the layer.
    init(_ network: Network) throws(NetworkError) {
        let counts = network.counts
        learnables = FloatBuffer(count: counts.learnables)
        states = FloatBuffer(count: counts.states)
        constants = FloatBuffer(count: counts.constants)
        var places: [[Floats]] = []
        var learnableStarts: [[Int]] = []
        var learnableRanges: [Range<Int>] = []
        var (learnable, state, constant) = (0, 0, 0)
        for node in network.nodes {
            var nodePlaces: [Floats] = []
            var nodeStarts: [Int] = []
            let first = learnable
            for (name, specification) in network.specifications(of: node) {
                guard let tensor = network.parameters[name] else {
                    throw NetworkError(
                        .missingParameter, layer: node.name,
                        "has no value for its parameter '\(name)'; train or load the network before it runs")
                }
                let (buffer, start): (FloatBuffer, Int)
                switch specification.role {
                case .learnable:
                    (buffer, start) = (learnables, learnable)
                    nodeStarts.append(start)
                    learnable += tensor.shape.count
                case .state:
                    (buffer, start) = (states, state)
                    state += tensor.shape.count
                case .constant:
                    (buffer, start) = (constants, constant)
                    constant += tensor.shape.count
                }
                buffer.copy(from: tensor.floats, at: start)
                nodePlaces.append(buffer.pointer + start)
            }
            places.append(nodePlaces)
            learnableStarts.append(nodeStarts)
            learnableRanges.append(first..<learnable)
        }
        self.places = places
        self.learnableStarts = learnableStarts
        self.learnableRanges = learnableRanges
    }
}
