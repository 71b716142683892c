import Foundation
import Kernels
import Testing

/// The polynomials against the C library in double precision.
@Suite struct FunctionKernelTests {
    enum Function: CaseIterable {
        case exp, expm1, sigmoid, tanh, erf

        /// The documented error in units in the last place.
        var limit: Double {
            switch self {
            case .exp, .expm1, .erf: 1.5
            case .sigmoid, .tanh: 2.5
            }
        }

        func exact(_ x: Double) -> Double {
            switch self {
            case .exp: Foundation.exp(x)
            case .expm1: Foundation.expm1(x)
            case .sigmoid: 1 / (1 + Foundation.exp(-x))
            case .tanh: Foundation.tanh(x)
            case .erf: Foundation.erf(x)
            }
        }

        func values(of x: [Float], count: Int? = nil) -> [Float] {
            let buffer = FloatBuffer(x)
            let (count, x) = (count ?? x.count, buffer.pointer)
            switch self {
            case .exp: FunctionKernels.exp(count: count, x: x, y: x)
            case .expm1: FunctionKernels.expm1(count: count, x: x, y: x)
            case .sigmoid: FunctionKernels.sigmoid(count: count, x: x, y: x)
            case .tanh: FunctionKernels.tanh(count: count, x: x, y: x)
            case .erf: FunctionKernels.erf(count: count, x: x, y: x)
            }
            return buffer.array
        }
    }

    /// Numbers of every size, both signs, and densely where the functions bend.
    private static var arguments: [Float] {
        var numbers: [Float] = [0, .leastNonzeroMagnitude, .leastNormalMagnitude]
        var bits = Float(1e-30).bitPattern
        while bits < Float(200).bitPattern {
            numbers.append(Float(bitPattern: bits))
            bits += 4099
        }
        for index in 0..<200_000 { numbers.append(Float(index) * 1e-4) }
        return numbers + numbers.map { -$0 }
    }

    @Test(arguments: Function.allCases)
    func `a function is right to some units in the last place`(_ function: Function) {
        let arguments = Self.arguments
        var worst = (error: 0.0, argument: Float(0), value: Float(0))
        for (argument, value) in zip(arguments, function.values(of: arguments)) {
            let expected = function.exact(Double(argument))
            let rounded = Float(expected)
            let error: Double =
                if rounded.isInfinite || abs(rounded) < .leastNormalMagnitude {
                    value == rounded || abs(value - rounded) < .leastNormalMagnitude ? 0 : .infinity
                } else {
                    abs(Double(value) - expected) / Double(rounded.ulp)
                }
            if !(error <= worst.error) { worst = (error, argument, value) }
        }
        #expect(worst.error <= function.limit, "\(function)(\(worst.argument)) = \(worst.value)")
    }

    @Test(
        arguments: [
            (.exp, .infinity, 0), (.expm1, .infinity, -1), (.sigmoid, 1, 0), (.tanh, 1, -1), (.erf, 1, -1),
        ] as [(Function, Float, Float)])
    func `infinities give the limits, a NaN stays`(_ function: Function, above: Float, below: Float) {
        let x: [Float] = [.infinity, .greatestFiniteMagnitude, -.infinity, -.greatestFiniteMagnitude]
        #expect(function.values(of: x) == [above, above, below, below])
        #expect(function.values(of: [1, .nan, -.nan, 2]).map(\.isNaN) == [false, true, true, false])
    }

    @Test func `what lies beyond the last element is left alone`() {
        let values = Function.sigmoid.values(of: [Float](repeating: 0.5, count: 20), count: 17)
        #expect(values[17...] == [0.5, 0.5, 0.5])
        #expect(Set(values[..<17]).count == 1 && values[0] != 0.5)
    }
}
