/// How a convolution or a pooling treats the borders of one axis or several.
package enum Padding: Hashable, Sendable {
    /// As much as makes the output `ceil(input / stride)` long; the odd element goes to the end.
    case same
    /// All of it before the first element, so that no output sees what comes later.
    case causal
    /// Before and after, axis by axis: `[before, after]` or `[top, bottom, left, right]`.
    case explicit([Int])

    package static let none1D = Padding.explicit([0, 0])
    package static let none2D = Padding.explicit([0, 0, 0, 0])

    /// Elements added before and after one axis.
    package func amounts(
        axis: Int, input: Int, window: Int, stride: Int, dilation: Int
    ) -> (before: Int, after: Int) {
        let extent = dilation * (window - 1) + 1
        switch self {
        case .same:
            let output = (input + stride - 1) / stride
            let total = max(0, (output - 1) * stride + extent - input)
            return (total / 2, total - total / 2)
        case .causal: return (extent - 1, 0)
        case .explicit(let amounts): return (amounts[2 * axis], amounts[2 * axis + 1])
        }
    }

    /// The length of the output along one axis; below one if the window does not fit.
    package func outputLength(axis: Int = 0, input: Int, window: Int, stride: Int, dilation: Int) -> Int {
        let (before, after) = amounts(axis: axis, input: input, window: window, stride: stride, dilation: dilation)
        let span = input + before + after - dilation * (window - 1) - 1
        return span < 0 ? 0 : span / stride + 1
    }

    /// How many windows over a sequence that is shorter than others of its batch are valid.
    ///
    /// Windows stand where they stand on the whole length: `same` with a stride above one, which pads by the length, pads
    /// a shorter sequence in front as it does the longest. All other padding is that of the sequence alone.
    func validSteps(of steps: Int, whole: Int, window: Int, stride: Int, dilation: Int) -> Int {
        self == .same
            ? (steps + stride - 1) / stride
            : min(
                outputLength(input: steps, window: window, stride: stride, dilation: dilation),
                outputLength(input: whole, window: window, stride: stride, dilation: dilation))
    }
}

// MARK: - Cropping

extension Padding {
    /// The length of the output of a transposed convolution that crops by these amounts along one axis.
    ///
    /// Below one if nothing is left. The adjoint convolution has as much padding and reads so many elements.
    package func transposedLength(axis: Int = 0, input: Int, window: Int, stride: Int) -> Int {
        if self == .same { return stride * input }
        let (before, after) = amounts(axis: axis, input: input, window: window, stride: stride, dilation: 1)
        return stride * (input - 1) + window - before - after
    }
}

// MARK: - In files

extension Padding {
    package var attribute: Attribute {
        switch self {
        case .same: "same"
        case .causal: "causal"
        case .explicit(let amounts): .integers(amounts)
        }
    }
}

extension AttributeReader {
    /// `same`, `causal`, one number for every side, or one for each side.
    package mutating func padding(_ name: String, axes: Int) throws(NetworkError) -> Padding {
        try padding(name, axes: axes, causal: axes == 1)
    }

    private mutating func padding(_ name: String, axes: Int, causal: Bool) throws(NetworkError) -> Padding {
        let none = Padding.explicit(Array(repeating: 0, count: 2 * axes))
        switch attribute(name) {
        case nil: return none
        case .text("same"): return .same
        case .text("causal") where causal: return .causal
        case .integer(let amount) where Self.amounts.contains(amount):
            return .explicit(Array(repeating: amount, count: 2 * axes))
        case .integers(let amounts) where amounts.count == 2 * axes && amounts.allSatisfy(Self.amounts.contains):
            return .explicit(amounts)
        case let other?: throw Self.invalid(name, other, Self.words(axes: axes, causal: causal))
        }
    }

    /// `same`, one number for every side, or one for each side.
    package mutating func cropping(_ name: String, axes: Int) throws(NetworkError) -> Padding {
        try padding(name, axes: axes, causal: false)
    }

    private static let amounts = 0...largest

    private static func words(axes: Int, causal: Bool) -> String {
        "'same', \(causal ? "'causal', " : "")a number, or \(2 * axes) numbers, each from 0 to \(largest)"
    }
}
