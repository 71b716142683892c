internal import CZlib

/// The archive that `numpy.savez` and `numpy.savez_compressed` write: a zip file with a NumPy file for each array.
///
/// Members are stored or deflated; archives of 4 GiB and more, and encrypted ones, are refused.
struct ZipArchive {
    private struct Member {
        let name: String
        let isDeflated: Bool
        let checksum: UInt32
        let packed: Int
        let size: Int
        let header: Int
    }

    private let file: DataFile
    private let members: [Member]

    /// Reads the list of members at the end of the file.
    ///
    /// - Throws: ``DatasetError`` if it is no archive, or one that is not read.
    init(_ file: DataFile) throws(DatasetError) {
        self.file = file
        let tail = try file.read(max(0, file.count - 65_557)..<file.count)
        let last = stride(from: tail.count - 22, through: 0, by: -1).first { tail.number(4, at: $0) == 0x0605_4b50 }
        guard let end = last else { throw .notZip(file.name) }
        let (count, size, start) = (
            tail.number(2, at: end + 10), tail.number(4, at: end + 12), tail.number(4, at: end + 16)
        )
        guard count != 0xffff, start != 0xffff_ffff else { throw .largeZip(file.name) }
        guard start + size <= file.count, count * 46 <= size else { throw .damagedZip(file.name) }
        let list = try file.read(start..<start + size)
        var (members, place) = ([Member](), 0)
        for _ in 0..<count {
            guard place + 46 <= list.count, list.number(4, at: place) == 0x0201_4b50 else {
                throw .damagedZip(file.name)
            }
            let nameLength = list.number(2, at: place + 28)
            let next = place + 46 + nameLength + list.number(2, at: place + 30) + list.number(2, at: place + 32)
            guard next <= list.count else { throw .damagedZip(file.name) }
            let name = String(decoding: list[place + 46..<place + 46 + nameLength], as: UTF8.self)
            let (flags, method) = (list.number(2, at: place + 8), list.number(2, at: place + 10))
            guard flags & 1 == 0, method == 0 || method == 8 else { throw .method(file.name, name) }
            let member = Member(
                name: name, isDeflated: method == 8, checksum: UInt32(list.number(4, at: place + 16)),
                packed: list.number(4, at: place + 20), size: list.number(4, at: place + 24),
                header: list.number(4, at: place + 42))
            guard ![member.packed, member.size, member.header].contains(0xffff_ffff) else { throw .largeZip(file.name) }
            members.append(member)
            place = next
        }
        self.members = members
    }

    /// What messages call an array.
    func name(of array: String) -> String { "\(file.name)/\(array).npy" }

    /// The bytes of an array's file: in place if it is stored, in memory if it is deflated.
    ///
    /// - Parameter memory: The most bytes that it may fill there.
    /// - Throws: ``DatasetError`` if it is not there, too large, or damaged.
    func member(_ array: String, memory: Int) throws(DatasetError) -> any Bytes {
        guard let member = members.first(where: { $0.name == array + ".npy" }) else {
            throw .noMember(file.name, array, members.map(\.name))
        }
        guard member.header + 30 <= file.count else { throw .damagedZip(file.name) }
        let header = try file.read(member.header..<member.header + 30)
        let start = member.header + 30 + header.number(2, at: 26) + header.number(2, at: 28)
        guard header.number(4, at: 0) == 0x0403_4b50, start + member.packed <= file.count,
            member.isDeflated || member.packed == member.size
        else { throw .damagedZip(file.name) }
        let range = start..<start + member.packed
        guard member.isDeflated else { return Section(bytes: file, range: range) }
        guard member.size <= memory else { throw .tooLarge(name(of: array), member.size) }
        // No deflated byte gives more than 1,032 (zlib's technical notes): a damaged size cannot ask for more memory.
        guard member.size / 1_032 <= member.packed else { throw .damagedZip(file.name) }
        guard let bytes = Self.inflated(try file.read(range), size: member.size, checksum: member.checksum) else {
            throw .damagedZip(file.name)
        }
        return bytes
    }

    /// The bytes that some deflated bytes stand for, or `nil` if they are not as many or not those they should be.
    private static func inflated(_ packed: [UInt8], size: Int, checksum: UInt32) -> [UInt8]? {
        var stream = unsafe z_stream()
        guard unsafe inflateInit2_(&stream, -15, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
            return nil
        }
        defer { unsafe inflateEnd(&stream) }
        var packed = packed
        // One byte more than there should be, so that what is too long shows.
        var result = [UInt8](repeating: 0, count: size + 1)
        let status = unsafe packed.withUnsafeMutableBufferPointer { input in
            unsafe result.withUnsafeMutableBufferPointer { output in
                unsafe stream.next_in = input.baseAddress
                unsafe stream.avail_in = UInt32(input.count)
                unsafe stream.next_out = output.baseAddress
                unsafe stream.avail_out = UInt32(output.count)
                return unsafe inflate(&stream, Z_FINISH)
            }
        }
        guard status == Z_STREAM_END, unsafe Int(stream.total_out) == size else { return nil }
        result.removeLast()
        let sum = unsafe result.withUnsafeBufferPointer { unsafe crc32(0, $0.baseAddress, UInt32($0.count)) }
        return UInt32(truncatingIfNeeded: sum) == checksum ? result : nil
    }
}

/// A part of other bytes.
private struct Section: Bytes {
    let bytes: any Bytes
    let range: Range<Int>

    var count: Int { range.count }

    func read(_ part: Range<Int>) throws(DatasetError) -> [UInt8] {
        precondition(part.lowerBound >= 0 && part.upperBound <= count, "\(part) of \(count) bytes")
        return try bytes.read(range.lowerBound + part.lowerBound..<range.lowerBound + part.upperBound)
    }
}

extension [UInt8] {
    /// The number that some bytes are, the lowest first.
    fileprivate func number(_ size: Int, at place: Int) -> Int {
        self[place..<place + size].reversed().reduce(0) { $0 << 8 | Int($1) }
    }
}

// MARK: - Messages

extension DatasetError {
    fileprivate static func notZip(_ file: String) -> Self {
        Self(.malformedFile, file: file, "no archive of NumPy: it does not end in a list of members")
    }

    fileprivate static func damagedZip(_ file: String) -> Self {
        Self(.malformedFile, file: file, "the archive is damaged: a member is not what its list says; write it anew")
    }

    fileprivate static func largeZip(_ file: String) -> Self {
        Self(
            .unsupportedContent, file: file,
            "archives of 4 GiB and more are not read; save each array as an .npy file of its own")
    }

    fileprivate static func method(_ file: String, _ member: String) -> Self {
        Self(
            .unsupportedContent, file: file,
            "'\(member.shortened)' is encrypted or packed in another way than numpy.savez does; write it with that")
    }

    fileprivate static func noMember(_ file: String, _ array: String, _ members: [String]) -> Self {
        let names = members.map { $0.hasSuffix(".npy") ? String($0.dropLast(4)) : $0 }
        return Self(
            .unknownColumn, file: file,
            "no array '\(array.shortened)' in the archive; it has \(names.isEmpty ? "none" : names.shortList)")
    }

    fileprivate static func tooLarge(_ file: String, _ size: Int) -> Self {
        Self(
            .unsupportedContent, file: file,
            "the array is compressed and has \(size) bytes, more than --data-memory; give it more, or save the array "
                + "with numpy.savez or numpy.save, which are read from disk")
    }
}
