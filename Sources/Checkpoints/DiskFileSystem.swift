package import Foundation

/// The files of the system, by POSIX calls.
package struct DiskFileSystem: FileSystem {
    package init() {}

    /// Creates a folder, and those above it; false if the path is taken.
    package func createNewFolder(_ path: String) throws(FileError) -> Bool {
        try createFolder(Self.parent(of: path))
        if mkdir(path, 0o777) == 0 { return true }
        guard errno == EEXIST else { throw failure("creating the folder", path) }
        return false
    }

    package func createFolder(_ path: String) throws(FileError) {
        if mkdir(path, 0o777) == 0 { return }
        switch errno {
        case EEXIST:
            var status = stat()
            guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
                throw FileError(action: "creating the folder", path: path, number: ENOTDIR)
            }
        case ENOENT where Self.parent(of: path) != path:
            try createFolder(Self.parent(of: path))
            guard mkdir(path, 0o777) == 0 || errno == EEXIST else { throw failure("creating the folder", path) }
        default: throw failure("creating the folder", path)
        }
    }

    package func write(_ data: Data, to path: String, durably: Bool) throws(FileError) {
        let file = try open(path, O_WRONLY | O_CREAT | O_TRUNC, "writing")
        defer { close(file) }
        var offset = 0
        while offset < data.count {
            let count = data.withUnsafeBytes { bytes in
                #if canImport(Darwin)
                    Darwin.write(file, bytes.baseAddress?.advanced(by: offset), bytes.count - offset)
                #else
                    Glibc.write(file, bytes.baseAddress?.advanced(by: offset), bytes.count - offset)
                #endif
            }
            if count >= 0 { offset += count } else if errno != EINTR { throw failure("writing", path) }
        }
        if durably { try synchronize(file, path) }
    }

    package func rename(_ path: String, to target: String) throws(FileError) {
        guard Foundation.rename(path, target) == 0 else { throw failure("renaming a file to", target) }
    }

    package func synchronizeFolder(_ path: String) throws(FileError) {
        let folder = try open(path, O_RDONLY, "opening")
        defer { close(folder) }
        try synchronize(folder, path)
    }

    package func remove(_ path: String) throws(FileError) {
        if unlink(path) == 0 || errno == ENOENT { return }
        guard [EISDIR, EPERM].contains(errno), try status(path)?.isFolder == true else {
            throw failure("removing", path)
        }
        for name in try list(path) { try remove(path + "/" + name) }
        guard rmdir(path) == 0 || errno == ENOENT else { throw failure("removing", path) }
    }

    package func touch(_ path: String) throws(FileError) {
        guard utimes(path, nil) == 0 else { throw failure("touching", path) }
    }

    package func status(_ path: String) throws(FileError) -> FileStatus? {
        var status = stat()
        guard stat(path, &status) == 0 else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw failure("reading", path)
        }
        #if canImport(Darwin)
            let time = status.st_mtimespec
        #else
            let time = status.st_mtim
        #endif
        return FileStatus(
            isFolder: status.st_mode & S_IFMT == S_IFDIR, size: Int(status.st_size),
            changed: Date(timeIntervalSince1970: Double(time.tv_sec) + Double(time.tv_nsec) / 1e9))
    }

    package func read(_ path: String) throws(FileError) -> Data? {
        let file: Int32
        do {
            file = try open(path, O_RDONLY, "reading")
        } catch  where error.number == ENOENT || error.number == ENOTDIR {
            return nil
        }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0 else { throw failure("reading", path) }
        var data = Data()
        var buffer = [UInt8](repeating: 0, count: min(max(Int(status.st_size) + 1, 512), 1 << 20))
        while true {
            let count = Foundation.read(file, &buffer, buffer.count)
            if count > 0 {
                data.append(contentsOf: buffer[..<count])
            } else if count == 0 {
                return data
            } else if errno != EINTR {
                throw failure("reading", path)
            }
        }
    }

    package func list(_ path: String) throws(FileError) -> [String] {
        guard let folder = opendir(path) else {
            if errno == ENOENT { return [] }
            throw failure("listing", path)
        }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) { String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// The paths that a pattern of the shell matches (`*`, `?`, `[a-z]`), sorted.
    ///
    /// Names that begin with a dot match only a dot. A path that is there is meant as it is, whatever characters it has.
    package func paths(matching pattern: String) -> [String] {
        if access(pattern, F_OK) == 0 { return [pattern] }
        var found = glob_t()
        defer { globfree(&found) }
        guard glob(pattern, 0, nil, &found) == 0, let paths = found.gl_pathv else { return [] }
        return (0..<Int(found.gl_pathc)).compactMap { paths[$0].map { String(cString: $0) } }.sorted()
    }

    package func lock(_ path: String) throws(FileError) -> FileLock? {
        let file = try open(path, O_RDWR | O_CREAT, "locking")
        while flock(file, LOCK_EX | LOCK_NB) != 0 {
            let number = errno
            if number == EINTR { continue }
            close(file)
            if number == EWOULDBLOCK { return nil }
            throw FileError(action: "locking", path: path, number: number)
        }
        // Whoever held the lock before may have removed the file; then others lock the one that has its name now.
        var held = stat()
        var named = stat()
        guard fstat(file, &held) == 0, stat(path, &named) == 0, held.st_ino == named.st_ino,
            held.st_dev == named.st_dev
        else {
            close(file)
            return nil
        }
        return FileLock { close(file) }
    }
}

// MARK: - Calls

extension DiskFileSystem {
    private func open(_ path: String, _ flags: Int32, _ action: String) throws(FileError) -> Int32 {
        while true {
            let file = Foundation.open(path, flags | O_CLOEXEC, 0o666)
            if file >= 0 { return file }
            if errno != EINTR { throw failure(action, path) }
        }
    }

    private func synchronize(_ file: Int32, _ path: String) throws(FileError) {
        while fsync(file) != 0 {
            // Some file systems refuse to synchronize a folder; there is nothing more to do then.
            if errno == EINVAL { return }
            if errno != EINTR { throw failure("writing", path) }
        }
    }

    private func failure(_ action: String, _ path: String) -> FileError {
        FileError(action: action, path: path, number: errno)
    }

    /// The folder above a path; `.` for a name alone, `/` for the root. (Foundation traps on a name of one character.)
    private static func parent(of path: String) -> String {
        let name = path.reversed().drop { $0 == "/" }
        let above = name.drop { $0 != "/" }.drop { $0 == "/" }
        if !above.isEmpty { return String(above.reversed()) }
        return path.hasPrefix("/") ? "/" : "."
    }
}
