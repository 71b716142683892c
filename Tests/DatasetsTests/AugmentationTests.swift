import Datasets
import Foundation
import Kernels
import Tensors
import Testing

@Suite struct AugmentationTests {
    private static func apply(
        _ options: Augmentation, to values: [Float], shape: Shape, rows: [Int], steps: [Int]? = nil, epoch: Int = 0
    ) -> [Float] {
        let buffer = FloatBuffer(values)
        let augmenter = Augmenter(options, shape: shape, seed: 5, stream: "train/0")
        augmenter.apply(to: buffer.pointer, rows: rows[...], steps: steps, epoch: epoch)
        return buffer.array
    }

    private static func options(_ change: (inout Augmentation) -> Void) -> Augmentation {
        var options = Augmentation()
        change(&options)
        return options
    }

    private static let everything = options { options in
        options.cropPadding = 1
        options.flipHorizontal = true
        options.flipVertical = true
        options.shift = 1
        options.scale = 0.25
        options.noise = 0.5
    }

    @Test func `no option changes nothing`() {
        let values = (0..<24).map(Float.init)
        #expect(Self.apply(Augmentation(), to: values, shape: [2, 2, 3], rows: [4, 9]) == values)
        #expect(Augmentation().isIdentity && !Self.everything.isIdentity)
    }

    @Test func `what happens to an example depends on seed, epoch and row, and not on its batch`() {
        let values = (0..<18).map { 10 * Float($0) }
        let pair = Self.apply(Self.everything, to: values + values, shape: [2, 3, 3], rows: [4, 9])
        #expect(Self.apply(Self.everything, to: values, shape: [2, 3, 3], rows: [9]) == Array(pair[18...]))
        #expect(pair[..<18] != pair[18...])
        #expect(Self.apply(Self.everything, to: values + values, shape: [2, 3, 3], rows: [4, 9], epoch: 1) != pair)
    }

    @Test func `an option does not change what another one draws`() {
        let values = (0..<9).map(Float.init)
        let both = Self.options { options in
            options.flipHorizontal = true
            options.flipVertical = true
        }
        let one = Self.options { $0.flipHorizontal = true }
        for row in 0..<16 {
            let mirrored = Self.apply(one, to: values, shape: [1, 3, 3], rows: [row])
            let first = mirrored[0] == 2
            #expect(
                Self.apply(both, to: values, shape: [1, 3, 3], rows: [row])[0].truncatingRemainder(dividingBy: 3)
                    == (first ? 2 : 0))
        }
    }

    @Test func `images are mirrored half of the time, all channels together`() {
        let values: [Float] = [1, 2, 3, 4, 5, 6, 7, 8]
        let options = Self.options { $0.flipHorizontal = true }
        let results = (0..<200).map { Self.apply(options, to: values, shape: [2, 2, 2], rows: [$0]) }
        let mirrored: [Float] = [2, 1, 4, 3, 6, 5, 8, 7]
        #expect(results.allSatisfy { $0 == values || $0 == mirrored })
        #expect((70...130).contains(results.count { $0 == mirrored }))
    }

    @Test func `a shift moves all channels of a sequence and fills with zeros`() {
        let options = Self.options { $0.shift = 1 }
        let results = (0..<60).map { Self.apply(options, to: [1, 2, 3, 4, 5, 6], shape: [2, 3], rows: [$0]) }
        let expected: Set<[Float]> = [[1, 2, 3, 4, 5, 6], [0, 1, 2, 0, 4, 5], [2, 3, 0, 5, 6, 0]]
        #expect(Set(results) == expected)
    }

    @Test func `a crop moves images in both directions`() {
        let options = Self.options { $0.cropPadding = 1 }
        let results = Set((0..<200).map { Self.apply(options, to: [1, 2, 3, 4], shape: [1, 2, 2], rows: [$0]) })
        #expect(results.count == 9)
        #expect(results.contains([0, 0, 0, 1]) && results.contains([4, 0, 0, 0]) && results.contains([1, 2, 3, 4]))
    }

    @Test func `what lies beyond the steps of an example stays zero`() {
        let result = Self.apply(
            Self.everything, to: [1, 2, 0, 0, 3, 4, 0, 0], shape: [2, 4], rows: [3], steps: [2])
        #expect(result[2...3] == [0, 0] && result[6...7] == [0, 0])
        #expect(result[0] != 0)
    }

    @Test func `noise has the deviation asked for, and a factor its range`() {
        let options = Self.options { $0.noise = 2 }
        let noise = Self.apply(options, to: Array(repeating: 0, count: 40_000), shape: [1, 40_000], rows: [0])
        let mean = noise.reduce(0) { $0 + Double($1) } / 40_000
        let variance = noise.reduce(0) { $0 + Double($1) * Double($1) } / 40_000
        #expect(abs(mean) < 0.04)
        #expect(abs(variance - 4) < 0.12)
        let scaled = (0..<100).map { row in
            Self.apply(Self.options { $0.scale = 0.5 }, to: [8, 16], shape: [1, 2], rows: [row])
        }
        #expect(scaled.allSatisfy { $0[1] == 2 * $0[0] && (4...12).contains($0[0]) })
        #expect(Set(scaled.map { $0[0] }).count > 90)
    }

    @Test func `options have the names of recipes`() throws {
        let text = #"{"NoiseDeviation":0.5,"RandomCropPadding":4,"RandomHorizontalFlip":true,"RandomShift":2}"#
        let options = try JSONDecoder().decode(Augmentation.self, from: Data(text.utf8))
        #expect(
            options
                == Self.options { options in
                    options.cropPadding = 4
                    options.flipHorizontal = true
                    options.shift = 2
                    options.noise = 0.5
                })
    }
}
