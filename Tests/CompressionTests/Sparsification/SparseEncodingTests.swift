import Compression
import Foundation
import Tensors
import Testing

@Suite struct SparseEncodingTests {
    private func tensor(_ shape: Shape, density: Float, seed: UInt64) -> Tensor {
        var random = RandomStream(seed: seed, name: "sparse")
        return Tensor(
            (0..<shape.count).map { _ in random.uniform() < density ? random.uniform() - 0.5 : 0 }, shape: shape)
    }

    @Test func `every form gives the tensor back, bit for bit`() {
        for seed in UInt64(0)..<60 {
            var random = RandomStream(seed: seed, name: "shape")
            let shape: Shape =
                seed % 2 == 0 ? [1 + random.below(6), 1 + random.below(9)] : [3, 2, 1 + random.below(4)]
            let tensor = tensor(shape, density: Float(seed % 5) / 4, seed: seed)
            for form in SparseEncoding.Form.allCases {
                #expect(SparseEncoding(tensor, as: form).tensor(shape: shape) == tensor, "seed \(seed), \(form)")
            }
            let smallest = SparseEncoding.Form.allCases.map { SparseEncoding(tensor, as: $0).bytes.count }.min()
            #expect(SparseEncoding(tensor).bytes.count == smallest)
        }
    }

    @Test(arguments: [(1, "dense"), (0.3, "bitmask"), (0.01, "indexed")] as [(Float, String)])
    func `the sparser, the more an index pays`(density: Float, form: String) {
        #expect(SparseEncoding(tensor([20, 500], density: density, seed: 1)).form.rawValue == form)
    }

    @Test func `bytes are those that the forms need`() {
        let tensor = Tensor([0, 1, 0, 0, 2, 0, 0, 0, 0, 3], shape: [2, 5])
        let counts = SparseEncoding.Form.allCases.map { SparseEncoding(tensor, as: $0).bytes.count }
        #expect(counts == [1 + 40, 1 + 2 + 12, 1 + 12 + 6 + 12])
        #expect(Array(SparseEncoding(tensor, as: .bitmask).bytes.prefix(3)) == [1, 0b0001_0010, 0b10])
    }
}
