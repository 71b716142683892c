package import Foundation
internal import Interchange
internal import Networks

/// A quantized network in a safetensors file: as ``NetworkFile`` has it, with `pare.form` `int8`.
///
/// `pare.network` describes the prepared layers, `pare.quantization` the ``QuantizationScheme`` as JSON, with the names of
/// layers that are kept in float32; the tensors are those of ``QuantizedNetwork``, and together as many bytes as its ``QuantizedNetwork/memoryBytes``.
package enum QuantizedNetworkFile {
    package static let form = "int8"
    package static let schemeKey = "pare.quantization"
}

extension QuantizedNetworkFile {
    /// The bytes of a network's file: equal networks give equal bytes.
    package static func encode(_ network: QuantizedNetwork) -> Data {
        let kept = network.sharing.keepFloat.sorted()
        let quantization = Quantization(
            scaling: network.scheme.scaling, granularity: network.scheme.granularity,
            keepFloat: kept.isEmpty ? nil : kept)
        let metadata = [
            NetworkFile.networkKey: NetworkFile.architectureText(of: network.structure), NetworkFile.formKey: form,
            schemeKey: String(decoding: JSONText.encode(quantization), as: UTF8.self),
        ]
        return SafetensorsFile(metadata: metadata, tensors: network.tensors).encoded
    }

    /// Reads a network that ``encode(_:)`` wrote.
    ///
    /// - Throws: `InterchangeError` for a file that is damaged or of another form; ``CompressionError`` for one whose
    ///   tensors are not those of its layers.
    package static func decode(_ data: Data) throws -> QuantizedNetwork {
        let file = try SafetensorsFile(decoding: data)
        let found = file.metadata[NetworkFile.formKey]
        guard found == form else {
            throw InterchangeError(
                .otherForm,
                "the file holds \(found.map { "a network of the form '\($0)'" } ?? "no network of ours"); "
                    + "expected '\(form)'")
        }
        let structure = try NetworkFile.architecture(of: file)
        guard let text = file.metadata[schemeKey],
            let quantization = try? JSONDecoder().decode(Quantization.self, from: Data(text.utf8))
        else {
            throw CompressionError(
                .invalidFile, "'\(schemeKey)' in the metadata does not name a scaling and a granularity")
        }
        return try QuantizedNetwork(
            structure: structure,
            scheme: QuantizationScheme(scaling: quantization.scaling, granularity: quantization.granularity),
            tensors: file.tensors, keepFloat: Set(quantization.keepFloat ?? []))
    }

    /// What stands under `pare.quantization`.
    private struct Quantization: Codable {
        let scaling: QuantizationScheme.Scaling
        let granularity: QuantizationScheme.Granularity
        let keepFloat: [String]?
    }
}
