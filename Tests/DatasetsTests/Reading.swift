import Datasets
import Foundation
import TestSupport

/// Reads files that a test makes.
enum Reading {
    /// The train split of files that are written to a folder of their own, which is gone when the data set is.
    static func train(
        _ files: [String: [UInt8]], _ description: DatasetDescription, channels: [String]? = nil, memory: Int = .max
    ) throws -> Dataset {
        try splits(files, description, channels: channels, memory: memory).train
    }

    static func splits(
        _ files: [String: [UInt8]], _ description: DatasetDescription, channels: [String]? = nil, memory: Int = .max
    ) throws -> DataSplits {
        let folder = try folder(files)
        let splits = try DataSplits(
            reading: description, in: DataFolder(folder.path), channels: channels, seed: 3, memory: memory)
        // Examples are read at the first need; the folder goes with this function.
        for data in [splits.train, splits.validation, splits.test] { _ = try data?.example(0) }
        return splits
    }

    static func folder(_ files: [String: [UInt8]]) throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        for (name, bytes) in files {
            let url = URL(filePath: "\(folder.path)/\(name)")
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(bytes).write(to: url)
        }
        return folder
    }
}
