import Kernels
import Networks
import Tensors
import Testing

/// Runs a network in inference on raw examples and returns a node's values, the output's without a name.
func run(_ network: Network, on examples: [Float], node: String? = nil) throws -> [Float] {
    let size = try #require(network.inputs.first.flatMap { network.shape(of: $0.name) }).count
    let count = examples.count / size
    let compiled = try CompiledNetwork(
        network, batchCapacity: count, purpose: .inference, pool: WorkerPool(threads: 1))
    compiled.setInput(examples, count: count)
    compiled.forward(count: count, mode: .inference)
    let name = try node ?? #require(network.outputs.first).name
    return compiled.values(of: name).array(in: 0..<count * (network.shape(of: name)?.count ?? 0))
}

/// Uniform numbers in [-1, 1) that fill a number of examples.
func examples(_ count: Int, for network: Network, seed: UInt64) -> [Float] {
    var random = RandomStream(seed: seed, name: "examples")
    let size = network.inputs.first.flatMap { network.shape(of: $0.name) }?.count ?? 0
    return (0..<count * size).map { _ in 2 * random.uniform() - 1 }
}

/// The largest difference of two results, relative to the largest magnitude.
func largestDifference(_ left: [Float], _ right: [Float]) -> Float {
    guard left.count == right.count, left.allSatisfy(\.isFinite), right.allSatisfy(\.isFinite) else { return .infinity }
    let magnitude = left.reduce(1e-3) { max($0, abs($1)) }
    return zip(left, right).reduce(0) { max($0, abs($1.0 - $1.1)) } / magnitude
}

extension Network {
    /// The same network with factors on the output channels of some nodes, one by default.
    func masking(_ factors: [String: [Int: Float]]) throws -> Network {
        var masked: [Node] = []
        var parameters = self.parameters
        for node in nodes {
            var node = node
            node.inputs = node.inputs.map { factors[$0] == nil ? $0 : "\($0)_mask" }
            masked.append(node)
            guard let own = factors[node.name], let count = shape(of: node.name)?[0] else { continue }
            let name = "\(node.name)_mask"
            masked.append(Node(name, BatchNormalization(epsilon: 1e-12), inputs: [node.name]))
            let ones = Tensor([Float](repeating: 1, count: count))
            let zeros = Tensor([Float](repeating: 0, count: count))
            parameters["\(name).scale"] = Tensor((0..<count).map { own[$0] ?? 1 })
            parameters["\(name).variance"] = ones
            parameters["\(name).mean"] = zeros
            parameters["\(name).offset"] = zeros
        }
        return try Network(nodes: masked, parameters: parameters)
    }
}
