internal import Tensors

/// Where the activations of one example lie in one block of memory, planned before anything runs: what a device needs
/// for them beside the stored network.
///
/// Layers run one after the other. A value lives from the layer that writes it to the last one that reads it, a result of
/// the network to the end. A layer that works element by element writes where its first input lay, if nothing reads that
/// any more; a change of shape and dropout are no work at all. Buffers are placed largest first, each as far in front as
/// it fits (greedy by size, Pisarchyk and Lee 2020).
///
/// What a layer needs within itself, such as the state of a recurrent layer or the sums of a convolution, is not in it.
package struct ActivationArena: Hashable, Sendable {
    /// One or several values that lie in one place.
    package struct Buffer: Hashable, Sendable {
        /// The nodes whose outputs it holds, in the order in which they are written.
        package fileprivate(set) var nodes: [Int]
        package let bytes: Int
        /// From the layer that writes it first to the last that reads it, by their places in the network.
        package fileprivate(set) var steps: ClosedRange<Int>
        /// Its first byte in the arena.
        package fileprivate(set) var offset = 0
    }

    /// In the order in which they are written.
    package let buffers: [Buffer]
    /// The size of the arena.
    package let bytes: Int
    /// The most bytes that are live at one layer: no plan can need less.
    package let lowerBound: Int

    /// - Parameter bytesPerElement: What one value takes: 4 in float32, 1 in int8.
    package init(of network: Network, bytesPerElement: Int = 4) {
        var buffers: [Buffer] = []
        var holder: [Int] = []
        let lastReads = network.lastReads
        for (index, node) in network.nodes.enumerated() {
            let source = node.inputs.first.flatMap(network.index(of:))
            let shared = source.flatMap { source -> Int? in
                switch network.placement(of: node) {
                case .unchanged: return holder[source]
                case .overwriting:
                    let isFree = buffers[holder[source]].nodes.allSatisfy { lastReads[$0] <= index }
                    return isFree && network.shapes[source].count == network.shapes[index].count ? holder[source] : nil
                case .apart: return nil
                }
            }
            let steps = index...lastReads[index]
            if let shared {
                buffers[shared].nodes.append(index)
                let end = max(buffers[shared].steps.upperBound, steps.upperBound)
                buffers[shared].steps = buffers[shared].steps.lowerBound...end
            } else {
                let bytes = network.shapes[index].count * bytesPerElement
                buffers.append(Buffer(nodes: [index], bytes: bytes, steps: steps))
            }
            holder.append(shared ?? buffers.count - 1)
        }
        Self.place(&buffers)
        self.buffers = buffers
        bytes = buffers.map { $0.offset + $0.bytes }.max() ?? 0
        lowerBound =
            network.nodes.indices.map { step in
                buffers.filter { $0.steps.contains(step) }.reduce(0) { $0 + $1.bytes }
            }.max() ?? 0
    }

    /// The buffer that holds a node's output.
    package func buffer(of node: Int) -> Buffer? { buffers.first { $0.nodes.contains(node) } }

    private static func place(_ buffers: inout [Buffer]) {
        let order = buffers.indices.sorted { (buffers[$1].bytes, $0) < (buffers[$0].bytes, $1) }
        var placed: [Int] = []
        for index in order {
            let others = placed.filter { buffers[$0].steps.overlaps(buffers[index].steps) }
                .map { buffers[$0].offset..<buffers[$0].offset + buffers[$0].bytes }
            func isFree(_ offset: Int) -> Bool {
                others.allSatisfy { !$0.overlaps(offset..<offset + buffers[index].bytes) }
            }
            let offset = ([0] + others.map(\.upperBound)).sorted().first(where: isFree)
            buffers[index].offset = offset ?? others.map(\.upperBound).max() ?? 0
            placed.append(index)
        }
    }
}

extension Network {
    /// The last node that reads each node's output; of a result of the network the last node of all.
    fileprivate var lastReads: [Int] {
        var last = [Int?](repeating: nil, count: nodes.count)
        for (reader, node) in nodes.enumerated() {
            for source in node.inputs.compactMap(index(of:)) { last[source] = reader }
        }
        return last.map { $0 ?? nodes.count - 1 }
    }

    /// Where the operation of a node may write in inference.
    fileprivate func placement(of node: Node) -> Placement {
        guard !(node.layer is Dropout) else { return .unchanged }
        let operation = try? node.layer.operation(inputs: inputShapes(of: node), output: shape(of: node.name) ?? [])
        return operation?.placement ?? .apart
    }
}
