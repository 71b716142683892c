import Checkpoints
import Documents
import Foundation
import Planning
import TestSupport
import Testing

@Suite struct StoreFailureTests {
    let folder: TemporaryFolder
    var path: String { folder.path + "/store" }

    init() throws { folder = try TemporaryFolder() }

    func format(_ text: String) throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        try Data(text.utf8).write(to: URL(filePath: path + "/format.json"))
    }

    @Test func `a newer format is refused`() throws {
        try format("{\"format\": 2}")
        let error = try #require(throws: StoreError.self) { try Store(at: path) }
        #expect(error.code == .newerFormat)
        #expect(
            error.description
                == "store '\(path)' has format 2; this pare reads format 1: use a newer pare or another --store")
    }

    @Test(arguments: ["", "format 1", "{}", "[1]"])
    func `a folder with another format.json is no store`(text: String) throws {
        try format(text)
        let error = try #require(throws: StoreError.self) { try Store(at: path) }
        #expect(error.code == .notAStore)
        #expect(
            error.description
                == "'\(path)/format.json' does not name the format of a store: remove that file if the folder is "
                + "a store, or name another folder with --store")
    }

    @Test func `a full disk`() throws {
        let store = try Store(at: path, fileSystem: FaultyFileSystem(.refuses(ENOSPC), atChange: 1))
        let error = try #require(throws: StoreError.self) { try store.prepare() }
        #expect(error.code == .noSpace)
        #expect(
            error.description == "no space left while creating the folder '\(path)/records': free some space and run "
                + "the same command again; nothing stored is lost")
    }

    @Test(arguments: [(EACCES, "permission denied"), (EROFS, "read-only file system")])
    func `an unwritable store`(number: Int32, reason: String) throws {
        let store = try Store(at: path, fileSystem: FaultyFileSystem(.refuses(number), atChange: 1))
        let error = try #require(throws: StoreError.self) { try store.prepare() }
        #expect(error.code == .notWritable)
        #expect(
            error.description == "\(reason) while creating the folder '\(path)/records': make the folder writable or "
                + "name another with --store")
    }

    @Test func `a file in the place of the store`() throws {
        try Data().write(to: URL(filePath: path))
        let error = try #require(throws: StoreError.self) { try Store(at: path).prepare() }
        #expect(error.code == .fileFailure)
        #expect(
            error.description == "not a directory while creating the folder '\(path)/records': "
                + "name another folder with --store")
    }

    #if os(Linux)
        @Test func `a place where the system makes no folders`() throws {
            let error = try #require(throws: StoreError.self) { try Store(at: "/proc/pare/store").prepare() }
            #expect(
                error.description == "no such file or directory while creating the folder '/proc/pare': "
                    + "name another folder with --store")
        }
    #endif

    @Test func `another failure of the disk`() throws {
        let store = try Store(at: path, fileSystem: FaultyFileSystem(.refuses(EIO), atChange: 1))
        let error = try #require(throws: StoreError.self) { try store.prepare() }
        #expect(error.code == .fileFailure)
        #expect(error.description == "input/output error while creating the folder '\(path)/records'")
    }

    @Test(arguments: [ENOLCK, EOPNOTSUPP])
    func `a file system without locks`(number: Int32) throws {
        let store = try Store(at: path, fileSystem: UnlockableFileSystem(number: number))
        let error = try #require(throws: StoreError.self) { try store.claiming([]) {} }
        #expect(error.code == .fileFailure)
        #expect(
            error.description == "the file system of '\(path)/lock' has no locks: name a folder on another file system "
                + "with --store")
    }
}

/// The disk, but for locks.
private struct UnlockableFileSystem: FileSystem {
    let number: Int32
    private let disk = DiskFileSystem()

    init(number: Int32) { self.number = number }

    func lock(_ path: String) throws(FileError) -> FileLock? {
        throw FileError(action: "locking", path: path, number: number)
    }

    func createFolder(_ path: String) throws(FileError) { try disk.createFolder(path) }
    func write(_ data: Data, to path: String, durably: Bool) throws(FileError) {
        try disk.write(data, to: path, durably: durably)
    }
    func rename(_ path: String, to target: String) throws(FileError) { try disk.rename(path, to: target) }
    func synchronizeFolder(_ path: String) throws(FileError) { try disk.synchronizeFolder(path) }
    func remove(_ path: String) throws(FileError) { try disk.remove(path) }
    func touch(_ path: String) throws(FileError) { try disk.touch(path) }
    func status(_ path: String) throws(FileError) -> FileStatus? { try disk.status(path) }
    func read(_ path: String) throws(FileError) -> Data? { try disk.read(path) }
    func list(_ path: String) throws(FileError) -> [String] { try disk.list(path) }
}
