import Datasets
import Tensors

/// All that a data set holds, to be compared.
struct Contents: Hashable {
    let name: String
    let channels: [String]
    let shape: Shape
    let targets: Targets
    let steps: [Int]?
    let values: [UInt32]

    init(_ data: Dataset) throws {
        name = data.name
        channels = data.channels
        shape = data.inputShape
        targets = data.targets
        steps = data.steps
        values = try data.values(in: 0..<data.count).map(\.bitPattern)
    }
}
