package import Networks

/// A network together with the groups of filters that can be removed from it.
///
/// Filters whose channels are added, multiplied or otherwise tied form one group and go together. A group can be
/// removed if its channels reach no input or output of the network, if every layer that makes one of them was selected,
/// and as long as every such layer keeps its minimum, which is a part of the filters that the layer had when pruning
/// began. A layer that reads channels in blocks keeps two in each, so that it stays what it is.
package struct PrunableNetwork: Sendable {
    /// A filter of a layer by its position in the network as it is now.
    package struct Filter: Hashable, Sendable {
        package let layer: String
        package let index: Int
    }

    /// Filters that must go together, in the order of layers and positions.
    package struct Group: Hashable, Sendable {
        package let id: ChannelFlow.Group
        package let filters: [Filter]
    }

    package let network: Network
    /// The layers that lose filters, in the order of the network.
    package let layers: [String]
    /// The groups that may be removed, in the order of the network; limits on how many are not applied yet.
    package let groups: [Group]
    /// For each layer that makes channels, the position that each of its filters had when pruning began.
    package let origins: [String: [Int]]

    let channels: NetworkChannels
    private let minimums: [String: Int]

    /// Finds what can be pruned.
    ///
    /// - Throws: ``CompressionError`` with code `unmatchedPattern` if a pattern matches no layer that can be pruned, or
    ///   `notApplicable` if there is no such layer at all or the network is projected.
    package init(_ network: Network, scope: PruningScope) throws(CompressionError) {
        try network.requireUnpacked()
        let channels = NetworkChannels(of: network)
        let filters = Self.filters(of: network, channels: channels)
        let kinds = Dictionary(uniqueKeysWithValues: network.nodes.map { ($0.name, $0.layer.filterKind) })
        let asked = Self.groups(of: filters, channels: channels) { layer in
            switch kinds[layer] {
            case .some(.some(let kind)): scope.prunable.contains(kind)
            default: nil
            }
        }
        let candidates = Self.layers(of: asked, in: network)
        guard !candidates.isEmpty else { throw .nothingToPrune(scope.prunable) }
        let selected = Set(
            try LayerPattern.select(scope.layerNames, from: candidates, that: "can be pruned"))
        let groups = asked.filter { group in
            group.filters.allSatisfy { kinds[$0.layer] == .some(nil) || selected.contains($0.layer) }
        }
        guard !groups.isEmpty else { throw .coupledToOthers(selected, in: candidates) }
        self.network = network
        self.channels = channels
        self.groups = groups
        self.layers = Self.layers(of: groups, in: network)
        minimums = Dictionary(uniqueKeysWithValues: filters.map { ($0.layer, scope.minimum(of: $0.channels.count)) })
        origins = Dictionary(uniqueKeysWithValues: filters.map { ($0.layer, Array($0.channels.indices)) })
    }

    private init(_ network: Network, from before: PrunableNetwork, origins: [String: [Int]]) {
        let channels = NetworkChannels(of: network)
        let layers = Set(before.layers)
        let kinds = Dictionary(uniqueKeysWithValues: network.nodes.map { ($0.name, $0.layer.filterKind) })
        self.network = network
        self.channels = channels
        groups = Self.groups(of: Self.filters(of: network, channels: channels), channels: channels) { layer in
            kinds[layer] == .some(nil) ? nil : layers.contains(layer)
        }
        self.layers = before.layers
        self.origins = origins
        minimums = before.minimums
    }
}

// MARK: - Removing

extension PrunableNetwork {
    /// The groups that are removed when they are tried one after the other: each goes if every layer that loses a
    /// filter by it still keeps its minimum.
    ///
    /// - Parameters:
    ///   - order: Groups of this network; the first is tried first.
    ///   - limit: How many are taken at the most.
    ///   - enough: Asked with the counts of the network that is left, before each group is taken; `true` ends the search.
    package func choice(
        from order: [Group], atMost limit: Int = .max, until enough: ((Counts) -> Bool)? = nil
    ) -> [Group] {
        let architecture = network.architecture
        var bounds = self.bounds
        var taken: [Group] = []
        for group in order where taken.count < limit {
            guard bounds.allSatisfy({ $0.allows(group.id) }) else { continue }
            if let enough {
                let counts = architecture.removing(Set(taken.map(\.id)), channels: channels).counts
                if enough(counts) { break }
            }
            for index in bounds.indices { bounds[index].remove(group.id) }
            taken.append(group)
        }
        return taken
    }

    /// Channels of which some must stay.
    private struct Bound {
        private let counts: [ChannelFlow.Group: Int]
        /// How many more may go.
        private var slack: Int

        init(_ groups: [ChannelFlow.Group], minimum: Int) {
            counts = Dictionary(groups.map { ($0, 1) }, uniquingKeysWith: +)
            slack = groups.count - minimum
        }

        func allows(_ group: ChannelFlow.Group) -> Bool { counts[group].map { $0 <= slack } ?? true }
        mutating func remove(_ group: ChannelFlow.Group) { slack -= counts[group] ?? 0 }
    }

    /// What each layer that makes channels, and each that reads them in blocks, must keep.
    private var bounds: [Bound] {
        network.nodes.flatMap { node in
            var bounds: [Bound] = []
            if let minimum = minimums[node.name] {
                bounds.append(Bound(channels.groups(of: node.name), minimum: minimum))
            }
            let blocks = node.layer.channelBlocks(inputs: network.inputShapes(of: node))
            if blocks > 1 { bounds.append(Bound(channels.groups(of: node.inputs[0]), minimum: 2 * blocks)) }
            return bounds
        }
    }

    /// The smaller network without the given groups of this network.
    ///
    /// - Precondition: the groups are a ``choice(from:atMost:until:)`` of this network.
    package func removing(_ removed: [Group]) -> PrunableNetwork {
        guard !removed.isEmpty else { return self }
        let gone = Set(removed.flatMap(\.filters))
        let origins = self.origins.map { layer, indices in
            (
                layer,
                indices.enumerated().filter { !gone.contains(Filter(layer: layer, index: $0.offset)) }.map(\.element)
            )
        }
        return PrunableNetwork(
            network.removing(Set(removed.map(\.id)), channels: channels), from: self,
            origins: Dictionary(uniqueKeysWithValues: origins))
    }

    /// A later state of the same pruning, with the limits of this one.
    ///
    /// - Parameters:
    ///   - network: What earlier removals left, trained or not.
    ///   - origins: For each layer that makes channels, the positions that its filters had when pruning began.
    package func continued(with network: Network, origins: [String: [Int]]) -> PrunableNetwork {
        PrunableNetwork(network, from: self, origins: origins)
    }

    /// How many groups can still be removed.
    package var prunableCount: Int { choice(from: groups).count }

    /// The network that is left when everything that can be removed is removed, first group first.
    ///
    /// Where layers are tied through different parts of a concatenation, the order of removal may decide which of
    /// them reaches its minimum; otherwise this is the smallest network that pruning can reach.
    package var fullyPruned: PrunableNetwork { removing(choice(from: groups)) }
}

// MARK: - Finding groups

extension PrunableNetwork {
    /// The channels that each layer makes itself, in the order of the network; layers that make none are left out.
    private static func filters(
        of network: Network, channels: NetworkChannels
    ) -> [(layer: String, channels: [ChannelFlow.Channel])] {
        network.nodes.filter(channels.areMade).map { ($0.name, channels.channels[$0.name] ?? []) }
    }

    /// The groups that touch no interface and in which no layer says no and at least one says yes.
    private static func groups(
        of filters: [(layer: String, channels: [ChannelFlow.Channel])], channels: NetworkChannels,
        allowing isAllowed: (String) -> Bool?
    ) -> [Group] {
        var members: [ChannelFlow.Group: [Filter]] = [:]
        var order: [ChannelFlow.Group] = []
        for (layer, made) in filters {
            for (index, channel) in made.enumerated() {
                let group = channels.flow.group(of: channel)
                if members[group] == nil { order.append(group) }
                members[group, default: []].append(Filter(layer: layer, index: index))
            }
        }
        return order.compactMap { id in
            guard let filters = members[id], !channels.flow.isPinned(id) else { return nil }
            let answers = filters.map { isAllowed($0.layer) }
            guard answers.contains(true), !answers.contains(false) else { return nil }
            return Group(id: id, filters: filters)
        }
    }

    private static func layers(of groups: [Group], in network: Network) -> [String] {
        let names = Set(groups.flatMap { $0.filters.map(\.layer) })
        return network.nodes.filter { names.contains($0.name) && $0.layer.filterKind != nil }.map(\.name)
    }
}

extension CompressionError {
    fileprivate static func nothingToPrune(_ kinds: Set<FilterKind>) -> CompressionError {
        let kinds = kinds.map(\.rawValue).sorted().joined(separator: ", ")
        return CompressionError(
            .notApplicable,
            "the network has no filters that can be removed (prunable: \(kinds)): "
                + "those of its first and last layers are its interface")
    }

    fileprivate static func coupledToOthers(_ selected: Set<String>, in layers: [String]) -> CompressionError {
        let names = layers.filter(selected.contains).joined(separator: ", ")
        return CompressionError(
            .notApplicable,
            "every filter of the selected layers (\(names)) goes together with filters of layers that are not selected; "
                + "select those too: " + layers.filter { !selected.contains($0) }.joined(separator: ", "))
    }
}
