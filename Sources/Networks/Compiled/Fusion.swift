internal import Tensors

/// One operation of a compiled network, and which nodes it stands for.
struct NetworkStep {
    /// The node whose parameters it has, and by whose name it draws random numbers.
    let node: Int
    let operation: any LayerOperation
    /// The nodes that it reads; none for an input layer.
    let sources: [Int]
    /// The node whose value it makes.
    let output: Int
}

// MARK: - From nodes to steps

extension Network {
    /// The steps in the order in which they run.
    ///
    /// - Parameter observed: Nodes whose values must exist; between all others, layers are fused. `nil` for all.
    /// - Throws: ``NetworkError`` with code `notComputable` that names the layer that cannot run.
    func steps(observing observed: Set<Int>?) throws(NetworkError) -> [NetworkStep] {
        var steps: [NetworkStep] = []
        let chains = observed.map(normalizationChains(observing:)) ?? []
        let fused = Set(chains.flatMap(\.nodes))
        for index in nodes.indices {
            if let chain = chains.first(where: { $0.nodes.last == index }) {
                steps.append(step(of: chain))
            } else if !fused.contains(index) {
                steps.append(try step(of: index))
            }
        }
        return steps
    }

    private func step(of index: Int) throws(NetworkError) -> NetworkStep {
        let node = nodes[index]
        do {
            return NetworkStep(
                node: index,
                operation: try node.layer.operation(inputs: inputShapes(of: node), output: shapes[index]),
                sources: node.inputs.compactMap { self.index(of: $0) }, output: index)
        } catch {
            throw error.of(node.name)
        }
    }

    private func step(of chain: NormalizationChain) -> NetworkStep {
        let source = sources(of: chain.nodes[0])[0]
        return NetworkStep(
            node: chain.nodes[0],
            operation: chain.layer.operation(
                input: shapes[source], adding: chain.other != nil, rectifying: chain.rectifies),
            sources: [source] + (chain.other.map { [$0] } ?? []), output: chain.nodes[chain.nodes.count - 1])
    }

    private func sources(of index: Int) -> [Int] { nodes[index].inputs.compactMap { self.index(of: $0) } }
}

// MARK: - Batch normalization and what follows it

/// Batch normalization, perhaps the addition of one other value, perhaps a rectifier: two nodes or more, each of which
/// alone reads the one before.
private struct NormalizationChain {
    let layer: BatchNormalization
    var nodes: [Int]
    /// What is added.
    var other: Int?
    var rectifies = false
}

extension Network {
    /// The chains that can be one operation, in the order of nodes; no node is part of two.
    private func normalizationChains(observing observed: Set<Int>) -> [NormalizationChain] {
        var readers = [[Int]](repeating: [], count: nodes.count)
        for index in nodes.indices { for source in sources(of: index) { readers[source].append(index) } }
        var taken: Set<Int> = []
        func onlyReader(of index: Int) -> Int? {
            guard readers[index].count == 1, !observed.contains(index) else { return nil }
            return taken.contains(readers[index][0]) ? nil : readers[index][0]
        }
        var chains: [NormalizationChain] = []
        for (index, node) in nodes.enumerated() {
            guard let layer = node.layer as? BatchNormalization else { continue }
            var (chain, last) = (NormalizationChain(layer: layer, nodes: [index]), index)
            if let sum = onlyReader(of: last), nodes[sum].layer is Add, nodes[sum].inputs.count == 2,
                sources(of: sum).allSatisfy({ shapes[$0] == shapes[sum] })
            {
                chain.other = sources(of: sum).first { $0 != last }
                chain.nodes.append(sum)
                last = sum
            }
            if let rectifier = onlyReader(of: last), nodes[rectifier].layer is ReLU {
                chain.rectifies = true
                chain.nodes.append(rectifier)
            }
            guard chain.nodes.count > 1 else { continue }
            taken.formUnion(chain.nodes)
            chains.append(chain)
        }
        return chains
    }
}
