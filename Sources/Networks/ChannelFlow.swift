/// Which channels of a network are one and the same, found by following the graph.
///
/// Every layer says how channels pass through it: it makes its own (`make`), passes them on (`keep`), unites those
/// that it adds or multiplies (`join`), lays them out anew (`spread`: concatenation, flatten), or loses track
/// (`stop`). Channels that must go together form a group: a class of a union-find. A list of channels may name one
/// channel several times, as after a flatten (one entry a position) or `concatenate(x, x)`.
///
/// Channels of the network's inputs and outputs are pinned: the network keeps its interface.
package struct ChannelFlow: Sendable {
    /// A channel as some layer made it; ``group(of:)`` says which group it is in.
    package struct Channel: Hashable, Sendable {
        fileprivate let index: Int
    }

    /// The name of a group: its channel of lowest index.
    package struct Group: Hashable, Sendable, Comparable {
        package let index: Int
        package static func < (left: Group, right: Group) -> Bool { left.index < right.index }
    }

    private var parents: [Int] = []
    private var pinned: Set<Int> = []

    package init() {}
}

// MARK: - What layers say

extension ChannelFlow {
    /// New channels.
    package mutating func make(_ count: Int) -> [Channel] {
        let first = parents.count
        parents.append(contentsOf: first..<first + count)
        return (first..<first + count).map(Channel.init)
    }

    /// The same channels, one for one.
    package func keep(_ channels: [Channel]) -> [Channel] { channels }

    /// Unites the channels of several inputs, index by index.
    package mutating func join(_ inputs: [[Channel]]) -> [Channel] {
        for input in inputs.dropFirst() {
            for (left, right) in zip(inputs[0], input) { unite(left, right) }
        }
        return inputs[0]
    }

    /// Lays channels out anew: each entry names the channel it comes from.
    package func spread(_ channels: [Channel], copies: Int) -> [Channel] {
        channels.flatMap { Array(repeating: $0, count: copies) }
    }

    /// Ties the members of equal index in consecutive blocks, as a grouped convolution needs.
    package mutating func tieBlocks(_ channels: [Channel], blocks: Int) {
        let size = channels.count / blocks
        for (index, channel) in channels.enumerated() where index >= size { unite(channels[index % size], channel) }
    }

    /// Nothing is known of what comes out; nothing that goes in may be removed.
    package mutating func stop(_ inputs: [[Channel]], outputs count: Int) -> [Channel] {
        let outputs = make(count)
        for channels in inputs + [outputs] { pin(channels) }
        return outputs
    }

    /// Keeps channels from being removed.
    package mutating func pin(_ channels: [Channel]) {
        for channel in channels { pinned.insert(root(channel.index)) }
    }
}

// MARK: - Groups

extension ChannelFlow {
    package func group(of channel: Channel) -> Group { Group(index: root(channel.index)) }
    package func isPinned(_ group: Group) -> Bool { pinned.contains(group.index) }

    private mutating func unite(_ left: Channel, _ right: Channel) {
        let (low, high) = (min(root(left.index), root(right.index)), max(root(left.index), root(right.index)))
        guard low != high else { return }
        parents[high] = low
        if pinned.remove(high) != nil { pinned.insert(low) }
    }

    private func root(_ index: Int) -> Int {
        var index = index
        while parents[index] != index { index = parents[index] }
        return index
    }
}
