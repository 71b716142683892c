internal import CKernels

/// Functions of a number, over arrays: polynomials with errors of some units in the last place, the same bits on every
/// machine of one instruction set.
///
/// A NaN gives a NaN, an infinity the limit of the function; `y` may be `x`.
package enum FunctionKernels {
    package static func exp(count: Int, x: Floats, y: Floats) { pare_exp(Int64(count), x, y) }

    /// `y = exp(x) - 1`, exact near zero too.
    package static func expm1(count: Int, x: Floats, y: Floats) { pare_expm1(Int64(count), x, y) }

    /// `y = 1 / (1 + exp(-x))`.
    package static func sigmoid(count: Int, x: Floats, y: Floats) { pare_sigmoid(Int64(count), x, y) }

    package static func tanh(count: Int, x: Floats, y: Floats) { pare_tanh(Int64(count), x, y) }

    package static func erf(count: Int, x: Floats, y: Floats) { pare_erf(Int64(count), x, y) }
}
