import Tensors
import Testing

@Suite struct TensorTests {
    static let cube = Tensor((0..<24).map(Float.init), shape: [2, 3, 4])

    @Test(arguments: [
        (0, [1], [1, 3, 4], Array(12..<24)),
        (1, [2, 0], [2, 2, 4], [8, 9, 10, 11, 0, 1, 2, 3, 20, 21, 22, 23, 12, 13, 14, 15]),
        (2, [3, 3], [2, 3, 2], [3, 3, 7, 7, 11, 11, 15, 15, 19, 19, 23, 23]), (1, [], [2, 0, 4], []),
    ])
    func `an axis keeps the indices in the order given`(axis: Int, indices: [Int], shape: [Int], elements: [Int]) {
        let kept = Self.cube.keeping(indices, axis: axis)
        #expect(kept == Tensor(elements.map(Float.init), shape: Shape(shape)))
    }

    @Test func `bytes are those of the element type`() {
        #expect(Self.cube.byteCount == 96 && Self.cube.elementType == .float32)
        #expect(Tensor(shape: [3], storage: .int8([1, 2, 3])).byteCount == 3)
        #expect(Tensor(shape: [1, 2], storage: .int32([1, 2])).byteCount == 8)
        #expect(Tensor(repeating: 2, shape: []).floats == [2])
    }

    /// Halves go to the even neighbour; the largest numbers become infinite, and a NaN stays one.
    @Test(
        arguments: [
            (0x3F80_0000, 0x3F80), (0x3F80_8000, 0x3F80), (0x3F81_8000, 0x3F82), (0x3F80_8001, 0x3F81),
            (0x3F80_7FFF, 0x3F80), (0xBF81_8000, 0xBF82), (0x7F7F_FFFF, 0x7F80), (0xFF80_0000, 0xFF80),
            (0x7F80_0001, 0x7FC0), (0x0000_8000, 0x0000), (0x0001_8000, 0x0002), (0x8000_0000, 0x8000),
        ] as [(UInt32, UInt16)])
    func `bfloat16 is the nearest, and even of two`(bits: UInt32, expected: UInt16) {
        let rounded = BFloat16(Float(bitPattern: bits))
        #expect(rounded.bitPattern == expected)
        #expect(rounded.float.bitPattern == UInt32(expected) << 16)
        let tensor = Tensor([Float(bitPattern: bits)]).roundedToBFloat16
        #expect(tensor.byteCount == 2 && tensor.bfloat16s == [rounded])
    }

    @Test(arguments: [([Int](), "scalar", 1), ([5], "5", 5), ([16, 200], "16 x 200", 3200), ([3, 0], "3 x 0", 0)])
    func `a shape says its extents`(dimensions: [Int], description: String, count: Int) {
        #expect(Shape(dimensions).description == description)
        #expect(Shape(dimensions).count == count)
        #expect(Shape(dimensions).rank == dimensions.count)
    }

    @Test func `elements must fill the shape`() async {
        await #expect(processExitsWith: .failure) { _ = Tensor([1, 2, 3], shape: [2, 2]) }
    }
}
