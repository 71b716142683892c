package import Foundation
internal import Interchange
internal import Tensors

/// The components as a safetensors file of float64 tensors `<layer>.<side>.<block>.<mean, variances, directions>`, with
/// directions as rows.
extension ProjectionAnalysis {
    package var encoded: Data {
        var tensors: [String: Tensor] = [:]
        for layer in layers {
            for (name, side) in [("input", layer.input), ("output", layer.output)] {
                for (index, block) in (side?.blocks ?? []).enumerated() {
                    let (prefix, size) = ("\(layer.name).\(name).\(index)", block.dimension)
                    tensors["\(prefix).mean"] = Tensor(doubles: block.mean, shape: [size])
                    tensors["\(prefix).variances"] = Tensor(doubles: block.variances, shape: [size])
                    tensors["\(prefix).directions"] = Tensor(
                        doubles: Array(block.directions.joined()), shape: [size, size])
                }
            }
        }
        return SafetensorsFile(
            metadata: ["layers": layers.map(\.name).joined(separator: ".")], tensors: tensors
        ).encoded
    }

    /// - Throws: ``CompressionError`` with code `invalidFile` if the file is damaged or holds something else.
    package init(decoding data: Data) throws(CompressionError) {
        let damaged = CompressionError(.invalidFile, "this is no file of principal components, or it is damaged")
        guard let file = try? SafetensorsFile(decoding: data), let names = file.metadata["layers"] else {
            throw damaged
        }
        func vector(_ name: String, _ shape: Shape? = nil) -> [Double]? {
            guard let tensor = file.tensors[name], tensor.elementType == .float64, tensor.shape == shape ?? tensor.shape
            else { return nil }
            return tensor.doubles
        }
        func side(_ prefix: String) throws(CompressionError) -> ProjectionSide? {
            var blocks: [PrincipalComponents] = []
            while let mean = vector("\(prefix).\(blocks.count).mean") {
                let (block, size) = ("\(prefix).\(blocks.count)", mean.count)
                guard let variances = vector("\(block).variances", [size]),
                    let directions = vector("\(block).directions", [size, size]),
                    blocks.allSatisfy({ $0.dimension == size })
                else { throw damaged }
                blocks.append(
                    PrincipalComponents(
                        mean: mean, variances: variances,
                        directions: (0..<size).map { Array(directions[$0 * size..<($0 + 1) * size]) }))
            }
            return blocks.isEmpty ? nil : ProjectionSide(blocks)
        }
        var layers: [Layer] = []
        // No layer's name has a dot in it.
        for name in names.split(separator: ".").map(String.init) {
            layers.append(Layer(name: name, input: try side("\(name).input"), output: try side("\(name).output")))
        }
        self.init(layers: layers)
    }
}
