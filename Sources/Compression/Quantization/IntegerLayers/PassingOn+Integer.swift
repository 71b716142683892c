package import Networks

/// The layers that pass integers on as they are.

extension SequenceInput: IntegerLayer {
    package var outputScale: IntegerOutputScale { .own }

    /// Normalizing and quantizing sensor values is the float edge of an ``IntegerNetwork``, done before this.
    package func integerOperation(in place: IntegerPlace) throws(CompressionError) -> any IntegerOperation {
        IntegerIdentity()
    }
}

extension Flatten: IntegerLayer {
    package var outputScale: IntegerOutputScale { .ofInput }

    package func integerOperation(in place: IntegerPlace) throws(CompressionError) -> any IntegerOperation {
        IntegerIdentity()
    }
}

extension Dropout: IntegerLayer {
    package var outputScale: IntegerOutputScale { .ofInput }

    /// Nothing is dropped in inference; preparation removes the layer.
    package func integerOperation(in place: IntegerPlace) throws(CompressionError) -> any IntegerOperation {
        IntegerIdentity()
    }
}

private struct IntegerIdentity: IntegerOperation {
    func run(_ inputs: [[Int8]]) -> [Int8] { inputs[0] }
}
