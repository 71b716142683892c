/// Batch normalization in inference: `y = factor * x + offset`, one of each for a channel.
struct AffineForm: Sendable {
    let factors: [Double]
    let offsets: [Double]

    init(scale: [Float], offset: [Float], mean: [Float], variance: [Float], epsilon: Double) {
        let factors = scale.indices.map { Double(scale[$0]) / (Double(variance[$0]) + epsilon).squareRoot() }
        self.factors = factors
        offsets = factors.indices.map { Double(offset[$0]) - factors[$0] * Double(mean[$0]) }
    }
}
