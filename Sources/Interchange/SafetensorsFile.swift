package import Foundation
package import Tensors

/// Named tensors and a few strings in one file: the safetensors format (huggingface.co/docs/safetensors).
///
/// The file is the length of the header (8 bytes, little-endian), the header (JSON, padded with spaces to a multiple of
/// 8), and the elements of all tensors, little-endian and row-major, one tensor after the other. Equal values give equal
/// bytes: tensors stand in the order of their names, and the keys of the header are sorted.
package struct SafetensorsFile: Hashable, Sendable {
    /// The strings under `__metadata__`.
    package var metadata: [String: String]
    package var tensors: [String: Tensor]

    package init(metadata: [String: String] = [:], tensors: [String: Tensor]) {
        self.metadata = metadata
        self.tensors = tensors
    }

    /// The key of the header that no tensor may have.
    static let metadataKey = "__metadata__"
}

// MARK: - Writing

extension SafetensorsFile {
    /// The bytes of the file.
    ///
    /// - Precondition: no tensor is named `__metadata__`.
    package var encoded: Data {
        var entries: [String: Header.Entry] = [:]
        var payload: [UInt8] = []
        payload.reserveCapacity(tensors.values.reduce(0) { $0 + $1.byteCount })
        for (name, tensor) in tensors.sorted(by: { $0.key < $1.key }) {
            precondition(name != Self.metadataKey, "a tensor is named '\(name)'")
            let start = payload.count
            payload.append(tensor)
            entries[name] = Header.Entry(
                dtype: tensor.elementType.rawValue, shape: tensor.shape.dimensions, offsets: [start, payload.count])
        }
        var header = Header(metadata: metadata, entries: entries).text
        header.append(contentsOf: repeatElement(UInt8(ascii: " "), count: (8 - header.count % 8) % 8))
        var data = Data(capacity: 8 + header.count + payload.count)
        for shift in stride(from: 0, to: 64, by: 8) {
            data.append(UInt8(truncatingIfNeeded: UInt64(header.count) >> UInt64(shift)))
        }
        data.append(contentsOf: header)
        data.append(contentsOf: payload)
        return data
    }
}

extension [UInt8] {
    /// Appends the elements of a tensor, little-endian.
    fileprivate mutating func append(_ tensor: Tensor) {
        switch tensor.storage {
        case .float32(let elements): for element in elements { append(element.bitPattern) }
        case .float64(let elements):
            for element in elements {
                append(UInt32(truncatingIfNeeded: element.bitPattern))
                append(UInt32(truncatingIfNeeded: element.bitPattern >> 32))
            }
        case .int8(let elements): for element in elements { append(UInt8(bitPattern: element)) }
        case .int32(let elements): for element in elements { append(UInt32(bitPattern: element)) }
        case .bfloat16(let elements):
            for element in elements {
                append(UInt8(truncatingIfNeeded: element.bitPattern))
                append(UInt8(truncatingIfNeeded: element.bitPattern >> 8))
            }
        }
    }

    private mutating func append(_ word: UInt32) {
        append(UInt8(truncatingIfNeeded: word))
        append(UInt8(truncatingIfNeeded: word >> 8))
        append(UInt8(truncatingIfNeeded: word >> 16))
        append(UInt8(truncatingIfNeeded: word >> 24))
    }
}
