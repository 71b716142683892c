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
    static func read(_ url: URL, at span: SourceSpan?, into diagnostics: inout DiagnosticList) -> NetworkSource? {
        let data: Data
        do {
            data = try Data(contentsOf: url)
        } catch {
            diagnostics.append(
                Diagnostic(
                    .fileMissing, "cannot read the network '\(url.relativeName)': \(error.reason)", at: span,
                    help: ["paths are relative to the recipe"]))
            return nil
        }
        switch url.pathExtension {
        case "safetensors":
            do {
                return NetworkSource(network: try NetworkFile.decode(data), digest: Digest(of: data))
            } catch {
                diagnostics.append(Diagnostic(.networkInvalid, "network '\(url.relativeName)': \(error)", at: span))
            }
        case "yaml", "yml":
            let file = SourceFile(name: url.relativeName, bytes: [UInt8](data))
            if let network = ArchitectureFile.read(file, into: &diagnostics) {
                return NetworkSource(network: network, digest: Digest(of: data))
            }
        default:
            diagnostics.append(
                Diagnostic(
                    .networkInvalid, "network '\(url.relativeName)' has no known format", at: span,
                    help: ["known: .safetensors written by pare, .yaml for an architecture"]))
        }
        return nil
    }
}

extension URL {
    /// The path as it is shown to a user: relative to the current folder where it lies in it.
    var relativeName: String {
        let folder = FileManager.default.currentDirectoryPath + "/"
        return path.hasPrefix(folder) ? String(path.dropFirst(folder.count)) : path
    }
}

extension Error {
    /// The system's own words for a failure to read a file.
    var reason: String {
        let error = self as NSError
        let system = (error.userInfo[NSUnderlyingErrorKey] as? NSError) ?? error
        if system.domain == NSPOSIXErrorDomain, let code = POSIXErrorCode(rawValue: Int32(system.code)) {
            return POSIXError(code).localizedDescription.lowercased()
        }
        return switch CocoaError.Code(rawValue: error.code) {
        case .fileReadNoSuchFile, .fileNoSuchFile: "no such file"
        case .fileReadNoPermission: "permission denied"
        default: error.localizedDescription
        }
    }
}
