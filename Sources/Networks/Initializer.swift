package import Tensors

/// How a parameter gets its first value; random ones are a function of the stream alone.
package enum Initializer: Hashable, Sendable {
    case zeros
    case ones
    case constant(Float)
    /// Uniform in ±sqrt(6 / (fanIn + fanOut)) (Glorot and Bengio 2010).
    case glorot(fanIn: Int, fanOut: Int)
    /// Normal of variance 2 / fanIn (He et al. 2015).
    case he(fanIn: Int)
    /// Normal of deviation 0.01.
    case narrowNormal
    /// With the first axis as rows and all others as columns, rows (or columns, if there are fewer of them) of length one
    /// that are at right angles: those of a normal matrix by Gram and Schmidt's method (Saxe et al. 2014).
    case orthogonal
    /// The first axis is cut into equal parts, each of one value: the gates of a recurrent layer.
    case blocks([Float])

    /// The first value of a tensor of the given shape.
    package func tensor(shape: Shape, random: inout RandomStream) -> Tensor {
        switch self {
        case .zeros: return Tensor(repeating: 0, shape: shape)
        case .ones: return Tensor(repeating: 1, shape: shape)
        case .constant(let value): return Tensor(repeating: value, shape: shape)
        case .glorot(let fanIn, let fanOut):
            let bound = (6 / Float(fanIn + fanOut)).squareRoot()
            return Tensor((0..<shape.count).map { _ in (2 * random.uniform() - 1) * bound }, shape: shape)
        case .he(let fanIn): return Self.normal(deviation: (2 / Double(fanIn)).squareRoot(), shape, &random)
        case .narrowNormal: return Self.normal(deviation: 0.01, shape, &random)
        case .orthogonal: return Self.orthogonal(shape, &random)
        case .blocks(let values):
            return Tensor(
                values.flatMap { Array(repeating: $0, count: shape.count / values.count) }, shape: shape)
        }
    }

    private static func normal(deviation: Double, _ shape: Shape, _ random: inout RandomStream) -> Tensor {
        Tensor((0..<shape.count).map { _ in Float(deviation * random.normal()) }, shape: shape)
    }

    private static func orthogonal(_ shape: Shape, _ random: inout RandomStream) -> Tensor {
        let rows = shape.rank == 0 ? 1 : shape[0]
        let columns = shape.count / max(1, rows)
        let (count, length) = (min(rows, columns), max(rows, columns))
        var vectors: [[Double]] = []
        while vectors.count < count {
            var vector = (0..<length).map { _ in random.normal() }
            // A second time takes away what rounding left of the first.
            for _ in 0..<2 {
                for other in vectors {
                    let overlap = zip(vector, other).reduce(0.0) { $0 + $1.0 * $1.1 }
                    for index in vector.indices { vector[index] -= overlap * other[index] }
                }
            }
            let norm = vector.reduce(0.0) { $0 + $1 * $1 }.squareRoot()
            // A vector that lies in the span of those before is drawn again.
            if norm > 1e-6 { vectors.append(vector.map { $0 / norm }) }
        }
        let elements = (0..<rows).flatMap { row in
            (0..<columns).map { Float(rows <= columns ? vectors[row][$0] : vectors[$0][row]) }
        }
        return Tensor(elements, shape: shape)
    }
}

/// An initializer as a layer's attribute names it, before the layer knows its inputs.
package enum InitializerName: String, Hashable, Sendable, CaseIterable {
    case glorot
    case he
    case narrowNormal = "narrow-normal"
    case orthogonal
    case zeros
    case ones

    /// - Parameters:
    ///   - fanIn: How many inputs an output is the sum of.
    ///   - fanOut: How many outputs an input goes to.
    package func initializer(fanIn: Int, fanOut: Int) -> Initializer {
        switch self {
        case .glorot: .glorot(fanIn: fanIn, fanOut: fanOut)
        case .he: .he(fanIn: fanIn)
        case .narrowNormal: .narrowNormal
        case .orthogonal: .orthogonal
        case .zeros: .zeros
        case .ones: .ones
        }
    }
}

extension InitializerName {
    /// The initializer of a bias, which has no fans.
    package var ofBias: Initializer { initializer(fanIn: 1, fanOut: 1) }

    /// Those that a bias may have.
    package static let biases: [InitializerName] = [.zeros, .ones, .narrowNormal]

    /// The attributes of layers with weights and a bias; what is as usual is not written.
    package static func attributes(weights: InitializerName, bias: InitializerName) -> [String: Attribute] {
        var attributes: [String: Attribute] = [:]
        if weights != .glorot { attributes["weightsInitializer"] = .text(weights.rawValue) }
        if bias != .zeros { attributes["biasInitializer"] = .text(bias.rawValue) }
        return attributes
    }
}

extension AttributeReader {
    /// The name of an initializer, one of those that are allowed.
    package mutating func initializer(
        _ name: String, default fallback: InitializerName, of allowed: [InitializerName] = InitializerName.allCases
    ) throws(NetworkError) -> InitializerName {
        try choice(name, of: allowed, default: fallback)
    }
}
