internal import Kernels

/// Sums over all patches of a layer's inputs: what the squared error of its outputs depends on, whatever the number of
/// examples.
///
/// With patches `x` and targets `t` of a filter `w`, `sum (w x - t)^2 = w' G w - 2 w' c + sum t^2`, where `G` is the sum
/// of `x x'` and `c` that of `t x`.
package struct PatchMoments {
    package let size: Int
    package let filters: Int
    /// `G`, `size * size` in row-major order.
    package private(set) var products: [Double]
    /// The `c` of each filter, `filters * size`.
    package private(set) var targets: [Double]
    package private(set) var count = 0
    /// Patches and their targets, not yet summed; transposed.
    private var patches: [[Double]]
    private var wanted: [[Double]]

    /// - Parameters:
    ///   - size: Elements of a patch.
    ///   - filters: Filters that read the same patches.
    package init(size: Int, filters: Int) {
        (self.size, self.filters) = (size, filters)
        products = [Double](repeating: 0, count: size * size)
        targets = [Double](repeating: 0, count: filters * size)
        patches = Array(repeating: [], count: size)
        wanted = Array(repeating: [], count: filters)
    }

    /// Takes in one patch.
    ///
    /// - Parameters:
    ///   - element: The element of the patch at an index.
    ///   - target: What a filter should give.
    package mutating func add(_ element: (Int) -> Float, target: (Int) -> Float) {
        for index in 0..<size { patches[index].append(Double(element(index))) }
        for filter in 0..<filters { wanted[filter].append(Double(target(filter))) }
        count += 1
        if count.isMultiple(of: Self.patchesAtOnce) { sum() }
    }

    /// Takes what is left into the sums; called once after the last patch.
    package mutating func sum() {
        let rows = patches.first?.count ?? 0
        guard rows > 0 else { return }
        var columns = [Double](repeating: 0, count: rows * size)
        for (index, elements) in patches.enumerated() {
            for (row, element) in elements.enumerated() { columns[row * size + index] = element }
        }
        let left = patches.flatMap { $0 }
        let products = LinearAlgebra.product(left, columns, rows: size, inner: rows, columns: size)
        let targets = LinearAlgebra.product(
            wanted.flatMap { $0 }, columns, rows: filters, inner: rows, columns: size)
        for index in products.indices { self.products[index] += products[index] }
        for index in targets.indices { self.targets[index] += targets[index] }
        for index in patches.indices { patches[index].removeAll(keepingCapacity: true) }
        for index in wanted.indices { wanted[index].removeAll(keepingCapacity: true) }
    }

    private static let patchesAtOnce = 1024
}
