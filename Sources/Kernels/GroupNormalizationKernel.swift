internal import CKernels

/// Normalization of groups of consecutive channels of one example, `[channels, positions]`.
package struct GroupNormalizationKernel: Sendable {
    package let channels: Int
    package let positions: Int
    package let groups: Int
    package let epsilon: Double

    package init(channels: Int, positions: Int, groups: Int, epsilon: Double) {
        self.channels = channels
        self.positions = positions
        self.groups = groups
        self.epsilon = epsilon
    }

    /// Floats of statistics that forward leaves to backward.
    package var statisticsCount: Int { 2 * groups }

    /// - Parameter valid: How many positions count; the others are zero in `x`.
    package func forward(valid: Int, x: Floats, scale: Floats, offset: Floats, statistics: Floats, y: Floats) {
        pare_group_normalization_forward(
            Int64(channels), Int64(positions), Int64(groups), Int64(valid), epsilon, x, scale, offset, statistics, y)
    }

    /// Overwrites `dx`, if it is wanted; adds to `dscale` and `doffset`.
    ///
    /// - Parameter valid: How many positions count; the others are zero in `dy`.
    package func backward(
        valid: Int, x: Floats, scale: Floats, statistics: Floats, dy: Floats, dx: Floats?, dscale: Floats,
        doffset: Floats
    ) {
        pare_group_normalization_backward(
            Int64(channels), Int64(positions), Int64(groups), Int64(valid), x, scale, statistics, dy, dx, dscale,
            doffset)
    }
}

/// Normalization of the channels of each position of one example, `[channels, positions]`.
package struct PositionNormalizationKernel: Sendable {
    package let channels: Int
    package let positions: Int
    package let epsilon: Double

    package init(channels: Int, positions: Int, epsilon: Double) {
        self.channels = channels
        self.positions = positions
        self.epsilon = epsilon
    }

    package func forward(x: Floats, scale: Floats, offset: Floats, y: Floats) {
        pare_position_normalization_forward(Int64(channels), Int64(positions), Float(epsilon), x, scale, offset, y)
    }

    /// Overwrites `dx`, if it is wanted; adds to `dscale` and `doffset`.
    package func backward(x: Floats, scale: Floats, dy: Floats, dx: Floats?, dscale: Floats, doffset: Floats) {
        pare_position_normalization_backward(
            Int64(channels), Int64(positions), Float(epsilon), x, scale, dy, dx, dscale, doffset)
    }
}
