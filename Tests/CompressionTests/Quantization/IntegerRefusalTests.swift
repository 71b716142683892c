import Compression
import Networks
import Tensors
import Testing

/// Layers whose integer form covers a part of what they can be.
@Suite struct IntegerRefusalTests {
    @Test(
        arguments: [
            (
                Add(), [[4, 8], [4]], [4, 8],
                "layer 'l': adds 4 to every position of 4 x 8; in int8 all inputs have one shape"
            ),
            (
                Concatenate(axis: .steps), [[4, 8], [4, 2]], [4, 10],
                "layer 'l': concatenates along 'steps'; in int8 only channels can be concatenated"
            ),
            (
                Softmax(), [[4, 8]], [4, 8],
                "layer 'l': is over the channels of each position of 4 x 8; in int8 its input is a vector"
            ),
        ] as [(any IntegerLayer, [[Int]], [Int], String)])
    func `what int8 does not cover is refused with the shapes`(
        layer: any IntegerLayer, inputs: [[Int]], output: [Int], message: String
    ) {
        let scale = ActivationQuantization(scale: .exponent(-4), zeroPoint: 0)
        let place = IntegerPlace(
            node: Network.Node("l", layer, inputs: inputs.indices.map(String.init)),
            inputShapes: inputs.map { Shape($0) },
            outputShape: Shape(output), inputs: inputs.map { _ in scale }, output: scale)
        #expect(throws: CompressionError(.unsupportedLayer, layer: "l", String(message.dropFirst("layer 'l': ".count))))
        {
            try layer.integerOperation(in: place)
        }
    }
}
