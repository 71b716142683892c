package import Foundation
package import Networks
internal import Tensors

/// A network in a safetensors file that is whole: the parameters are tensors, the architecture stands in the header.
///
/// The metadata hold `pare.network`, the ``ArchitectureDescription`` as JSON with a version, and `pare.form`, which says
/// how parameters are stored: `float32`, or `bfloat16`, each rounded to 16 bits. Other forms, such as a quantized one,
/// have readers of their own.
package enum NetworkFile {
    /// The version of the architecture's text.
    package static let version = 1
    package static let networkKey = "pare.network"
    package static let formKey = "pare.form"

    /// How parameters are stored as floating-point numbers.
    package enum Form: String, Hashable, Sendable {
        case float32
        case bfloat16
    }

    /// The architecture as its JSON text, the value of `pare.network`.
    package static func architectureText(of network: Network) -> String {
        String(decoding: JSONText.encode(Versioned(version: version, of: network)), as: UTF8.self)
    }

    private struct Versioned: Codable {
        var version: Int
        var layers: [ArchitectureDescription.LayerDescription]

        init(version: Int, of network: Network) {
            self.version = version
            layers = ArchitectureDescription(network).layers
        }
    }

    private struct Version: Codable {
        var version: Int
    }
}

// MARK: - Writing

extension NetworkFile {
    /// The bytes of a network's file: equal networks give equal bytes.
    package static func encode(_ network: Network, as form: Form = .float32) -> Data {
        let metadata = [networkKey: architectureText(of: network), formKey: form.rawValue]
        let tensors = form == .float32 ? network.parameters : network.parameters.mapValues(\.roundedToBFloat16)
        return SafetensorsFile(metadata: metadata, tensors: tensors).encoded
    }
}

// MARK: - Reading

extension NetworkFile {
    /// Reads a network of floating-point numbers; its parameters are float32 whatever the form.
    ///
    /// - Throws: ``InterchangeError`` if the file is damaged, holds no network, or holds one of another form.
    package static func decode(_ data: Data, as form: Form = .float32) throws(InterchangeError) -> Network {
        let file = try SafetensorsFile(decoding: data)
        guard let found = file.metadata[formKey] else { throw .noNetwork(formKey) }
        guard found == form.rawValue else { throw .otherForm(found, expected: form) }
        var network = try architecture(of: file)
        do {
            try network.setParameters(
                form == .float32
                    ? file.tensors
                    : file.tensors.mapValues { $0.elementType == .bfloat16 ? $0.widenedToFloat32 : $0 })
        } catch {
            throw InterchangeError(.invalidNetwork, "\(error)")
        }
        return network
    }

    /// The network without parameters that the metadata of a file of any form describe.
    ///
    /// - Throws: ``InterchangeError`` with code `invalidNetwork` or `unsupportedVersion`.
    package static func architecture(of file: SafetensorsFile) throws(InterchangeError) -> Network {
        guard let text = file.metadata[networkKey] else { throw .noNetwork(networkKey) }
        do {
            let found = try JSONDecoder().decode(Version.self, from: Data(text.utf8)).version
            guard found == version else { throw InterchangeError.unknownVersion(found) }
            let described = try JSONDecoder().decode(Versioned.self, from: Data(text.utf8))
            return try ArchitectureDescription(layers: described.layers).network()
        } catch let error as InterchangeError {
            throw error
        } catch let error as NetworkError {
            throw InterchangeError(.invalidNetwork, "\(error)")
        } catch {
            throw InterchangeError(.invalidNetwork, "'\(networkKey)' in the metadata does not describe layers")
        }
    }
}

// MARK: - Messages

extension InterchangeError {
    fileprivate static func noNetwork(_ key: String) -> Self {
        Self(
            .invalidNetwork,
            "the file holds tensors, but no network of ours: its metadata have no '\(key)'")
    }

    fileprivate static func otherForm(_ found: String, expected form: NetworkFile.Form) -> Self {
        Self(.otherForm, "the file holds a network of the form '\(found)'; expected '\(form.rawValue)'")
    }

    fileprivate static func unknownVersion(_ version: Int) -> Self {
        Self(
            .unsupportedVersion,
            "the network is described in version \(version); this program reads version \(NetworkFile.version)")
    }
}
