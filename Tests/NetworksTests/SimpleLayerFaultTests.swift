import Networks
import Tensors
import Testing

/// What simple layers refuse, told whole.
@Suite struct SimpleLayerFaultTests {
    @Test(
        arguments: [
            (Add(), [[2, 8], [3, 8]], "cannot add 2 x 8 and 3 x 8"),
            (Add(), [[2], [2, 8], [2, 7]], "cannot add 2 x 8 and 2 x 7"),
            (Multiply(), [[2, 8], [3]], "cannot multiply 2 x 8 and 3"),
            (Multiply(), [[2], [3, 8]], "cannot multiply 2 and 3 x 8"),
            (Subtract(), [[2, 4, 4], [2, 4, 1]], "cannot subtract 2 x 4 x 4 and 2 x 4 x 1"),
            (
                Concatenate(axis: .steps), [[2, 8], [3, 8]],
                "cannot concatenate 2 x 8 and 3 x 8: only steps may differ"
            ),
            (
                Concatenate(axis: .width), [[2, 8], [2, 8]],
                "the input 2 x 8 has no axis 'width'; it has channels, steps"
            ),
            (
                Slice(axis: .steps, start: 0, length: 1), [[2, 4, 4]],
                "the input 2 x 4 x 4 has no axis 'steps'; it has channels, height, width"
            ),
            (
                Slice(axis: .steps, start: 5, length: 4), [[2, 8]],
                "a slice of 4 steps from 5 on does not fit the input 2 x 8"
            ),
            (
                Pad(amounts: [1, 1]), [[2, 4, 4]],
                "2 amounts do not fit the input 2 x 4 x 4; expected two for each axis of positions"
            ),
            (Reshape(positions: [3, 3]), [[2, 8]], "the input 2 x 8 has 8 positions a channel; 3 x 3 are 9"),
            (Reshape(positions: [3]), [[8]], "the input 8 cannot be cut into channels of 3 positions"),
            (GroupNormalization(groups: 3), [[8, 4]], "3 groups do not divide the 8 channels of 8 x 4"),
            (LayerNormalization(), [[]], "the input has no channels"),
            (MaxPooling2D(size: [2, 2]), [[2, 8]], "the input is 2 x 8; expected [channels, height, width]"),
            (MaxPooling2D(size: [5, 2]), [[2, 4, 4]], "a window of 5 x 2 does not fit the input 2 x 4 x 4"),
            (
                AveragePooling2D(size: [2, 2], padding: .explicit([0, 0, 2, 0])), [[2, 4, 4]],
                "padding of 2 and 0 is not below the window size 2"
            ),
        ] as [(any Layer, [[Int]], String)])
    func `shapes that do not fit are named`(layer: any Layer, shapes: [[Int]], message: String) {
        #expect(throws: NetworkError(.shapeMismatch, message)) {
            try layer.outputShape(of: shapes.map { Shape($0) })
        }
    }

    @Test func `a difference is of two inputs`() {
        #expect(
            throws: NetworkError(.invalidGraph, layer: "d", "has 3 inputs; 'subtract' takes 2")
        ) {
            try Network(nodes: [
                Network.Node("in", SequenceInput(channels: 1, steps: 2), inputs: []),
                Network.Node("d", Subtract(), inputs: ["in", "in", "in"]),
            ])
        }
    }
}
