internal import CKernels

/// A function of one element, with its slope; vectors of polynomials, the same at every place of an array.
package enum ElementFunction: Hashable, Sendable {
    case relu
    case leakyReLU(slope: Float)
    case clippedReLU(ceiling: Float)
    case elu(alpha: Float)
    case gelu
    case geluTanh
    case swish
    case tanh
    case sigmoid
    case hardSigmoid
    case hardSwish
    case hardTanh

    /// `y = f(x)`, where `y` may be `x`.
    ///
    /// A NaN stays.
    package func forward(count: Int, x: Floats, y: Floats) {
        pare_function_forward(code, parameter, Int64(count), x, y)
    }

    /// `dx = f'(x) dy`, where `dx` may be `dy`.
    ///
    /// At a kink the slope is that of the flatter side.
    ///
    /// - Parameter y: What ``forward(count:x:y:)`` gave for `x`.
    package func backward(count: Int, x: Floats, y: Floats, dy: Floats, dx: Floats) {
        pare_function_backward(code, parameter, Int64(count), x, y, dy, dx)
    }

    /// Whether ``backward(count:x:y:dy:dx:)`` reads `y` alone and not `x`, or `x` alone.
    package var slopeIsOfOutput: Bool {
        switch self {
        case .gelu, .geluTanh, .swish, .hardSwish: false
        default: true
        }
    }

    private var parameter: Float {
        switch self {
        case .leakyReLU(let slope): slope
        case .clippedReLU(let ceiling): ceiling
        case .elu(let alpha): alpha
        default: 0
        }
    }

    private var code: Int32 {
        let code =
            switch self {
            case .relu: PARE_RELU
            case .leakyReLU: PARE_LEAKY_RELU
            case .clippedReLU: PARE_CLIPPED_RELU
            case .elu: PARE_ELU
            case .gelu: PARE_GELU
            case .geluTanh: PARE_GELU_TANH
            case .swish: PARE_SWISH
            case .tanh: PARE_TANH
            case .sigmoid: PARE_SIGMOID
            case .hardSigmoid: PARE_HARD_SIGMOID
            case .hardSwish: PARE_HARD_SWISH
            case .hardTanh: PARE_HARD_TANH
            }
        return Int32(code)
    }
}
