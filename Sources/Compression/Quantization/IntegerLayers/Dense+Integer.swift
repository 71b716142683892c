internal import Kernels
package import Networks
internal import Tensors

extension Dense: IntegerLayer {
    package var outputScale: IntegerOutputScale { .own }

    package func integerOperation(in place: IntegerPlace) throws(CompressionError) -> any IntegerOperation {
        try place.checkAccumulators(rows: outputs)
        return IntegerDense(
            zeroPoint: Int16(place.inputs[0].zeroPoint),
            product: IntegerProduct(rows: outputs, depth: place.inputShapes[0].count, weights: place.int8s("weights")),
            bias: place.int32s("bias", count: outputs), output: place.output(of: "weights"))
    }
}

/// `sum over i of w[o, i] * (x[i] - zeroPoint) + bias[o]` in 32 bits, rescaled.
private struct IntegerDense: IntegerOperation {
    let zeroPoint: Int16
    let product: IntegerProduct
    let bias: [Int32]
    let output: IntegerOutput

    func run(_ inputs: [[Int8]]) -> [Int8] {
        var column = inputs[0].map { Int16($0) - zeroPoint }
        if column.count < product.columnStep { column.append(0) }
        let sums = product(column)
        return output(zip(sums, bias).map { $0 &+ $1 }, channels: product.rows)
    }
}
