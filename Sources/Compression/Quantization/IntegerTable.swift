internal import Kernels
internal import Networks
internal import Tensors

/// A function of each element, by its 256 values: one table for each channel, or one for all.
struct IntegerTable: IntegerOperation {
    private let tables: [Int8]
    private let channels: Int

    /// - Parameter value: The output for an input; asked for every channel, or once with zero.
    init(in place: IntegerPlace, isPerChannel: Bool = false, _ value: (_ channel: Int, _ x: Int8) -> Int8) {
        channels = isPerChannel ? place.outputShape[0] : 1
        tables = (0..<channels).flatMap { channel in
            (Int8.min...Int8.max).map { value(channel, $0) }
        }
    }

    func run(_ inputs: [[Int8]]) -> [Int8] { IntegerElementKernels.map(inputs[0], by: tables, channels: channels) }
}

/// The input as it is.
struct IntegerIdentity: IntegerOperation {
    func run(_ inputs: [[Int8]]) -> [Int8] { inputs[0] }
}
