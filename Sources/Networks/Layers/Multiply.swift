package import Kernels

/// The product of two or more inputs, element by element; see ``Combination`` for their shapes.
package struct Multiply: Combination {
    package static let kind = "multiply"
    package static let rule = CombinationRule.product

    package init() {}
    package var inputCount: ClosedRange<Int> { 2...Int.max }
}
