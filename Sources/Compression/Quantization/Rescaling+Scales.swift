package import Kernels

extension Rescaling {
    /// The rescaling from a product of scales, divided by a whole number, to the scale of an output.
    package init(_ scales: QuantizationScale..., dividedBy divisor: Int = 1, to output: QuantizationScale) {
        self.init(product: scales, dividedBy: divisor, to: output)
    }

    /// The same for any number of scales.
    package init(product scales: [QuantizationScale], dividedBy divisor: Int = 1, to output: QuantizationScale) {
        let exponents = scales.compactMap(\.exponent)
        if exponents.count == scales.count, let target = output.exponent {
            self = .exact(shift: exponents.reduce(0, +) - target, divisor: divisor)
        } else {
            self = .real(scales.map(\.step).reduce(1, *) / (output.step * Double(divisor)))
        }
    }
}

extension IntegerPlace {
    /// From sums to the output of the layer.
    ///
    /// - Parameter rescalings: One for each channel, or one for all.
    package func output(_ rescalings: [Rescaling]) -> IntegerOutput {
        IntegerOutput(rescalings, zeroPoint: output.zeroPoint, lowest: clampsAtZero ? output.zeroPoint : -128)
    }

    /// From sums of products of weights with the input, or with integers on another scale.
    package func output(of weights: String, reading operand: QuantizationScale? = nil) -> IntegerOutput {
        output(scales(weights).map { Rescaling(operand ?? inputs[0].scale, $0, to: output.scale) })
    }
}
