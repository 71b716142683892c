package import Kernels

/// The sum of two or more inputs; see ``Combination`` for their shapes.
package struct Add: Combination {
    package static let kind = "add"
    package static let rule = CombinationRule.sum

    package init() {}
    package var inputCount: ClosedRange<Int> { 2...Int.max }
}
