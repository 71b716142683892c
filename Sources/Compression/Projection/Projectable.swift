package import Networks
internal import Tensors

/// A layer whose input or output channels can be projected onto fewer dimensions.
///
/// Projection onto the first directions `Q` of a principal component analysis turns `W x` into `(W Q) (Q' x)` on the
/// input side, and into `Q (Q' W x)` on the output side: fewer parameters in place of one. A layer kind takes part by
/// a conformance in a file of its own.
protocol Projectable: Layer {
    /// Why a layer of these hyperparameters cannot be projected; `nil` if it can.
    var reasonNotToProject: String? { get }

    /// How many blocks its output channels are cut into, each projected onto directions of its own.
    static var outputBlocks: Int { get }

    /// The learnables of the layers that would replace this one; `nil` if the kind cannot be projected so.
    func learnables(projectedTo ranks: ProjectionRanks, input: Shape) -> Int?

    /// The layers that replace this one, in their order; the first reads what the layer reads.
    ///
    /// What the projections lose of the activations' means is folded into biases.
    func projected(_ projection: LayerProjection) -> [ProjectedPart]
}

extension Projectable {
    var reasonNotToProject: String? { nil }
    static var outputBlocks: Int { 1 }
}

/// How many dimensions stay on each side of a layer; `nil` for a side that is not projected.
package struct ProjectionRanks: Hashable, Sendable, Codable {
    package var input: Int?
    package var output: Int?

    package init(input: Int? = nil, output: Int? = nil) {
        self.input = input
        self.output = output
    }

    package static let none = ProjectionRanks()
}

/// What projecting one layer needs: its parameters by their names within the layer, and the directions that stay.
struct LayerProjection {
    let name: String
    let ranks: ProjectionRanks
    let parameters: [String: Tensor]
    /// `nil` for a side that is not projected.
    let input: Subspace?
    /// One for each block of output channels; none for a side that is not projected.
    let outputs: [Subspace]

    /// A parameter in double precision; empty if the layer has none of that name.
    func doubles(_ name: String) -> [Double] { parameters[name]?.floats.map(Double.init) ?? [] }
}

/// One of the layers that replace a projected one, with its parameters by their names within the layer.
struct ProjectedPart {
    let name: String
    let layer: any Layer
    let parameters: [String: Tensor]
}

// MARK: - Which layers can be projected

extension Layer {
    /// Why projection leaves the layer as it is; `nil` if it can make it smaller.
    package var reasonAgainstProjection: String? {
        if let layer = self as? any Projectable { return layer.reasonNotToProject }
        return switch self {
        case is TransposedConvolution1D, is TransposedConvolution2D:
            "its positions read different numbers of taps, so no bias can hold the mean that a projection loses"
        default: "it has no weights between its channels"
        }
    }
}

extension Network {
    /// The names of the layers that can be projected, in order.
    package var projectableLayers: [String] {
        nodes.filter { $0.layer.reasonAgainstProjection == nil }.map(\.name)
    }

    /// The names of the layers that `LayerNames` selects for projection.
    ///
    /// - Parameter patterns: `nil` selects every layer that can be projected.
    /// - Throws: ``CompressionError`` if the network is projected already, has no layer that can be projected, or a
    ///   pattern matches none.
    package func projectableLayers(matching patterns: [String]?) throws(CompressionError) -> [String] {
        try requireUnpacked()
        let names = projectableLayers
        let kinds = LayerKinds.all.filter { $0 is any Projectable.Type }.map { $0.kind }.joined(separator: ", ")
        guard !names.isEmpty else {
            throw CompressionError(
                .notApplicable, "the network has no layer that can be projected (of \(kinds), without groups)")
        }
        return try LayerPattern.select(
            patterns, from: names, that: "can be projected (of \(kinds), without groups)")
    }
}
