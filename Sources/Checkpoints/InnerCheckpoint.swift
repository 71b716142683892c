internal import Documents
package import Foundation

/// How far a stage came: bytes that only the stage understands, and the instruction set that made them.
package struct InnerCheckpoint: Hashable, Sendable {
    /// The stage's own bytes.
    package let data: Data
    /// The instruction set of the program that wrote them; on another one the last bits may differ.
    package let instructionSet: String

    package init(data: Data, instructionSet: String) {
        self.data = data
        self.instructionSet = instructionSet
    }
}

extension InnerCheckpoint {
    /// A line of JSON with the digest of the bytes, then the bytes.
    var encoded: Data {
        let header: JSONValue = [
            "digest": .string(Digest(of: data).hex), "instructionSet": .string(instructionSet),
        ]
        return Data((header.canonicalText + "\n").utf8) + data
    }

    /// Reads what ``encoded`` wrote; `nil` if the bytes are not whole and unchanged.
    init?(encoded: Data) {
        guard let end = encoded.firstIndex(of: UInt8(ascii: "\n")),
            let header = try? JSONValue(parsing: encoded[..<end]), let instructionSet = header["instructionSet"]?.text
        else { return nil }
        let data = Data(encoded[(end + 1)...])
        guard header["digest"]?.text == Digest(of: data).hex else { return nil }
        self.init(data: data, instructionSet: instructionSet)
    }
}
