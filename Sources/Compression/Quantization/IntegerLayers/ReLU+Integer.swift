package import Networks

extension ReLU: IntegerLayer {
    package var outputScale: IntegerOutputScale { .ofInput }

    package func integerOperation(in place: IntegerPlace) throws(CompressionError) -> any IntegerOperation {
        IntegerReLU(zeroPoint: place.inputs[0].zeroPoint)
    }
}

/// The larger of an integer and the one that stands for zero.
///
/// Where the layer before clamps at zero already, because nothing else reads it, this changes nothing.
private struct IntegerReLU: IntegerOperation {
    let zeroPoint: Int8

    func run(_ inputs: [[Int8]]) -> [Int8] { inputs[0].map { max($0, zeroPoint) } }
}
