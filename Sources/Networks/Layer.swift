package import Tensors

/// One definition per layer kind: hyperparameters, shape rule, parameters, how channels flow, and how it computes.
///
/// A layer is a value that holds hyperparameters only; its learnables, states and constants stand in the
/// ``Network`` under `<layer name>.<parameter name>`. Shapes are those of one example, channels first.
///
/// A new layer kind is one file that conforms to this protocol and one line in ``LayerKinds``. What other modules
/// need of a layer (an integer form, an ONNX operator) is a conformance of its own in the module that owns it.
package protocol Layer: Sendable {
    /// The name of the kind in files, such as `convolution1d`.
    static var kind: String { get }

    /// Reads the hyperparameters, each with its default.
    init(reading attributes: inout AttributeReader) throws(NetworkError)

    /// The hyperparameters as they are written to a file; reading them gives an equal layer.
    var attributes: [String: Attribute] { get }

    /// How many inputs the layer takes.
    var inputCount: ClosedRange<Int> { get }

    /// The shape of one output example.
    ///
    /// - Throws: ``NetworkError`` with code `shapeMismatch` that names both shapes.
    func outputShape(of inputs: [Shape]) throws(NetworkError) -> Shape

    /// How many steps of one output example are valid, where sequences of unequal length are padded.
    ///
    /// Asked of a layer with an input `[channels, steps]` of which the first steps are a sequence and the rest, padding,
    /// is zero. By default an output with as many steps as the input is valid as far as the input is.
    ///
    /// - Parameters:
    ///   - inputs: The valid steps of each input, one or more; of an input without steps, all its positions.
    ///   - shapes: The shapes of the inputs.
    /// - Returns: Zero if nothing is valid; `nil` for an output without steps that depends on valid steps alone.
    /// - Throws: ``NetworkError`` with code `notComputable` if the layer cannot tell valid steps from padding.
    func steps(of inputs: [Int], shapes: [Shape], output: Shape) throws(NetworkError) -> Int?

    /// Learnables, states and constants for inputs of the given shapes, in the order of their rows.
    func parameters(inputs: [Shape]) -> [ParameterSpecification]

    /// Multiply-accumulates of one example: multiplications of a weight with an activation.
    func macs(inputs: [Shape], output: Shape) -> Int

    /// What the layer's own filters are to pruning; `nil` for a layer that makes no channels of its own.
    var filterKind: FilterKind? { get }

    /// Says which output channels are which input channels.
    func flow(of inputs: [[ChannelFlow.Channel]], output: Shape, in flow: inout ChannelFlow) -> [ChannelFlow.Channel]

    /// In how many equal blocks of two channels or more, which lose the same members, the input is read; 1 for no blocks.
    func channelBlocks(inputs: [Shape]) -> Int

    /// The same layer after channels were removed around it.
    func keeping(inputs: [[Int]], outputs: [Int]) -> Self

    /// The computation of this layer for inputs of the given shapes.
    ///
    /// - Throws: ``NetworkError`` with code `notComputable` for a geometry that cannot run.
    func operation(inputs: [Shape], output: Shape) throws(NetworkError) -> any LayerOperation
}

/// What can be asked to lose filters: `prunable: [convolution, dense]` of a recipe.
package enum FilterKind: String, Hashable, Sendable, CaseIterable {
    case convolution
    case dense
}

// MARK: - What most layers are

extension Layer {
    package var kind: String { Self.kind }
    package var attributes: [String: Attribute] { [:] }
    package var inputCount: ClosedRange<Int> { 1...1 }
    package func parameters(inputs: [Shape]) -> [ParameterSpecification] { [] }

    package func steps(of inputs: [Int], shapes: [Shape], output: Shape) throws(NetworkError) -> Int? {
        try sharedSteps(of: inputs, shapes: shapes, output: output)
    }

    /// The valid steps of the inputs that have as many steps as the output: one number for all of them.
    func sharedSteps(of inputs: [Int], shapes: [Shape], output: Shape) throws(NetworkError) -> Int {
        let kept = zip(inputs, shapes).filter { output.rank == 2 && $1.rank == 2 && $1[1] == output[1] }.map(\.0)
        guard let steps = kept.first else {
            throw NetworkError(
                .notComputable,
                "'\(kind)' makes \(output) of every step of \(shapes[0]), padding included; "
                    + "put a global pooling or a recurrent layer with the last step as output before it")
        }
        guard kept.allSatisfy({ $0 == steps }) else {
            let counts = kept.map(String.init).joined(separator: " and ")
            throw NetworkError(
                .notComputable,
                "its inputs have \(counts) steps for one sequence, and as many for the longest; "
                    + "let them have one stride and padding")
        }
        return steps
    }

    package func macs(inputs: [Shape], output: Shape) -> Int { 0 }
    package var filterKind: FilterKind? { nil }
    package func channelBlocks(inputs: [Shape]) -> Int { 1 }
    package func keeping(inputs: [[Int]], outputs: [Int]) -> Self { self }

    package func flow(
        of inputs: [[ChannelFlow.Channel]], output: Shape, in flow: inout ChannelFlow
    ) -> [ChannelFlow.Channel] {
        flow.keep(inputs[0])
    }
}

/// Layers are equal if they are of one kind and have equal attributes.
package func == (left: any Layer, right: any Layer) -> Bool {
    left.kind == right.kind && left.attributes == right.attributes
}
