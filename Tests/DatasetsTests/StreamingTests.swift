import Datasets
import Foundation
import Kernels
import Tensors
import TestSupport
import Testing

/// Data that are read from disk batch by batch, beside the same data in memory.
@Suite struct StreamingTests {
    private static let classes = DatasetDescription.Task.classification(classes: ["a", "b"])
    private static let drawn = DatasetDescription.Part.drawn(fraction: Fraction(1, of: 3), stratified: true)

    /// Every format, with files that it reads.
    static let formats: [(DatasetDescription, [String: [UInt8]])] = {
        let sequence = DatasetDescription.Input.sequence(channels: ["x", "y"], steps: 2)
        let ragged = DatasetDescription.Input.sequence(channels: ["x", "y"], steps: 2, isRagged: true)
        var long = DelimitedFile.Options()
        long.example = "id"
        func description(
            _ format: DatasetDescription.Format, _ input: DatasetDescription.Input, _ files: DatasetDescription.Files
        ) -> DatasetDescription {
            DatasetDescription(
                name: "stream", task: classes, input: input, format: format, train: files, validation: drawn)
        }
        let lines = (0..<12).map { "\($0),0.5:\($0),-1e3:\($0 % 2 == 0 ? "a" : "b")\n" }
        let short = (0..<12).map { "\($0):\($0):\($0 % 2 == 0 ? "a" : "b")\n" }
        let table = (0..<12).map { row in
            (0...row % 2).map { "\(row),\(row).\($0),\($0),\(row % 2 == 0 ? "a" : "b")\n" }.joined()
        }
        let labels = (0..<12).map { UInt8($0 % 2) }
        return [
            (description(.ts, sequence, .init(["t.ts"])), ["t.ts": Array(("@data\n" + lines.joined()).utf8)]),
            (
                description(.ts, ragged, .init(["t.ts", "u.ts"])),
                ["t.ts": Array(("@data\n" + lines.joined()).utf8), "u.ts": Array(("@data\n" + short.joined()).utf8)]
            ),
            (
                description(.csv(long), ragged, .init(["t.csv"])),
                ["t.csv": Array(("id,x,y,class\n" + table.joined()).utf8)]
            ),
            (
                description(.idx, .image(height: 1, width: 2, channels: 2), .init(["x"], targets: "y")),
                ["x": ArrayFilesTests.idx(8, [12, 2, 1, 2], Array(0..<48)), "y": ArrayFilesTests.idx(8, [12], labels)]
            ),
            (
                description(.npy(isChannelsLast: true), sequence, .init(["x.npy"], targets: "y.npy")),
                [
                    "x.npy": ArrayFilesTests.numpy("<i2", "(12, 2, 2)", (0..<96).map { UInt8($0) }),
                    "y.npy": ArrayFilesTests.numpy("|u1", "(12,)", labels),
                ]
            ),
            (
                description(.cifar10, .image(height: 32, width: 32, channels: 3), .init(["c.bin"])),
                ["c.bin": labels.flatMap { label in [label] + (0..<3072).map { UInt8($0 % 251) ^ label } }]
            ),
            (
                description(.png, .image(height: 1, width: 2, channels: 1), .init(["p"])),
                Dictionary(
                    uniqueKeysWithValues: (0..<12).map { row in
                        (
                            "p/\(row % 2 == 0 ? "a" : "b")/\(row).png",
                            PNGBytes.image(height: 1, width: 2, .grey, [UInt8(row), 255])
                        )
                    })
            ),
        ]
    }()

    @Test(arguments: formats.indices)
    func `examples have the same bits from disk and from memory`(index: Int) throws {
        let (description, files) = Self.formats[index]
        let folder = try Reading.folder(files)
        func splits(_ memory: Int) throws -> DataSplits {
            try DataSplits(
                reading: description, in: DataFolder(folder.path),
                channels: Array(description.input.channels.suffix(2).reversed()), seed: 3, memory: memory)
        }
        let (streamed, held) = (try splits(0), try splits(.max))
        #expect(try Contents(streamed.train) == Contents(held.train))
        let (left, right) = (try #require(streamed.validation), try #require(held.validation))
        #expect(try Contents(left) == Contents(right))
        #expect(left.count >= 4)
        // Far from each other, twice, backwards.
        let rows = [7, 0, 7, 3][...]
        let (first, second) = (
            FloatBuffer(count: 4 * left.inputShape.count), FloatBuffer(count: 4 * left.inputShape.count)
        )
        try streamed.train.copy(rows, to: first.pointer)
        try held.train.copy(rows, to: second.pointer)
        #expect(first.array == second.array)
    }

    @Test func `a file that changes is noticed`() throws {
        let (description, files) = Self.formats[0]
        let folder = try Reading.folder(files)
        let splits = try DataSplits(reading: description, in: DataFolder(folder.path), seed: 3, memory: 0)
        _ = try splits.train.example(0)
        let handle = try FileHandle(forWritingTo: URL(filePath: folder.path + "/t.ts"))
        try handle.seekToEnd()
        try handle.write(contentsOf: Data("1,1:1,1:a\n".utf8))
        try handle.close()
        let error = #expect(throws: DatasetError.self) { try splits.train.example(0) }
        #expect(error?.code == .changedFile)
        #expect(error?.description == "t.ts: the file has changed since it was checked; run again")
    }

    /// 39 MB of images, which would be 157 MB of floats, with 4 MB allowed: in a process of its own, as memory is counted.
    @Test(.enabled(if: FileManager.default.fileExists(atPath: "/proc/self/status"), "memory is told by Linux"))
    func `memory stays bounded whatever the size of the data`() async {
        await #expect(processExitsWith: .success) {
            let (count, size) = (50_000, 784)
            let path = NSTemporaryDirectory() + "pare-stream-" + UUID().uuidString
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(atPath: path) }
            try Data(ArrayFilesTests.idx(8, [count, 28, 28], [])).write(to: URL(filePath: path + "/x"))
            let handle = try FileHandle(forWritingTo: URL(filePath: path + "/x"))
            try handle.seekToEnd()
            for part in 0..<50 {
                try handle.write(
                    contentsOf: Data((0..<1_000 * size).map { UInt8(truncatingIfNeeded: $0 / size + part) }))
            }
            try handle.close()
            let labels = (0..<count).map { UInt8($0 / 7 % 10) }
            try Data(ArrayFilesTests.idx(8, [count], labels)).write(to: URL(filePath: path + "/y"))
            let description = DatasetDescription(
                name: "large", task: .classification(classes: (0..<10).map { "\($0)" }),
                input: .image(height: 28, width: 28, channels: 1), format: .idx, train: .init(["x"], targets: "y"),
                test: .every(5))
            let before = try StreamingTests.peak()
            let data = try DataSplits(reading: description, in: DataFolder(path), seed: 1, memory: 4 << 20).train
            let batch = FloatBuffer(count: 128 * size)
            let batches = MiniBatches(
                examples: data.count, size: 128, shuffle: .everyEpoch, seed: 1, stream: "s", epoch: 0)
            for index in 0..<batches.count {
                try data.copy(batches[index], to: batch.pointer)
                let row = batches[index].first ?? 0
                let source = row + row / 4 + 1
                #expect(batch[0] == Float(UInt8(truncatingIfNeeded: source % 1_000 + source / 1_000)), "row \(row)")
            }
            #expect(FloatBuffer.liveBytes < 4 << 20)
            let grown = try StreamingTests.peak() - before
            #expect(grown < 24 << 20)
        }
    }

    /// The most memory that this process had so far, in bytes, as Linux tells it.
    static func peak() throws -> Int {
        let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        return 1024 * (try #require(line?.split(separator: " ").dropLast().last.flatMap { Int($0) }))
    }

    @Test(arguments: formats.indices)
    func `damaged and cut files are refused or read, and nothing worse`(index: Int) throws {
        let (description, files) = Self.formats[index]
        try Self.mutate(description, files, rounds: 60)
    }

    @Test(arguments: [ArrayFilesTests.packed, ArrayFilesTests.stored])
    func `damaged archives are refused or read, and nothing worse`(archive: Data?) throws {
        try Self.mutate(ArrayFilesTests.archived, ["a.npz": Array(#require(archive))], rounds: 200)
    }

    private static func mutate(_ description: DatasetDescription, _ files: [String: [UInt8]], rounds: Int) throws {
        var random = RandomStream(seed: 17, name: "mutations")
        let names = files.keys.sorted()
        let folder = try Reading.folder(files)
        for round in 0..<rounds {
            let name = names[random.below(names.count)]
            var bytes = files[name] ?? []
            if random.below(3) == 0 {
                bytes.removeLast(random.below(bytes.count + 1))
            } else {
                // Mostly near the start, where headers are, or near the end, where the list of an archive is.
                for _ in 0...random.below(4) {
                    let place = random.below(min(bytes.count, 160))
                    let index = random.below(3) == 0 ? bytes.count - 1 - place : place
                    bytes[index] =
                        [0, 255, UInt8(random.below(256)), bytes[index] ^ 1 << UInt8(random.below(8))][
                            random.below(4)]
                }
            }
            let url = URL(filePath: "\(folder.path)/\(name)")
            try Data(bytes).write(to: url)
            do {
                let data = try DataSplits(reading: description, in: DataFolder(folder.path), seed: 1, memory: 1 << 24)
                    .train
                _ = try data.values(in: 0..<data.count)
            } catch {
                #expect(!error.message.isEmpty, "round \(round)")
            }
            try Data(files[name] ?? []).write(to: url)
        }
    }
}
