package import Networks
package import Tensors

/// A layer kind that computes in integers, in one file of `IntegerLayers`.
package protocol IntegerLayer: Layer {
    /// On which scale the output stands.
    var outputScale: IntegerOutputScale { get }

    /// The learnables and states as they are stored, in order; constants stay float32.
    ///
    /// By default weights and a bias in steps of input scale times weight scale.
    func integerParameters(inputs: [Shape]) -> [IntegerParameter]

    /// The real values of ``integerParameters(inputs:)`` by their names in the layer, from its parameters; by default
    /// those.
    func realParameters(of parameters: [String: Tensor]) -> [String: Tensor]

    /// The states that the layer carries from step to step in int16, in steps of a power of two from calibration.
    var carriedStates: [String] { get }

    /// The computation of this layer in its place.
    ///
    /// - Throws: ``CompressionError`` if a 32-bit accumulator could overflow there, or for what has no integer form.
    func integerOperation(in place: IntegerPlace) throws(CompressionError) -> any IntegerOperation
}

extension IntegerLayer {
    package func integerParameters(inputs: [Shape]) -> [IntegerParameter] {
        IntegerParameter.weightsAndBias(of: self, inputs: inputs)
    }

    package func realParameters(of parameters: [String: Tensor]) -> [String: Tensor] { parameters }

    package var carriedStates: [String] { [] }
}

/// On which scale the output of a layer stands.
package enum IntegerOutputScale: Hashable, Sendable {
    /// One of its own, from calibration.
    case own
    /// That of its input, so that integers pass as they are.
    case ofInput
    /// Always the same, so that nothing is stored for it.
    case fixed(ActivationQuantization)
}

/// The computation of one layer on one example, from int8 to int8.
package protocol IntegerOperation: Sendable {
    /// - Parameter inputs: The inputs in order, each `[channels][positions]`.
    func run(_ inputs: [[Int8]]) -> [Int8]
}
