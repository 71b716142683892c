internal import Diagnostics
internal import Documents
internal import Foundation
internal import Interchange
internal import Networks

/// A network file that a recipe names, read and digested.
struct NetworkSource: Sendable {
    let network: Network
    let digest: Digest

    /// Reads a network file of ours or a YAML architecture.
    ///
    /// - Returns: `nil` after a diagnostic at the span of the option.
    static func read(_ path: FilePath, at span: SourceSpan?, into diagnostics: inout DiagnosticList) -> NetworkSource? {
        let data: Data
        do {
            data = try path.contents()
        } catch {
            diagnostics.append(
                Diagnostic(.fileMissing, "\(error)", at: span, help: ["paths are relative to the folder of the recipe"])
            )
            return nil
        }
        switch path.pathExtension {
        case "safetensors":
            do {
                return NetworkSource(network: try NetworkFile.decode(data), digest: Digest(of: data))
            } catch {
                diagnostics.append(
                    Diagnostic(.networkInvalid, "network '\(path)': \(error)", at: span, help: [formats]))
            }
        case "yaml", "yml":
            let file = SourceFile(name: path.description, bytes: [UInt8](data))
            if let network = ArchitectureFile.read(file, into: &diagnostics) {
                return NetworkSource(network: network, digest: Digest(of: data))
            }
        default:
            diagnostics.append(
                Diagnostic(
                    .networkInvalid, "network '\(path)' has no known format: '.\(path.pathExtension)'", at: span,
                    help: [formats]))
        }
        return nil
    }

    private static let formats = "expected a .safetensors file in float32 that pare wrote, or a .yaml architecture"
}
