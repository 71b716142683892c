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
                == "'\(path)/format.json' does not name the format of a store: name another folder with --store")
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
}
