import Tensors
import TestSupport
import Testing

/// The comparison that all numeric tests stand on.
@Suite struct ClosenessTests {
    @Test(arguments: [
        ([1.0, 2.0], [1.0, 2.0], 0.0, 0.0), ([1.1], [1], 0, 0.11), ([110], [100], 0.1, 0),
        ([.infinity], [.infinity], 0, 0),
        ([], [], 0, 0), ([0], [-0.0], 0, 0),
    ])
    func `what is within either tolerance agrees`(
        actual: [Double], expected: [Double], relative: Double, absolute: Double
    ) {
        #expect(
            closenessFault(actual, expected, shape: nil, relative: relative, absolute: absolute) == nil)
    }

    @Test(
        arguments: [
            (
                [1.0, 2, 3, 4, 5, 6], [1.0, 2, 3.5, 4, 5, 7], [2, 3] as Shape?, 0.0, 0.1,
                "2 of 6 numbers (2 x 3) differ, most at [1, 2]: 6.0; expected 7.0 within 0.0 relative and 0.1 absolute"
            ),
            (
                [.nan, 9], [.nan, 1], nil, 1, 1,
                "2 of 2 numbers (2) differ, most at [0]: nan; expected nan within 1.0 relative and 1.0 absolute"
            ),
            (
                [1], [.infinity], nil, 0, 1,
                "1 of 1 numbers (1) differ, most at [0]: 1.0; expected inf within 0.0 relative and 1.0 absolute"
            ),
            ([1], [1], nil, -1, 0, "negative tolerances: relative -1.0, absolute 0.0"),
            ([1], [1], nil, 0, -.infinity, "negative tolerances: relative 0.0, absolute -inf"),
            ([1, 2], [1], nil, 0, 0, "2 numbers; expected 1"),
            ([1], [1], [2, 2], 0, 0, "1 numbers; expected 1 of shape 2 x 2"),
        ] as [([Double], [Double], Shape?, Double, Double, String)])
    func `what does not agree is told whole`(
        actual: [Double], expected: [Double], shape: Shape?, relative: Double, absolute: Double, message: String
    ) {
        #expect(
            closenessFault(actual, expected, shape: shape, relative: relative, absolute: absolute) == message)
    }
}
