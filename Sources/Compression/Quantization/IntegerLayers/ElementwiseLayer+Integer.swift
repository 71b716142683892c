package import Networks

/// Every function of one element is a table, made of the function in double precision.

extension IntegerLayer where Self: ElementwiseLayer {
    package var outputScale: IntegerOutputScale { .own }

    package func integerOperation(in place: IntegerPlace) throws(CompressionError) -> any IntegerOperation {
        let lowest = place.clampsAtZero ? place.output.zeroPoint : -128
        return IntegerTable(in: place) { _, x in
            max(lowest, place.output.quantize(function.value(place.inputs[0].realValue(of: x))))
        }
    }
}

extension LeakyReLU: IntegerLayer {}
extension ClippedReLU: IntegerLayer {}
extension ELU: IntegerLayer {}
extension GELU: IntegerLayer {}
extension Swish: IntegerLayer {}
extension HardSigmoid: IntegerLayer {}
extension HardSwish: IntegerLayer {}
extension HardTanh: IntegerLayer {}

extension Sigmoid: IntegerLayer {
    package var outputScale: IntegerOutputScale { .fixed(.probabilities) }
}

extension Tanh: IntegerLayer {
    package var outputScale: IntegerOutputScale { .fixed(.signedUnit) }
}

extension ReLU: IntegerLayer {
    package var outputScale: IntegerOutputScale { .ofInput }

    /// The larger of an integer and the one that stands for zero.
    package func integerOperation(in place: IntegerPlace) throws(CompressionError) -> any IntegerOperation {
        IntegerTable(in: place) { _, x in max(x, place.inputs[0].zeroPoint) }
    }
}
