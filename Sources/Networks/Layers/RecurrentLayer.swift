package import Kernels
package import Tensors

/// A layer that runs over the steps of a sequence, `[channels, steps]`, and carries a hidden state of `units` numbers.
///
/// The output is the hidden state after every step, `[units, steps]`, or after the last, `[units]`. A layer with two
/// directions runs from the first step to the last and, with weights of its own, from the last to the first; the
/// outputs of the second direction follow those of the first, and its last output is that after the first step. In a
/// batch of sequences of unequal length, the last step is each sequence's own.
///
/// Parameters hold the gates one after the other, and the directions one after the other: `inputWeights`
/// `[directions * gates * units, channels]`, `recurrentWeights` `[directions * gates * units, units]`, `bias`
/// `[directions * gates * units]`. A projected layer has smaller weights behind ``RecurrentProjectors``: the input weights
/// multiply `inputProjector x` and the recurrent weights `outputProjector h`. The hidden state before the first step is zero or given, as the constant
/// `initialHidden` `[directions * units]`.
package protocol RecurrentLayer: Layer {
    /// One, or two for a layer that runs both ways.
    static var directions: Int { get }

    var units: Int { get set }
    var outputMode: RecurrentOutputMode { get set }
    var initialState: InitialState { get }
    var cell: RecurrentKernel.Cell { get }
    var projectors: RecurrentProjectors { get set }

    /// What the first value of the bias is, gate by gate.
    static var firstBias: [Float] { get }
}

/// What a recurrent layer gives out.
package enum RecurrentOutputMode: String, Hashable, Sendable, CaseIterable {
    /// The hidden state after every step.
    case sequence
    /// The hidden state after the last step.
    case last
}

/// What a recurrent layer starts from.
package enum InitialState: String, Hashable, Sendable, CaseIterable {
    case zeros
    /// From constants of the network.
    case given
}

extension RecurrentLayer {
    package var attributes: [String: Attribute] { recurrentAttributes }

    /// What every recurrent layer has.
    var recurrentAttributes: [String: Attribute] {
        projectors.attributes.merging(
            [
                "units": .integer(units), "outputMode": .text(outputMode.rawValue),
                "initialState": .text(initialState.rawValue),
            ]) { _, own in own }
    }

    package func outputShape(of inputs: [Shape]) throws(NetworkError) -> Shape {
        let input = try inputs[0].required(rank: 2, "[channels, steps]")
        let count = Self.directions * units
        return outputMode == .last ? [count] : [count, input[1]]
    }

    package func steps(of inputs: [Int], shapes: [Shape], output: Shape) throws(NetworkError) -> Int? {
        outputMode == .last ? nil : inputs[0]
    }

    package func parameters(inputs: [Shape]) -> [ParameterSpecification] {
        let (channels, rows) = (inputs[0][0], Self.directions * cell.gates * units)
        var parameters: [ParameterSpecification] = []
        func matrix(
            _ name: String, _ rows: Int, _ columns: Int, _ initializer: Initializer,
            over axis: ParameterSpecification.Axis = .positions
        ) {
            parameters.append(
                ParameterSpecification(
                    name, [rows, columns], role: .learnable, initializer: initializer, axes: [.positions, axis]))
        }
        let inputs = projectors.input ?? channels
        if projectors.input != nil { matrix("inputProjector", inputs, channels, .orthogonal, over: .inputChannels) }
        matrix(
            "inputWeights", rows, inputs, .glorot(fanIn: inputs, fanOut: cell.gates * units),
            over: projectors.input == nil ? .inputChannels : .positions)
        if let size = projectors.output { matrix("outputProjector", Self.directions * size, units, .orthogonal) }
        matrix("recurrentWeights", rows, projectors.output ?? units, .orthogonal)
        parameters.append(
            ParameterSpecification(
                "bias", [rows], role: .learnable,
                initializer: .blocks([[Float]](repeating: Self.firstBias, count: Self.directions).flatMap { $0 }),
                axes: [.positions]))
        func vector(_ name: String, _ role: ParameterSpecification.Role) -> ParameterSpecification {
            ParameterSpecification(
                name, [Self.directions * units], role: role, initializer: .zeros, axes: [.positions])
        }
        if cell == .gruResetAfter { parameters.append(vector("recurrentBias", .learnable)) }
        if initialState == .given {
            parameters.append(vector("initialHidden", .constant))
            if cell == .lstm { parameters.append(vector("initialCell", .constant)) }
        }
        return parameters
    }

    package func macs(inputs: [Shape], output: Shape) -> Int {
        let (channels, rows) = (inputs[0][0], cell.gates * units)
        let input =
            projectors.input.map { $0 * channels + Self.directions * $0 * rows } ?? Self.directions * channels * rows
        // With the reset gate before the product, the state is projected with and without it.
        let projections = cell == .gruResetBefore ? 2 : 1
        let recurrent = projectors.output.map { $0 * (projections * units + rows) } ?? units * rows
        return inputs[0][1] * (input + Self.directions * recurrent)
    }

    /// Its own units stay: each is read by every gate of the next step.
    package func flow(
        of inputs: [[ChannelFlow.Channel]], output: Shape, in flow: inout ChannelFlow
    ) -> [ChannelFlow.Channel] {
        let channels = flow.make(Self.directions * units)
        flow.pin(channels)
        return channels
    }
}
