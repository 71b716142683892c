package import Foundation

/// Bytes at any place, of a file or of memory.
protocol Bytes: Sendable {
    var count: Int { get }
    /// Gives exactly the bytes asked for; the caller has checked that they lie inside.
    func read(_ range: Range<Int>) throws(DatasetError) -> [UInt8]
}

extension [UInt8]: Bytes {
    func read(_ range: Range<Int>) -> [UInt8] { Array(self[range]) }
}

/// A file that is open to be read at any place, by any thread.
///
/// It must stay as it is while it is used: each reading compares size and time of change with those at the opening.
package final class DataFile: Bytes {
    /// What messages call it.
    package let name: String
    /// Its size in bytes.
    package let count: Int
    private let descriptor: Int32
    private let changed: [Int]

    /// - Throws: ``DatasetError`` with code `unreadableFile` and the system's reason.
    package init(path: String, name: String) throws(DatasetError) {
        descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            let reason = errno == ENOENT || errno == ENOTDIR ? "no such file" : unsafe String(cString: strerror(errno))
            throw DatasetError(.unreadableFile, file: name, reason.lowercased())
        }
        self.name = name
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw DatasetError(.unreadableFile, file: name, "not a file")
        }
        count = Int(status.st_size)
        changed = Self.state(of: status)
    }

    deinit { close(descriptor) }

    private static func state(of status: stat) -> [Int] {
        #if canImport(Darwin)
            [Int(status.st_size), status.st_mtimespec.tv_sec, status.st_mtimespec.tv_nsec]
        #else
            [Int(status.st_size), status.st_mtim.tv_sec, status.st_mtim.tv_nsec]
        #endif
    }
}

// MARK: - Reading

extension DataFile {
    func read(_ range: Range<Int>) throws(DatasetError) -> [UInt8] {
        precondition(range.lowerBound >= 0 && range.upperBound <= count, "\(range) of a file of \(count) bytes")
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0, Self.state(of: status) == changed else { throw .changed(name) }
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: range.count) { buffer, filled in
            while filled < range.count, let start = buffer.baseAddress {
                let read = unsafe pread(
                    descriptor, start + filled, range.count - filled, off_t(range.lowerBound + filled))
                if read > 0 { filled += read } else if read == 0 || errno != EINTR { break }
            }
        }
        guard bytes.count == range.count else { throw .changed(name) }
        return bytes
    }

    /// Hands over the whole file in pieces, in their order.
    ///
    /// - Throws: ``DatasetError`` with code `changedFile` if it is not any more what was opened.
    package func forEachPiece(_ body: (Data) -> Void) throws(DatasetError) {
        for start in stride(from: 0, to: count, by: Self.piece) {
            body(Data(try read(start..<min(start + Self.piece, count))))
        }
    }

    /// Hands over each line without its end, with its number from 1 and its place in the file.
    func forEachLine(
        _ body: (_ bytes: [UInt8], _ line: Range<Int>, _ number: Int, _ offset: Int) throws(DatasetError) -> Void
    ) throws(DatasetError) {
        var (pending, start, number) = ([UInt8](), 0, 0)
        for offset in stride(from: 0, to: count, by: Self.piece) {
            let searched = pending.count
            pending += try read(offset..<min(offset + Self.piece, count))
            var (first, index) = (0, searched)
            // A byte order mark, as spreadsheets write it, is no part of the first line.
            if offset == 0, pending.starts(with: [0xEF, 0xBB, 0xBF]) { (first, index) = (3, 3) }
            while let end = pending[index...].firstIndex(of: UInt8(ascii: "\n")) {
                number += 1
                try body(pending, first..<end, number, start + first)
                (first, index) = (end + 1, end + 1)
            }
            pending.removeFirst(first)
            start += first
            guard pending.count <= Self.longestLine else { throw .lineTooLong(name, number + 1) }
        }
        if !pending.isEmpty { try body(pending, 0..<pending.count, number + 1, start) }
    }

    private static let piece = 1 << 18
    private static let longestLine = 1 << 26
}

/// A folder with data files.
package struct DataFolder: Sendable {
    private let path: String

    /// - Parameter path: From the current folder, or absolute.
    package init(_ path: String) { self.path = path }

    private func location(_ name: String) -> String { name.hasPrefix("/") ? name : "\(path)/\(name)" }

    /// Opens a file in it.
    ///
    /// - Throws: ``DatasetError`` with code `unreadableFile`.
    package func file(_ name: String) throws(DatasetError) -> DataFile {
        try DataFile(path: location(name), name: name)
    }

    /// The names in a folder in it but hidden ones, in the order of their UTF-8 bytes.
    ///
    /// - Throws: ``DatasetError`` with code `unreadableFile`.
    package func names(in name: String) throws(DatasetError) -> [String] {
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: location(name)) else {
            throw DatasetError(.unreadableFile, file: name, "no such folder")
        }
        return names.filter { !$0.hasPrefix(".") }.sorted { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) }
    }
}

// MARK: - Messages

extension DatasetError {
    fileprivate static func changed(_ file: String) -> Self {
        Self(.changedFile, file: file, "the file has changed since it was checked; run again")
    }

    fileprivate static func lineTooLong(_ file: String, _ line: Int) -> Self {
        Self(.malformedFile, file: file, line: line, "the line is longer than 64 MiB; expected one case a line")
    }
}
