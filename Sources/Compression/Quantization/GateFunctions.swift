internal import Kernels

/// The functions of gates in integers: from Q3.12 (steps of 2^-12, from -8 to 8) to Q0.15 (steps of 2^-15, below 1).
///
/// 513 points 2^-5 apart with straight lines between them, as integer kernels of LSTMs have them (Li and Alvarez, "On the
/// quantization of recurrent neural networks", 2021); wrong by less than 2^-13.
enum GateFunctions {
    static let tables = IntegerRecurrentKernels.Tables(
        sigmoid: points { ElementFunction.sigmoid.value($0) }, tanh: points { ElementFunction.tanh.value($0) })

    /// The exponents of the steps of gates' sums, as they are added up, and of hidden states.
    static let sumExponent = -16
    static let hiddenExponent = -15

    private static func points(_ function: (Double) -> Double) -> [Int16] {
        (0...512).map { index in
            let value = (function(Double(index - 256) / 32) * 0x1p15).rounded(.toNearestOrAwayFromZero)
            return Int16(max(-0x1p15, min(0x1p15 - 1, value)))
        }
    }
}
