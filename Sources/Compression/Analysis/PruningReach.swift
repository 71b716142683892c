internal import Networks
internal import Tensors

/// What pruning can make of one layer.
package struct PruningReach: Hashable, Sendable, Encodable {
    /// The channels that the layer makes.
    package let filters: Int
    /// How many stay when everything is removed that can be.
    package let minimum: Int
    /// The layers whose filters go together with its own.
    package let partners: [String]
    /// Why not a single one can be removed, if so.
    package let reason: String?

    package init(filters: Int, minimum: Int, partners: [String] = [], reason: String? = nil) {
        (self.filters, self.minimum, self.partners, self.reason) = (filters, minimum, partners, reason)
    }
}

extension PruningReach {
    /// What pruning can make of a network.
    struct Plan {
        private let network: Network
        private let isProjected: Bool
        private var filters: [String: Int] = [:]
        private var partners: [String: [String]] = [:]
        /// What the first channel of a layer that may not go ends at.
        private var blockers: [String: String] = [:]
        private var plans: [FilterKind: PrunableNetwork] = [:]

        init(of network: Network) {
            self.network = network
            isProjected = network.nodes.contains { $0.projectedFrom != nil }
            follow()
            guard !isProjected else { return }
            for (kind, kinds) in [(FilterKind.convolution, [.convolution]), (.dense, FilterKind.allCases)] {
                plans[kind] = try? PrunableNetwork(network, scope: PruningScope(prunable: Set(kinds))).fullyPruned
            }
        }

        /// The smallest network, of filters of convolutions alone or with the units of hidden dense layers.
        func smallest(_ kind: FilterKind) -> Network? { plans[kind]?.network }

        func reach(of node: Network.Node) -> PruningReach? {
            guard let count = filters[node.name], network.counts(of: node).learnables > 0 else { return nil }
            let left = node.layer.filterKind.flatMap { plans[$0]?.network.shape(of: node.name)?[0] } ?? count
            return PruningReach(
                filters: count, minimum: min(left, count), partners: partners[node.name] ?? [],
                reason: left < count ? nil : reason(node, count))
        }

        private func reason(_ node: Network.Node, _ count: Int) -> String {
            if isProjected { return "the network has projected layers: unpack it first" }
            if let blocker = blockers[node.name] { return blocker }
            if node.layer.filterKind == nil { return "its channels cannot be removed: it only follows others" }
            let stuck = (partners[node.name] ?? []).filter { network.node($0)?.layer.filterKind == nil }
            if let partner = stuck.first { return "its channels go with those of '\(partner)', which stay" }
            return "it has no more than the \(PruningScope().minimum(of: count)) that stay"
        }

        /// Follows the channels through the network, and notes where each group of them is stopped.
        private mutating func follow() {
            var flow = ChannelFlow()
            var channels: [String: [ChannelFlow.Channel]] = [:]
            let results = Set(network.outputs.map(\.name))
            var made: [(layer: String, channels: [ChannelFlow.Channel])] = []
            let entries = network.inputs.map(\.name)
            func note(_ text: (String) -> String, _ blockers: inout [String: String]) {
                for (layer, own) in made where blockers[layer] == nil {
                    let stopped = own.map { flow.group(of: $0) }.first { flow.isPinned($0) }
                    guard let stopped else { continue }
                    let entry = made.first { other in
                        entries.contains(other.layer) && other.channels.contains { flow.group(of: $0) == stopped }
                    }
                    blockers[layer] = entry.map { "its channels go with the input '\($0.layer)'" } ?? text(layer)
                }
            }
            for (node, shape) in zip(network.nodes, network.shapes) {
                let inputs = node.inputs.compactMap { channels[$0] }
                let outputs = node.layer.flow(of: inputs, output: shape, in: &flow)
                channels[node.name] = outputs
                let incoming = Set(inputs.flatMap { $0 })
                let own = outputs.filter { !incoming.contains($0) }
                if !own.isEmpty { made.append((node.name, own)) }
                if inputs.isEmpty { flow.pin(outputs) }
                note(
                    { layer in
                        if layer == node.name { return "a layer of this kind keeps its channels" }
                        return results.contains(node.name)
                            ? "its channels are the output '\(node.name)'"
                            : "its channels go into '\(node.name)' (\(node.layer.kind)), which reads all of them"
                    }, &blockers)
            }
            for node in network.outputs {
                flow.pin(channels[node.name] ?? [])
                note({ _ in "its channels are the output '\(node.name)'" }, &blockers)
            }
            // A layer of which some channels may go is not stopped.
            for (layer, own) in made {
                filters[layer] = own.count
                if own.contains(where: { !flow.isPinned(flow.group(of: $0)) }) { blockers[layer] = nil }
                let groups = Set(own.map { flow.group(of: $0) })
                partners[layer] = made.filter { other in
                    other.layer != layer && other.channels.contains { groups.contains(flow.group(of: $0)) }
                }.map(\.layer)
            }
        }
    }
}
