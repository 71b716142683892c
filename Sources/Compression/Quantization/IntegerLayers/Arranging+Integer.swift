package import Networks
internal import Tensors

/// The layers that only arrange elements: they pass integers on as they are, on the scale of their input.

/// A layer whose output has the integers of its input, in their order.
package protocol PassingOnLayer: IntegerLayer {}

extension PassingOnLayer {
    package var outputScale: IntegerOutputScale { .ofInput }

    package func integerOperation(in place: IntegerPlace) throws(CompressionError) -> any IntegerOperation {
        IntegerIdentity()
    }
}

/// Normalizing and quantizing sensor values is the float edge of an ``IntegerNetwork``, done before this.
extension SequenceInput: PassingOnLayer {
    package var outputScale: IntegerOutputScale { .own }
}

extension ImageInput: PassingOnLayer {
    package var outputScale: IntegerOutputScale { .own }
}

extension Flatten: PassingOnLayer {}
extension Reshape: PassingOnLayer {}

/// Nothing is dropped in inference; preparation removes the layer.
extension Dropout: PassingOnLayer {}

extension Slice: IntegerLayer {
    package var outputScale: IntegerOutputScale { .ofInput }

    package func integerOperation(in place: IntegerPlace) throws(CompressionError) -> any IntegerOperation {
        let run = AxisRuns(axis, of: place.inputShapes[0])
        let (first, end) = (start * run.inner, (start + length) * run.inner)
        return IntegerSlice(size: run.size, range: first..<end)
    }
}

private struct IntegerSlice: IntegerOperation {
    /// Elements of the axis and all axes after it, and which of them stay.
    let size: Int
    let range: Range<Int>

    func run(_ inputs: [[Int8]]) -> [Int8] {
        stride(from: 0, to: inputs[0].count, by: size).flatMap { start in
            inputs[0][start + range.lowerBound..<start + range.upperBound]
        }
    }
}

extension Pad: IntegerLayer {
    package var outputScale: IntegerOutputScale { .ofInput }

    /// What is added is the integer that stands for zero.
    package func integerOperation(in place: IntegerPlace) throws(CompressionError) -> any IntegerOperation {
        var (shape, borders) = (place.inputShapes[0].dimensions, [IntegerPad.Border]())
        for axis in shape.indices {
            let (before, after) = amounts(axis: axis)
            let inner = shape.dropFirst(axis + 1).reduce(1, *)
            borders.append(
                IntegerPad.Border(size: shape[axis] * inner, before: before * inner, after: after * inner))
            shape[axis] += before + after
        }
        return IntegerPad(borders: borders, zero: place.inputs[0].zeroPoint)
    }
}

/// Axis after axis, from the channels on.
private struct IntegerPad: IntegerOperation {
    /// Runs of so many elements get so many before and after them.
    struct Border {
        let size: Int
        let before: Int
        let after: Int
    }

    let borders: [Border]
    let zero: Int8

    func run(_ inputs: [[Int8]]) -> [Int8] {
        borders.reduce(inputs[0]) { elements, border in
            guard border.before + border.after > 0 else { return elements }
            var padded: [Int8] = []
            for start in stride(from: 0, to: elements.count, by: border.size) {
                padded.append(contentsOf: repeatElement(zero, count: border.before))
                padded.append(contentsOf: elements[start..<start + border.size])
                padded.append(contentsOf: repeatElement(zero, count: border.after))
            }
            return padded
        }
    }
}
