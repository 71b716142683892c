package import Networks
package import Tensors

/// A layer with one weight tensor whose every output is the product of a filter with a patch of the input.
package protocol PatchLayer: Layer {
    /// How many blocks of filters read a block of channels each.
    var patchGroups: Int { get }

    /// For each position of the output the elements of the input that a filter of the first group reads, in the order
    /// of its weights; -1 where it reads a zero beyond the border.
    func patches(of input: Shape, output: Shape) -> [Int]
}

extension Dense: PatchLayer {
    package var patchGroups: Int { 1 }
    package func patches(of input: Shape, output: Shape) -> [Int] { Array(0..<input.count) }
}

extension Convolution1D: PatchLayer {
    package var patchGroups: Int { groups }

    package func patches(of input: Shape, output: Shape) -> [Int] {
        windowPatches(of: input, output: output, padding: padding, stride: [stride], dilation: [dilation])
    }
}

extension Convolution2D: PatchLayer {
    package var patchGroups: Int { groups }

    package func patches(of input: Shape, output: Shape) -> [Int] {
        windowPatches(of: input, output: output, padding: padding, stride: stride, dilation: dilation)
    }
}

extension ConvolutionLayer {
    fileprivate func windowPatches(
        of input: Shape, output: Shape, padding: Padding, stride: [Int], dilation: [Int]
    ) -> [Int] {
        // Axis by axis, for each output and tap the position that is read.
        let read = window.indices.map { axis -> [[Int?]] in
            let before =
                padding.amounts(
                    axis: axis, input: input[axis + 1], window: window[axis], stride: stride[axis],
                    dilation: dilation[axis]
                ).before
            return (0..<output[axis + 1]).map { position in
                (0..<window[axis]).map { tap in
                    let index = position * stride[axis] + tap * dilation[axis] - before
                    return (0..<input[axis + 1]).contains(index) ? index : nil
                }
            }
        }
        let positions = input.count / max(1, input[0])
        var patches: [Int] = []
        forEachIndex(output.dimensions.dropFirst()) { place in
            for channel in 0..<input[0] / groups {
                forEachIndex(window[...]) { taps in
                    var source = 0
                    for axis in window.indices {
                        guard let index = read[axis][place[axis]][taps[axis]] else { return patches.append(-1) }
                        source = source * input[axis + 1] + index
                    }
                    patches.append(channel * positions + source)
                }
            }
        }
        return patches
    }
}

/// Calls the body with every index of an array of the given extents, row-major.
private func forEachIndex(_ extents: ArraySlice<Int>, _ body: ([Int]) -> Void) {
    let extents = Array(extents)
    for flat in 0..<extents.reduce(1, *) {
        var (index, rest) = (extents, flat)
        for axis in extents.indices.reversed() {
            index[axis] = rest % extents[axis]
            rest /= extents[axis]
        }
        body(index)
    }
}
