internal import Kernels
package import Networks
internal import Tensors

extension Concatenate: IntegerLayer {
    package var outputScale: IntegerOutputScale { .own }

    /// Each input is brought to the scale of the output.
    package func integerOperation(in place: IntegerPlace) throws(CompressionError) -> any IntegerOperation {
        IntegerConcatenate(
            tables: place.inputs.map { input in
                let output = place.output([Rescaling(input.scale, to: place.output.scale)])
                return IntegerTable(in: place) { _, x in output(Int32(x) - Int32(input.zeroPoint)) }
            },
            sizes: place.inputShapes.map { AxisRuns(axis, of: $0).size })
    }
}

private struct IntegerConcatenate: IntegerOperation {
    let tables: [IntegerTable]
    /// Elements of the axis and all axes after it, input by input.
    let sizes: [Int]

    func run(_ inputs: [[Int8]]) -> [Int8] {
        let mapped = zip(tables, inputs).map { $0.run([$1]) }
        var result: [Int8] = []
        result.reserveCapacity(inputs.reduce(0) { $0 + $1.count })
        for run in 0..<inputs[0].count / sizes[0] {
            for (input, size) in zip(mapped, sizes) { result.append(contentsOf: input[run * size..<(run + 1) * size]) }
        }
        return result
    }
}

/// How the elements along an axis lie: runs of ``size`` elements belong to one place of the axes before it, and each
/// place of the axis has ``inner`` of them.
struct AxisRuns {
    let size: Int
    let inner: Int

    /// - Precondition: The shape has the axis, as inferring shapes has made sure.
    init(_ axis: Axis, of shape: Shape) {
        guard let index = try? axis.index(in: shape) else { preconditionFailure("\(shape) has no \(axis.rawValue)") }
        inner = shape.dimensions.dropFirst(index + 1).reduce(1, *)
        size = shape[index] * inner
    }
}
