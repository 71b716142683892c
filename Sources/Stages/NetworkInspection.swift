internal import Compression
package import Diagnostics
package import Documents
internal import Interchange
package import Kernels
internal import Networks

/// A network file that is looked at without a recipe, with data if there are some.
package struct NetworkInspection: Sendable {
    private let network: StageNetwork
    private let data: DataSource?

    /// Reads a network file or a YAML architecture, and a data folder.
    ///
    /// - Parameters:
    ///   - channels: Those of the data that the network reads; all if there are none.
    ///   - diagnostics: Takes every fault.
    /// - Returns: `nil` if there was a fault.
    package init?(
        network path: String, data folder: String? = nil, channels: [String] = [],
        into diagnostics: inout DiagnosticList
    ) {
        let path = FilePath(path)
        if path.pathExtension == "safetensors", let bytes = try? path.contents(),
            let quantized = try? QuantizedNetworkFile.decode(bytes)
        {
            network = .int8(quantized)
        } else {
            guard let source = NetworkSource.read(path, at: nil, into: &diagnostics) else { return nil }
            network = .float(source.network)
        }
        guard let folder else {
            data = nil
            return
        }
        let reader = DataSource.Reader(
            folder: FilePath(folder), span: nil, channels: channels.isEmpty ? nil : channels, channelsSpan: nil,
            seed: 0, memory: RecipeInputs.defaultDataMemory)
        guard let data = reader.read(into: &diagnostics) else { return nil }
        self.data = data
        guard case .float(let float) = network else { return }
        for input in float.inputs where float.shape(of: input.name) != data.inputShape {
            diagnostics.append(.inputMismatch(float, input, data))
            return nil
        }
    }

    /// Sizes of the network and of each layer, as in the artifact of a stage.
    package var sizes: JSONValue { network.json }

    /// What each technique can save, as in the artifact of `analyze`.
    ///
    /// - Parameter diagnostics: Takes that the network is in int8.
    /// - Returns: `nil` after a diagnostic.
    /// - Throws: What running the network on the data throws.
    package func analysis(pool: WorkerPool, into diagnostics: inout DiagnosticList) throws -> JSONValue? {
        guard case .float(let float) = network else {
            diagnostics.append(.nothingLeft)
            return nil
        }
        return try JSONValue(encoding: CompressionAnalysis(of: float, data: data?.splits.train, pool: pool))
    }
}

// MARK: - Messages

extension Diagnostic {
    fileprivate static func inputMismatch(_ network: Network, _ input: Network.Node, _ data: DataSource) -> Diagnostic {
        let shape = network.shape(of: input.name).map { "\($0)" } ?? ""
        return Diagnostic(
            .dataMismatch,
            "the network's input '\(input.name)' takes \(shape), and a case of the data is \(data.inputShape)",
            at: nil, help: ["choose channels of the data with --channels, or name other data"])
    }

    fileprivate static var nothingLeft: Diagnostic {
        Diagnostic(
            .networkInvalid, "the network is in int8: there is nothing left to compress", at: nil,
            help: ["name the float32 network that it was made of"])
    }
}
