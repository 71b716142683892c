import Networks
import Testing

@Suite struct PaddingTests {
    @Test(arguments: [
        // Output ceil(input / stride); the odd element goes to the end.
        (Padding.same, 10, 3, 1, 1, 1, 1, 10), (.same, 10, 4, 1, 1, 1, 2, 10), (.same, 10, 3, 2, 1, 0, 1, 5),
        (.same, 10, 3, 1, 2, 2, 2, 10), (.same, 10, 2, 5, 1, 0, 0, 2), (.same, 1, 3, 2, 1, 1, 1, 1),
        (.causal, 10, 3, 1, 1, 2, 0, 10), (.causal, 10, 3, 1, 4, 8, 0, 10), (.causal, 10, 3, 3, 1, 2, 0, 4),
        (.explicit([0, 0]), 10, 3, 1, 1, 0, 0, 8), (.explicit([1, 2]), 10, 3, 2, 1, 1, 2, 6),
        (.explicit([0, 0]), 2, 3, 1, 1, 0, 0, 0), (.explicit([0, 0]), 10, 1, 7, 1, 0, 0, 2),
    ])
    func `padding and the length of the output`(
        padding: Padding, input: Int, window: Int, stride: Int, dilation: Int, before: Int, after: Int, output: Int
    ) {
        let amounts = padding.amounts(axis: 0, input: input, window: window, stride: stride, dilation: dilation)
        #expect(amounts == (before, after))
        #expect(padding.outputLength(input: input, window: window, stride: stride, dilation: dilation) == output)
    }
}
