import Kernels
import TestSupport
import Testing

@Suite struct LinearAlgebraTests {
    @Test(arguments: [1, 2, 3, 10, 48, 101])
    func `eigenvectors are orthonormal and belong to their eigenvalues`(order: Int) throws {
        var random = SeededGenerator(seed: UInt64(order))
        var matrix = [Double](repeating: 0, count: order * order)
        for row in 0..<order {
            for column in row..<order {
                matrix[row * order + column] = Double(random.signed())
                matrix[column * order + row] = matrix[row * order + column]
            }
        }
        let (values, vectors) = try LinearAlgebra.symmetricEigen(matrix, order: order)
        #expect(values == values.sorted(by: >))
        #expect(values.count == order && vectors.count == order)
        for (value, vector) in zip(values, vectors) {
            for row in 0..<order {
                let product = (0..<order).map { matrix[row * order + $0] * vector[$0] }.reduce(0, +)
                #expect(abs(product - value * vector[row]) < 1e-12 * Double(order))
            }
            let largest = vector.max { abs($0) < abs($1) } ?? 0
            #expect(largest > 0)
        }
        for left in 0..<order {
            for right in 0..<order {
                let product = zip(vectors[left], vectors[right]).map { $0 * $1 }.reduce(0, +)
                #expect(abs(product - (left == right ? 1 : 0)) < 1e-13 * Double(order))
            }
        }
        let trace = (0..<order).map { matrix[$0 * order + $0] }.reduce(0, +)
        #expect(abs(values.reduce(0, +) - trace) < 1e-12 * Double(order))
    }

    @Test func `a known matrix has its known values`() throws {
        let (values, vectors) = try LinearAlgebra.symmetricEigen([2, 1, 1, 2], order: 2)
        #expect(abs(values[0] - 3) < 1e-14 && abs(values[1] - 1) < 1e-14)
        let half = 0.5.squareRoot()
        for (vector, expected) in zip(vectors, [[half, half], [half, -half]]) {
            // Both components are of one magnitude but for rounding: the sign is free there.
            let sign = vector[0] > 0 ? 1.0 : -1.0
            #expect(zip(vector, expected).allSatisfy { abs(sign * $0 - $1) < 1e-14 })
        }
    }

    @Test func `a matrix that is not finite is refused`() {
        #expect(throws: KernelError.self) { try LinearAlgebra.symmetricEigen([1, .nan, .nan, 1], order: 2) }
        do {
            _ = try LinearAlgebra.symmetricEigen([1, 0, 0, .infinity], order: 2)
        } catch {
            #expect(error.code == .nonFiniteValue)
            #expect(error.description == "a matrix of order 2 has elements that are not finite")
        }
    }

    @Test func `products are those of rows and columns`() {
        #expect(
            LinearAlgebra.product([1, 2, 3, 4, 5, 6], [7, 8, 9, 10, 11, 12], rows: 2, inner: 3, columns: 2)
                == [58, 64, 139, 154])
        #expect(LinearAlgebra.product([], [], rows: 2, inner: 0, columns: 2) == [0, 0, 0, 0])
    }
}
