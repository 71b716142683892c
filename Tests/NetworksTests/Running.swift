import Kernels
import Networks
import Tensors

/// The values of the last node for a batch in inference mode.
func forward(_ network: Network, _ input: [Float], count: Int, threads: Int = 1) throws -> [Float] {
    let compiled = try CompiledNetwork(
        network, batchCapacity: count, purpose: .inference, pool: WorkerPool(threads: threads))
    compiled.setInput(input, count: count)
    compiled.forward(count: count, mode: .inference)
    return compiled.values(of: network.nodes[network.nodes.count - 1].name).array
}
