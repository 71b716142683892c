internal import Networks

/// What is known of a network before the stage that makes it has run.
struct Prospect: Sendable {
    /// How the network computes, which decides what may follow.
    enum Form: String, Sendable {
        case plain
        case projected
        case int8
        case bfloat16

        /// Whether parameters are stored in another type than float32, after which nothing changes them any more.
        var isQuantized: Bool { self == .int8 || self == .bfloat16 }
    }

    /// The network as large as it can be; its layers have the names that patterns are matched with.
    var network: Network
    /// The network as small as the stages so far can have made it.
    var smallest: Network
    var form = Form.plain
    /// Whether names and least sizes of layers are known; not after a projection whose layers were unpacked, as its
    /// ranks follow from the data.
    var isStructureKnown = true
    /// Whether learnables have values.
    var isTrained: Bool
    /// Learnables and states of the network that `load` gave: what a reduction is of.
    let loadedTotalParameters: Int
    /// The data that came with the network.
    let data: DataSource?
    /// How many stages of each kind were run to make the network.
    var stages: [String: Int] = [:]
}
