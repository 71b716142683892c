internal import CKernels

/// A fully connected layer: `y = weights x + bias`, with weights `[outputs, inputs]`.
package struct DenseKernel: Sendable {
    package let inputs: Int
    package let outputs: Int

    package init(inputs: Int, outputs: Int) {
        self.inputs = inputs
        self.outputs = outputs
    }

    package func forward(examples: Int, x: Floats, weights: Floats, bias: Floats?, y: Floats) {
        pare_dense_forward(Int64(examples), Int64(inputs), Int64(outputs), x, weights, bias, y)
    }

    /// Overwrites `dx` and adds to `dweights` and `dbias`, those that are wanted.
    package func backward(
        examples: Int, x: Floats, weights: Floats, dy: Floats, dx: Floats?, dweights: Floats?, dbias: Floats?
    ) {
        pare_dense_backward(Int64(examples), Int64(inputs), Int64(outputs), x, weights, dy, dx, dweights, dbias)
    }
}
