package import Tensors
package import Testing

/// Expects numbers to agree: `|actual - expected| <= absolute + relative * |expected|` for each.
///
/// A NaN agrees with nothing, not even with a NaN; equal infinities agree. A failure says the shapes, the worst index
/// with both values, and how many differ.
///
/// - Parameter shape: The shape of both; without one, a vector.
package func expectClose(
    _ actual: some Sequence<Float>, _ expected: some Sequence<Double>, shape: Shape? = nil, relative: Double = 0,
    absolute: Double = 0, _ comment: @autoclosure () -> String = "",
    sourceLocation: SourceLocation = #_sourceLocation
) {
    let fault = closenessFault(
        actual.map(Double.init), Array(expected), shape: shape, relative: relative, absolute: absolute)
    guard let fault else { return }
    let comment = comment()
    Issue.record("\(comment.isEmpty ? "" : "\(comment): ")\(fault)", sourceLocation: sourceLocation)
}

/// What is wrong with the agreement of numbers, or nil.
package func closenessFault(
    _ actual: [Double], _ expected: [Double], shape: Shape?, relative: Double, absolute: Double
) -> String? {
    guard relative >= 0, absolute >= 0 else { return "negative tolerances: relative \(relative), absolute \(absolute)" }
    guard actual.count == expected.count, shape.map({ $0.count == expected.count }) ?? true else {
        let shape = shape.map { " of shape \($0)" } ?? ""
        return "\(actual.count) numbers; expected \(expected.count)\(shape)"
    }
    var (worst, worstExcess, different) = (0, -Double.infinity, 0)
    for (index, (actual, expected)) in zip(actual, expected).enumerated() where actual != expected {
        let excess = abs(actual - expected) - absolute - relative * abs(expected)
        if excess <= 0 { continue }
        different += 1
        // A NaN is worse than any number.
        if excess.isNaN ? !worstExcess.isNaN : excess > worstExcess { (worst, worstExcess) = (index, excess) }
    }
    guard different > 0 else { return nil }
    var (position, rest) = ([Int](), worst)
    for dimension in (shape ?? [expected.count]).dimensions.reversed() {
        position.insert(rest % dimension, at: 0)
        rest /= dimension
    }
    return "\(different) of \(expected.count) numbers (\(shape ?? [expected.count])) differ, most at "
        + "\(position): \(actual[worst]); expected \(expected[worst]) "
        + "within \(relative) relative and \(absolute) absolute"
}
