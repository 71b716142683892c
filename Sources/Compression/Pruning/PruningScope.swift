package import Networks

/// Which filters pruning may remove, and how many must stay.
package struct PruningScope: Hashable, Sendable {
    /// Patterns for layer names; `nil` for every layer that can be pruned.
    package var layerNames: [String]?
    /// What counts as a filter: filters of convolutions, units of hidden dense layers.
    package var prunable: Set<FilterKind>
    /// The fraction of its filters that a layer keeps at the least.
    package var minimumFraction: Double

    package init(
        layerNames: [String]? = nil, prunable: Set<FilterKind> = [.convolution], minimumFraction: Double = 0.2
    ) {
        self.layerNames = layerNames
        self.prunable = prunable
        self.minimumFraction = minimumFraction
    }

    /// The filters that a layer of `count` filters keeps at the least: `floor(minimumFraction * count)`, but one.
    package func minimum(of count: Int) -> Int {
        // A fraction such as 0.29 is not exact in binary: 0.29 * 100 must give 29.
        max(1, min(count, Int((minimumFraction * Double(count) + 1e-9).rounded(.down))))
    }
}
