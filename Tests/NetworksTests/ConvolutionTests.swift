import Networks
import Tensors
import TestSupport
import Testing

/// Convolutions of every kind against the reference; see ``checkLayer(_:inputs:examples:seed:)``.
@Suite struct ConvolutionTests {
    static let kinds: Set = ["convolution1d", "convolution2d", "transposedConvolution1d", "transposedConvolution2d"]
    static let paddings: [Padding] = [.none1D, .same, .causal, .explicit([2, 0]), .explicit([1, 4])]

    // MARK: - Over steps

    @Test(arguments: paddings)
    func `convolution equals its reference for every small geometry`(padding: Padding) throws {
        var seed: UInt64 = 0
        for size in [1, 2, 3, 5] {
            for stride in [1, 2, 3, 7] {
                for dilation in [1, 2, 3] {
                    for steps in [1, 4, 9] {
                        seed += 1
                        try check(
                            Convolution1D(
                                filters: 2, filterSize: size, stride: stride, dilation: dilation, padding: padding,
                                hasBias: seed % 3 != 0),
                            [1 + Int(seed % 2), steps], seed: seed)
                    }
                }
            }
        }
    }

    @Test(arguments: [1, 2, 4, 5, 7, 8], [15, 16, 17, 33, 50])
    func `convolution equals its reference for every count of filters and steps`(filters: Int, steps: Int) throws {
        try checkLayer(
            Convolution1D(filters: filters, filterSize: 3, padding: .same), inputs: [[3, steps]], examples: 1)
        try checkLayer(
            Convolution1D(filters: 3, filterSize: 3, stride: 2, padding: .same), inputs: [[filters, steps]],
            examples: 1)
        try checkLayer(
            TransposedConvolution1D(filters: 3, filterSize: 3, stride: 2), inputs: [[filters, steps]], examples: 1)
    }

    @Test(arguments: [1, 2, 3], [Padding.none1D, .same, .causal, .explicit([0, 40])])
    func `convolution equals its reference when a filter reaches far`(stride: Int, padding: Padding) throws {
        for (size, dilation) in [(2, 21), (3, 17), (35, 1), (18, 2)] {
            // Whole vectors of output steps, so that no border of zeros is there by chance.
            let extent = dilation * (size - 1) + 1
            let layer = Convolution1D(
                filters: 2, filterSize: size, stride: stride, dilation: dilation, padding: padding)
            let steps = padding == .none1D ? extent + 15 * stride : 48
            try checkLayer(layer, inputs: [[2, steps]], examples: 1)
        }
    }

    @Test(arguments: [(4, 2, 2), (4, 2, 6), (3, 3, 3), (2, 2, 8), (6, 3, 15)])
    func `grouped convolution equals its reference`(channels: Int, groups: Int, filters: Int) throws {
        for (stride, dilation) in [(1, 1), (2, 1), (1, 2), (3, 2)] {
            try checkLayer(
                Convolution1D(
                    filters: filters, filterSize: 3, stride: stride, dilation: dilation, padding: .same, groups: groups),
                inputs: [[channels, 7]], examples: 2)
        }
        for stride in [1, 2, 4] {
            try checkLayer(
                TransposedConvolution1D(filters: filters, filterSize: 3, stride: stride, groups: groups),
                inputs: [[channels, 4]], examples: 2)
        }
    }

    @Test(arguments: [Padding.none1D, .same, .explicit([1, 0]), .explicit([1, 2])])
    func `transposed convolution equals its reference for every small geometry`(cropping: Padding) throws {
        var seed: UInt64 = 0
        for size in [1, 2, 3, 5] {
            for stride in [1, 2, 3, 7] {
                for steps in [1, 2, 6] {
                    seed += 1
                    try check(
                        TransposedConvolution1D(
                            filters: 2, filterSize: size, stride: stride, cropping: cropping, hasBias: seed % 3 != 0),
                        [1 + Int(seed % 2), steps], seed: seed)
                }
            }
        }
    }

    /// Nineteen examples make chunks of two: what a chunk adds up, and where its examples lie.
    @Test func `convolutions equal their references when a chunk has several examples`() throws {
        let layers: [any Layer] = [
            Convolution1D(filters: 3, filterSize: 2), Convolution1D(filters: 2, filterSize: 2, stride: 2),
            TransposedConvolution1D(filters: 3, filterSize: 3, stride: 2),
        ]
        for layer in layers { try checkLayer(layer, inputs: [[2, 4]], examples: 19) }
    }

    // MARK: - Over images

    @Test(arguments: [Padding.none2D, .same, .explicit([1, 0, 2, 1])])
    func `convolution of images equals its reference for every small geometry`(padding: Padding) throws {
        var seed: UInt64 = 0
        for size in [[1, 1], [2, 3], [3, 1], [1, 4]] {
            for stride in [[1, 1], [2, 2], [1, 3], [3, 2]] {
                for dilation in [[1, 1], [2, 1], [2, 3]] {
                    seed += 1
                    let shape: Shape = [[3, 5], [4, 1], [1, 7], [6, 6]].map { [1 + Int(seed % 2), $0[0], $0[1]] }[
                        Int(seed % 4)]
                    try check(
                        Convolution2D(
                            filters: 1 + Int(seed % 3), filterSize: size, stride: stride, dilation: dilation,
                            padding: padding, hasBias: seed % 3 != 0),
                        shape, seed: seed)
                }
            }
        }
    }

    @Test(arguments: [[3, 8, 8], [2, 5, 16], [1, 4, 17], [5, 6, 3]])
    func `convolution of images equals its reference for rows of any width`(shape: [Int]) throws {
        for filters in [1, 2, 3, 6] {
            try checkLayer(
                Convolution2D(filters: filters, filterSize: [3, 3], padding: .same), inputs: [Shape(shape)],
                examples: 2)
        }
        try checkLayer(
            Convolution2D(filters: 2, filterSize: [3, 3], stride: [2, 2], padding: .same), inputs: [Shape(shape)],
            examples: 17)
    }

    @Test(arguments: [(4, 2, 6), (3, 3, 3), (2, 2, 6)])
    func `grouped convolution of images equals its reference`(channels: Int, groups: Int, filters: Int) throws {
        for stride in [[1, 1], [2, 1]] {
            try checkLayer(
                Convolution2D(
                    filters: filters, filterSize: [3, 2], stride: stride, dilation: [1, 2], padding: .same,
                    groups: groups),
                inputs: [[channels, 4, 5]], examples: 2)
            try checkLayer(
                TransposedConvolution2D(filters: filters, filterSize: [3, 2], stride: stride, groups: groups),
                inputs: [[channels, 2, 3]], examples: 2)
        }
    }

    @Test(arguments: [Padding.none2D, .same, .explicit([1, 0, 0, 1])])
    func `transposed convolution of images equals its reference`(cropping: Padding) throws {
        var seed: UInt64 = 0
        for size in [[1, 1], [2, 2], [3, 2], [1, 4]] {
            for stride in [[1, 1], [2, 2], [3, 1]] {
                seed += 1
                try check(
                    TransposedConvolution2D(
                        filters: 1 + Int(seed % 3), filterSize: size, stride: stride, cropping: cropping,
                        hasBias: seed % 3 != 0),
                    [1 + Int(seed % 2), 2, 3], seed: seed)
            }
        }
    }

    // MARK: - Shapes

    @Test(
        arguments: [
            (TransposedConvolution1D(filters: 2, filterSize: 4, stride: 3), [2, 5], [2, 16]),
            (TransposedConvolution1D(filters: 2, filterSize: 4, stride: 3, cropping: .same), [2, 5], [2, 15]),
            (TransposedConvolution1D(filters: 2, filterSize: 2, stride: 3, cropping: .same), [2, 5], [2, 15]),
            (TransposedConvolution1D(filters: 2, filterSize: 4, cropping: .explicit([1, 2])), [2, 5], [2, 5]),
            (
                TransposedConvolution2D(
                    filters: 2, filterSize: [4, 2], stride: [2, 1], cropping: .explicit([1, 1, 0, 1])),
                [3, 5, 6], [2, 10, 6]
            ),
            (Convolution2D(filters: 2, filterSize: [3, 3], stride: [2, 2], padding: .same), [3, 5, 6], [2, 3, 3]),
        ] as [(any Layer, Shape, Shape)])
    func `shapes follow the rule`(layer: any Layer, input: Shape, output: Shape) throws {
        #expect(try layer.outputShape(of: [input]) == output)
    }

    @Test(
        arguments: [
            (
                Convolution1D(filters: 4, filterSize: 1, groups: 3), [4, 5],
                "3 groups must divide both the channels of the input 4 x 5 and the 4 filters"
            ),
            (
                TransposedConvolution1D(filters: 3, filterSize: 1, groups: 2), [4, 5],
                "2 groups must divide both the channels of the input 4 x 5 and the 3 filters"
            ),
            (
                TransposedConvolution1D(filters: 3, filterSize: 3, stride: 2, cropping: .explicit([4, 3])), [4, 3],
                "cropping [4, 3] leaves nothing of the 7 steps made of the input 4 x 3"
            ),
            (
                TransposedConvolution2D(
                    filters: 3, filterSize: [3, 2], stride: [2, 1], cropping: .explicit([0, 0, 2, 2])), [4, 3, 3],
                "cropping [0, 0, 2, 2] leaves nothing of the 7 x 4 image made of the input 4 x 3 x 3"
            ),
            (
                Convolution2D(filters: 3, filterSize: [3, 2], dilation: [1, 4]), [4, 3, 4],
                "a filter of 3 x 5 does not fit the input 4 x 3 x 4"
            ),
            (
                Convolution2D(filters: 3, filterSize: [3, 2]), [4, 3],
                "the input is 4 x 3; expected [channels, height, width]"
            ),
        ] as [(any Layer, Shape, String)])
    func `shapes that do not fit are told whole`(layer: any Layer, input: Shape, message: String) {
        #expect(throws: NetworkError(.shapeMismatch, message)) { try layer.outputShape(of: [input]) }
    }

    @Test func `a sequence has the valid steps that it has alone`() throws {
        for cropping in [Padding.none1D, .same, .explicit([1, 2])] {
            let layer = TransposedConvolution1D(filters: 1, filterSize: 3, stride: 2, cropping: cropping)
            let output = try layer.outputShape(of: [[1, 9]])
            for steps in 2...9 {
                let alone = try layer.outputShape(of: [[1, steps]])
                #expect(layer.steps(of: [steps], shapes: [[1, 9]], output: output) == alone[1])
            }
        }
        let short = TransposedConvolution1D(filters: 1, filterSize: 3, stride: 2, cropping: .explicit([1, 2]))
        #expect(short.steps(of: [1], shapes: [[1, 9]], output: [1, 16]) == 0)
    }

    @Test func `multiply-accumulates count each weight once a place`() throws {
        let grouped = Convolution1D(filters: 6, filterSize: 3, groups: 2)
        #expect(grouped.macs(inputs: [[4, 7]], output: [6, 5]) == 6 * 5 * 2 * 3)
        let transposed = TransposedConvolution1D(filters: 6, filterSize: 3, stride: 2, groups: 2)
        #expect(transposed.macs(inputs: [[4, 7]], output: [6, 15]) == 4 * 7 * 3 * 3)
        let images = TransposedConvolution2D(filters: 6, filterSize: [3, 2])
        #expect(images.macs(inputs: [[4, 7, 2]], output: [6, 9, 3]) == 4 * 7 * 2 * 6 * 6)
    }

    private func check(_ layer: any Layer, _ shape: Shape, seed: UInt64) throws {
        guard (try? layer.outputShape(of: [shape])) != nil else { return }
        try checkLayer(layer, inputs: [shape], examples: 2, seed: seed)
    }
}
