internal import CLAPACKE

/// Dense linear algebra in double precision, by LAPACK and BLAS on the calling thread.
package enum LinearAlgebra {
    /// Runs once: OpenBLAS must not start threads of its own.
    private static let singleThreaded: Void = openblas_set_num_threads(1)

    /// The eigenvalues and eigenvectors of a symmetric matrix (LAPACK `dsyevd`).
    ///
    /// - Parameters:
    ///   - matrix: `order * order` elements in row-major order; only the upper triangle is read.
    ///   - order: The number of rows, one or more.
    /// - Returns: Eigenvalues from the largest down; `vectors[i]` belongs to `values[i]`, has length one, and its
    ///   component of largest magnitude (the first of equals) is positive.
    /// - Throws: ``KernelError`` if an element is not finite or the method does not converge.
    package static func symmetricEigen(
        _ matrix: [Double], order: Int
    ) throws(KernelError) -> (values: [Double], vectors: [[Double]]) {
        precondition(order >= 1 && matrix.count == order * order, "\(matrix.count) elements, order \(order)")
        guard matrix.allSatisfy(\.isFinite) else {
            throw KernelError(.nonFiniteValue, "a matrix of order \(order) has elements that are not finite")
        }
        _ = singleThreaded
        var work = matrix
        var values = [Double](repeating: 0, count: order)
        // In column-major terms the row-major upper triangle is the lower one, and each eigenvector is contiguous.
        let status = LAPACKE_dsyevd(
            LAPACK_COL_MAJOR, CChar(UInt8(ascii: "V")), CChar(UInt8(ascii: "L")), Int32(order), &work,
            Int32(order), &values)
        guard status == 0 else {
            throw KernelError(.noConvergence, "the eigenvalues of a matrix of order \(order) did not converge")
        }
        let vectors = (0..<order).reversed().map { column in
            pointed(Array(work[column * order..<(column + 1) * order]))
        }
        return (values.reversed(), vectors)
    }

    /// The matrix product `left * right`, row-major.
    ///
    /// - Parameters:
    ///   - left: `rows * inner` elements.
    ///   - right: `inner * columns` elements.
    package static func product(
        _ left: [Double], _ right: [Double], rows: Int, inner: Int, columns: Int
    ) -> [Double] {
        precondition(left.count == rows * inner && right.count == inner * columns, "matrices that do not fit")
        guard rows > 0, inner > 0, columns > 0 else { return [Double](repeating: 0, count: rows * columns) }
        _ = singleThreaded
        var product = [Double](repeating: 0, count: rows * columns)
        cblas_dgemm(
            CblasRowMajor, CblasNoTrans, CblasNoTrans, Int32(rows), Int32(columns), Int32(inner), 1, left,
            Int32(inner), right, Int32(columns), 0, &product, Int32(columns))
        return product
    }

    /// The vector or its negative: the one whose component of largest magnitude is positive.
    private static func pointed(_ vector: [Double]) -> [Double] {
        var largest = 0.0
        for component in vector where abs(component) > abs(largest) { largest = component }
        return largest < 0 ? vector.map { -$0 } : vector
    }
}
