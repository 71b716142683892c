package import Kernels

/// The first input minus the second; see ``Combination`` for their shapes.
package struct Subtract: Combination {
    package static let kind = "subtract"
    package static let rule = CombinationRule.difference

    package init() {}
    package var inputCount: ClosedRange<Int> { 2...2 }
}
