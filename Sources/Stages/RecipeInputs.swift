internal import Diagnostics

/// The networks and data that the recipes of one command name: each is read, digested and held once.
///
/// Points of a sweep share nearly all of it. What has a fault is read again by whoever asks next, who has to be told
/// as well.
package final class RecipeInputs {
    /// The most bytes of a data set's examples that are held in memory; larger ones are read batch by batch.
    ///
    /// No result depends on it.
    let dataMemory: Int

    private var networks: [String: NetworkSource] = [:]
    private var data: [DataKey: DataSource] = [:]

    private struct DataKey: Hashable {
        let folder: String
        let channels: [String]?
        /// Where it decides which example is in which split.
        let seed: UInt64?
    }

    /// 1 GiB.
    package static let defaultDataMemory = 1 << 30

    package init(dataMemory: Int = defaultDataMemory) {
        self.dataMemory = dataMemory
    }

    /// The network of a file; `nil` after a diagnostic at the span of the option.
    func network(_ path: FilePath, at span: SourceSpan?, into diagnostics: inout DiagnosticList) -> NetworkSource? {
        if let known = networks[path.location] { return known }
        let source = NetworkSource.read(path, at: span, into: &diagnostics)
        networks[path.location] = source
        return source
    }

    /// The data of a folder; `nil` after a diagnostic.
    func data(_ reader: DataSource.Reader, into diagnostics: inout DiagnosticList) -> DataSource? {
        func key(_ seed: UInt64?) -> DataKey {
            DataKey(folder: reader.folder.location, channels: reader.channels, seed: seed)
        }
        if let known = data[key(nil)] ?? data[key(reader.seed)] { return known }
        let source = reader.read(into: &diagnostics)
        if let source { data[key(source.isDrawn ? reader.seed : nil)] = source }
        return source
    }
}
