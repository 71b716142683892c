internal import Kernels

/// One of the two weights of a recurrent layer, as its kernels read it: `[rows, columns]` for each direction.
///
/// The weights of a projected layer are the product of its weights and its projector. It is made once a batch, and from
/// its gradient come those of both: a product of matrices is a dense layer, with the rows of weights as its examples.
struct RecurrentWeights {
    /// The places of the weights and of their projector among the layer's parameters.
    let weights: Int
    let projector: Int?
    /// Of one direction.
    let rows: Int
    let columns: Int
    /// The size of the projector, or the columns.
    let rank: Int
    /// Whether each direction has a projector of its own.
    let isSplit: Bool

    private var factors: DenseKernel { DenseKernel(inputs: columns, outputs: rank) }

    /// Floats of the product, one direction, in whole cache lines; none without a projector.
    var productCount: Int { projector == nil ? 0 : (rows * columns + 15) / 16 * 16 }
    /// Floats of scratch memory that ``addGradients(_:direction:from:scratch:_:)`` needs.
    var scratchCount: Int { projector == nil ? 0 : (rows * rank + 15) / 16 * 16 }

    /// A direction's part of the weights.
    func weights(_ direction: Int, _ all: (Int) -> Floats) -> Floats { all(weights) + direction * rows * rank }

    private func projector(_ direction: Int, _ all: (Int) -> Floats) -> Floats? {
        projector.map { all($0) + (isSplit ? direction * rank * columns : 0) }
    }

    /// Makes one part of a direction's product; all parts, in any order, give the whole.
    func multiply(part: Int, of parts: Int, direction: Int, _ parameters: (Int) -> Floats, to product: Floats) {
        guard let projector = projector(direction, parameters) else { return }
        let (first, end) = (rows * part / parts, rows * (part + 1) / parts)
        let weights = weights(direction, parameters) + first * rank
        factors.backward(
            examples: end - first, x: product, weights: projector, dy: weights, dx: product + first * columns,
            dweights: nil, dbias: nil)
    }

    /// Adds to the gradients of weights and projector, from that of their product.
    func addGradients(
        _ gradients: (Int) -> Floats, direction: Int, from product: Floats, scratch: Floats,
        _ parameters: (Int) -> Floats
    ) {
        guard let projector = projector(direction, parameters), let own = self.projector(direction, gradients) else {
            return
        }
        factors.forward(examples: rows, x: product, weights: projector, bias: nil, y: scratch)
        let target = weights(direction, gradients)
        ElementKernels.add(count: rows * rank, target, scratch, to: target)
        factors.backward(
            examples: rows, x: product, weights: projector, dy: weights(direction, parameters), dx: nil, dweights: own,
            dbias: nil)
    }
}
