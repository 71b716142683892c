internal import Foundation
internal import Kernels

extension ElementFunction {
    /// The function in double precision.
    func value(_ x: Double) -> Double {
        switch self {
        case .relu: max(0, x)
        case .leakyReLU(let slope): x > 0 ? x : Double(slope) * x
        case .clippedReLU(let ceiling): min(max(0, x), Double(ceiling))
        case .elu(let alpha): x > 0 ? x : Double(alpha) * expm1(x)
        case .gelu: x * (1 + Foundation.erf(x / 2.0.squareRoot())) / 2
        case .geluTanh: x * (1 + Foundation.tanh((2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x))) / 2
        case .swish: x / (1 + exp(-x))
        case .tanh: Foundation.tanh(x)
        case .sigmoid: 1 / (1 + exp(-x))
        case .hardSigmoid: min(max(0, x / 6 + 0.5), 1)
        case .hardSwish: x * min(max(0, x / 6 + 0.5), 1)
        case .hardTanh: min(max(-1, x), 1)
        }
    }
}
