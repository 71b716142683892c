package import Networks
package import Tensors

/// A layer kind that computes in integers.
///
/// Every kind of ``LayerKinds`` is either this or a ``FloatOnlyLayer``, in one file of `IntegerLayers`.
package protocol IntegerLayer: Layer {
    /// On which scale the output stands.
    var outputScale: IntegerOutputScale { get }

    /// The computation of this layer in its place.
    ///
    /// - Throws: ``CompressionError`` if a 32-bit accumulator could overflow there.
    func integerOperation(in place: IntegerPlace) throws(CompressionError) -> any IntegerOperation
}

/// A layer kind without an integer form.
package protocol FloatOnlyLayer: Layer {
    /// Why, and what to do about it: `has no integer form: ...` goes before it.
    static var reasonForFloat: String { get }
}

extension FloatOnlyLayer {
    package static var reasonForFloat: String { "int8 for this kind is not there yet" }
}

/// On which scale the output of a layer stands.
package enum IntegerOutputScale: Hashable, Sendable {
    /// One of its own, from calibration.
    case own
    /// That of its input, so that integers pass as they are.
    case ofInput
    /// The fixed one of class probabilities.
    case probabilities
}

/// The computation of one layer on one example, from int8 to int8.
package protocol IntegerOperation: Sendable {
    /// - Parameter inputs: The inputs in order, each `[channels][positions]`.
    func run(_ inputs: [[Int8]]) -> [Int8]
}

/// What a layer needs to know of its place to compute there.
package struct IntegerPlace: Sendable {
    package let node: Network.Node
    package let inputShapes: [Shape]
    package let outputShape: Shape
    package let inputs: [ActivationQuantization]
    package let output: ActivationQuantization
    /// Whether a ReLU that alone reads the output is done here already.
    package let clampsAtZero: Bool
    package let weights: [Int8]
    package let bias: [Int32]
    /// One for each filter, or one for all; none without weights.
    package let weightScales: [QuantizationScale]

    package init(
        node: Network.Node, inputShapes: [Shape], outputShape: Shape, inputs: [ActivationQuantization],
        output: ActivationQuantization, clampsAtZero: Bool = false, weights: [Int8] = [], bias: [Int32] = [],
        weightScales: [QuantizationScale] = []
    ) {
        self.node = node
        self.inputShapes = inputShapes
        self.outputShape = outputShape
        self.inputs = inputs
        self.output = output
        self.clampsAtZero = clampsAtZero
        self.weights = weights
        self.bias = bias
        self.weightScales = weightScales
    }
}
