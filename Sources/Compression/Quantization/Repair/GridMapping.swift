internal import Kernels
internal import Networks
internal import Training

/// Trains weights as the integers that they will be: fake quantization.
///
/// As Jacob et al. ("Quantization and training of neural networks for efficient integer-arithmetic-only inference",
/// 2018) have it: the network computes with the nearest value on the grid, gradients pass through the rounding, and not to a weight
/// that the grid cuts off.
struct GridMapping: LearnableMapping {
    private struct Part {
        let range: Range<Int>
        /// `nil` for learnables that stay real numbers.
        let grid: ParameterGrid?
    }

    private let parts: [Part]

    init(_ grids: [ParameterGrid], of network: Network) {
        let grids = Dictionary(grids.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        parts = network.learnableRanges.map { Part(range: $0.range, grid: grids[$0.name]) }
    }

    func map(_ master: FloatBuffer, to learnables: FloatBuffer, in range: Range<Int>) {
        for part in parts where part.range.overlaps(range) {
            let shared = part.range.clamped(to: range)
            guard let grid = part.grid else {
                for index in shared { learnables[index] = master[index] }
                continue
            }
            for index in shared {
                learnables[index] = grid.rounded(master[index], at: index - part.range.lowerBound)
            }
        }
    }

    func pullBack(_ gradients: FloatBuffer, to master: FloatBuffer, in range: Range<Int>) {
        for part in parts where part.range.overlaps(range) {
            guard let grid = part.grid else { continue }
            for index in part.range.clamped(to: range)
            where grid.cutsOff(master[index], at: index - part.range.lowerBound) {
                gradients[index] = 0
            }
        }
    }
}
