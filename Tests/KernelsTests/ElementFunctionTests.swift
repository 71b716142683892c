import Foundation
import Kernels
import Testing

/// Element functions at the ends of their range, and wherever an element lies.
@Suite struct ElementFunctionTests {
    static let functions: [ElementFunction] = [
        .relu, .leakyReLU(slope: 0.1), .clippedReLU(ceiling: 6), .elu(alpha: 1), .gelu, .geluTanh, .swish, .tanh,
        .sigmoid, .hardSigmoid, .hardSwish, .hardTanh,
    ]

    private func run(_ function: ElementFunction, _ x: [Float], inPlace: Bool = false) -> (y: [Float], slope: [Float]) {
        let input = FloatBuffer(x)
        let output = inPlace ? input : FloatBuffer(count: x.count)
        let gradient = FloatBuffer([Float](repeating: 1, count: x.count))
        let slope = inPlace ? gradient : FloatBuffer(count: x.count)
        function.forward(count: x.count, x: input.pointer, y: output.pointer)
        function.backward(
            count: x.count, x: input.pointer, y: output.pointer, dy: gradient.pointer, dx: slope.pointer)
        return (output.array, slope.array)
    }

    @Test(arguments: functions)
    func `far from zero a function is its limit, and a NaN stays`(function: ElementFunction) {
        let (y, slope) = run(function, [-200, 200, .nan])
        let bounded: [ElementFunction: (Float, Float)] = [
            .clippedReLU(ceiling: 6): (0, 6), .tanh: (-1, 1), .sigmoid: (0, 1), .hardSigmoid: (0, 1),
            .hardTanh: (-1, 1),
            .leakyReLU(slope: 0.1): (-20, 200), .elu(alpha: 1): (-1, 200),
        ]
        let limits = bounded[function] ?? (0, 200)
        #expect(abs(y[0] - limits.0) < 1e-30 + 1e-6 * abs(limits.0) && abs(y[1] - limits.1) < 1e-4)
        let slopes: (Float, Float) =
            function == .leakyReLU(slope: 0.1) ? (0.1, 1) : limits.1 == 200 ? (0, 1) : (0, 0)
        #expect(abs(slope[0] - slopes.0) < 1e-6 && abs(slope[1] - slopes.1) < 1e-6)
        #expect(y[2].isNaN)
    }

    @Test(arguments: functions)
    func `a result does not depend on the place of its element, nor on working in place`(function: ElementFunction) {
        let x = (0..<37).map { Float($0 - 18) / 3 }
        let whole = run(function, x)
        for (index, element) in x.enumerated() {
            let one = run(function, [element])
            #expect(one.y[0].bitPattern == whole.y[index].bitPattern)
            #expect(one.slope[0].bitPattern == whole.slope[index].bitPattern)
        }
        #expect(run(function, x, inPlace: true).y == whole.y)
        // In place only what the slope is of may be gone.
        if function.slopeIsOfOutput { #expect(run(function, x, inPlace: true).slope == whole.slope) }
    }

    @Test func `at a kink the slope is that of the flatter side`() {
        #expect(run(.relu, [0]).slope == [0])
        #expect(run(.leakyReLU(slope: 0.1), [0]).slope == [0.1])
        #expect(run(.clippedReLU(ceiling: 6), [0, 6]).slope == [0, 0])
        #expect(run(.hardTanh, [-1, 1]).slope == [0, 0])
        #expect(run(.hardSigmoid, [-3, 3]).slope == [0, 0])
    }
}
