/// Onto how few numbers a recurrent layer maps its input and its hidden state before its weights multiply them.
///
/// With the projectors P and Q and the smaller weights W and R the sums of the gates are `W (P x) + R (Q h) + bias`: what
/// a layer with the weights `W P` and `R Q` computes, in fewer learnables. So the reset gate of a GRU stands before the
/// product, `R (Q (r * h))`, or after it, `r * (R (Q h) + recurrentBias)`. The hidden state itself stays whole.
///
/// `inputProjector` is `[input, channels]`, one for both directions, and `inputWeights` `[directions * gates * units, input]`;
/// `outputProjector` is `[directions * output, units]`, one block a direction, and `recurrentWeights`
/// `[directions * gates * units, output]`. In the field: `lstmProjectedLayer`, `gruProjectedLayer` (whose projectors are
/// the transposed ones).
package struct RecurrentProjectors: Hashable, Sendable {
    /// The size of the input's projector, the attribute `inputProjectorSize`; `nil` if there is none.
    package var input: Int?
    /// The size of the hidden state's projector, the attribute `outputProjectorSize`; `nil` if there is none.
    package var output: Int?

    package init(input: Int? = nil, output: Int? = nil) {
        self.input = input
        self.output = output
    }

    package static let none = RecurrentProjectors()

    var attributes: [String: Attribute] {
        ["inputProjectorSize": input, "outputProjectorSize": output].compactMapValues { $0.map(Attribute.integer) }
    }
}

extension AttributeReader {
    mutating func recurrentProjectors() throws(NetworkError) -> RecurrentProjectors {
        RecurrentProjectors(
            input: try optionalInteger("inputProjectorSize"), output: try optionalInteger("outputProjectorSize"))
    }
}
