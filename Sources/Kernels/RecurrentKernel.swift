internal import CKernels

/// One direction of a recurrent layer; see `LSTM` and `GRU` for the formulas.
package struct RecurrentKernel: Sendable {
    package enum Cell: Hashable, Sendable {
        case lstm
        case gruResetBefore
        case gruResetAfter

        /// The number of gates, each a block of rows of the weights.
        package var gates: Int { self == .lstm ? 4 : 3 }
    }

    private let layer: pare_recurrent

    /// Floats of packed weights, and of what forward leaves for backward, an example.
    package let packedCount: Int
    package let keptCount: Int

    /// - Parameters:
    ///   - isReversed: Whether an example runs from its own last step to its first.
    ///   - isLast: Whether the output is the state after the example's last turn.
    ///   - outputStep: How far apart the outputs of two examples lie.
    package init(
        cell: Cell, channels: Int, units: Int, steps: Int, isReversed: Bool, isLast: Bool, outputStep: Int
    ) {
        let kind =
            switch cell {
            case .lstm: pare_lstm
            case .gruResetBefore: pare_gru_reset_before
            case .gruResetAfter: pare_gru_reset_after
            }
        var layer = pare_recurrent(
            cell: kind, channels: Int64(channels), units: Int64(units), steps: Int64(steps),
            is_reversed: isReversed ? 1 : 0, is_last: isLast ? 1 : 0, output_step: Int64(outputStep))
        packedCount = Int(pare_recurrent_packed(&layer))
        keptCount = Int(pare_recurrent_kept(&layer))
        self.layer = layer
    }

    /// Floats of scratch memory that forward and backward of so many examples need.
    package func scratchCount(examples: Int) -> Int {
        withUnsafePointer(to: layer) { Int(pare_recurrent_scratch($0, Int64(examples))) }
    }

    /// Lays one part of the weights out as ``forward`` reads them, and ``backward`` if it will.
    package func pack(
        part: Int, of parts: Int, forBackward: Bool, inputWeights: Floats, recurrentWeights: Floats, bias: Floats,
        recurrentBias: Floats?, to packed: Floats
    ) {
        withUnsafePointer(to: layer) {
            pare_recurrent_pack(
                $0, Int64(part), Int64(parts), forBackward ? 1 : 0, inputWeights, recurrentWeights, bias,
                recurrentBias, packed)
        }
    }

    /// - Parameters:
    ///   - lengths: The steps of each example, one or more; `nil` if all are as long as they can be.
    ///   - hidden: The first states, `[units]`; `nil` for zeros.
    package func forward(
        examples: Int, lengths: UnsafePointer<Int64>?, x: Floats, packed: Floats, hidden: Floats?, cell: Floats?,
        y: Floats, kept: Floats, scratch: Floats
    ) {
        withUnsafePointer(to: layer) {
            pare_recurrent_forward($0, Int64(examples), lengths, x, packed, hidden, cell, y, kept, scratch)
        }
    }

    /// The largest magnitude that the cell of an LSTM took, from what ``forward`` kept of as many examples; 0 of a GRU.
    package func cellPeak(examples: Int, lengths: UnsafePointer<Int64>?, kept: Floats) -> Float {
        withUnsafePointer(to: layer) { pare_recurrent_cell_peak($0, Int64(examples), lengths, kept) }
    }

    /// Adds to the gradients of learnables; adds to `dx` or overwrites it.
    package func backward(
        examples: Int, lengths: UnsafePointer<Int64>?, dy: Floats, packed: Floats, kept: Floats, dx: Floats?,
        addsToInputGradient: Bool, dinputWeights: Floats, drecurrentWeights: Floats, dbias: Floats,
        drecurrentBias: Floats?, scratch: Floats
    ) {
        withUnsafePointer(to: layer) {
            pare_recurrent_backward(
                $0, Int64(examples), lengths, dy, packed, kept, dx, addsToInputGradient ? 1 : 0, dinputWeights,
                drecurrentWeights, dbias, drecurrentBias, scratch)
        }
    }
}
