package import Foundation
package import Tensors

/// A float32 tensor in the fewest bytes of three forms.
///
/// - dense: every element, four bytes each.
/// - bitmask: one bit an element, lowest bit first, set where it is not zero; then the elements that are not.
/// - indexed: the rows of compressed sparse row storage: for each row (first axis) where it begins among the elements that
///   are not zero, four bytes each and one more for the end; the column of each such element, two bytes (four, if a row is
///   longer than 65,536); then the elements.
///
/// One byte in front tells which. All numbers are little-endian; the shape stands elsewhere.
package struct SparseEncoding: Hashable, Sendable {
    package enum Form: String, Codable, Hashable, Sendable, CaseIterable {
        case dense
        case bitmask
        case indexed
    }

    package let form: Form
    package let bytes: Data

    /// The form of the fewest bytes; of equally many the first.
    package init(_ tensor: Tensor) {
        let encodings = Form.allCases.map { SparseEncoding(tensor, as: $0) }
        self = encodings.dropFirst().reduce(encodings[0]) { $1.bytes.count < $0.bytes.count ? $1 : $0 }
    }

    /// - Precondition: a float32 tensor with an axis.
    package init(_ tensor: Tensor, as form: Form) {
        let elements = tensor.floats
        let places = elements.indices.filter { elements[$0] != 0 }
        var data = Data([UInt8(Form.allCases.firstIndex(of: form) ?? 0)])
        switch form {
        case .dense: data.append(contentsOf: Self.bytes(of: elements))
        case .bitmask:
            var mask = [UInt8](repeating: 0, count: (elements.count + 7) / 8)
            for place in places { mask[place / 8] |= 1 << (place % 8) }
            data.append(contentsOf: mask + Self.bytes(of: places.map { elements[$0] }))
        case .indexed:
            let (rows, columns) = (tensor.shape[0], Self.columns(of: tensor.shape))
            var starts = [Int](repeating: 0, count: rows + 1)
            for place in places { starts[place / columns + 1] += 1 }
            for row in 0..<rows { starts[row + 1] += starts[row] }
            data.append(contentsOf: starts.flatMap { Self.bytes(of: $0, count: 4) })
            let width = Self.indexBytes(columns)
            data.append(contentsOf: places.flatMap { Self.bytes(of: $0 % columns, count: width) })
            data.append(contentsOf: Self.bytes(of: places.map { elements[$0] }))
        }
        self.form = form
        bytes = data
    }

    /// The tensor again; `nil` if the bytes are not those of one of this shape.
    package func tensor(shape: Shape) -> Tensor? {
        guard let tag = bytes.first, Form.allCases.indices.contains(Int(tag)) else { return nil }
        var rest = bytes.dropFirst()
        func take(_ count: Int) -> [UInt8]? {
            guard rest.count >= count else { return nil }
            defer { rest = rest.dropFirst(count) }
            return Array(rest.prefix(count))
        }
        var elements = [Float](repeating: 0, count: shape.count)
        var places = Array(elements.indices)
        switch Form.allCases[Int(tag)] {
        case .dense: break
        case .bitmask:
            guard let mask = take((shape.count + 7) / 8) else { return nil }
            places = places.filter { mask[$0 / 8] >> ($0 % 8) & 1 == 1 }
        case .indexed:
            let (columns, width) = (Self.columns(of: shape), Self.indexBytes(Self.columns(of: shape)))
            guard let starts = take(4 * (shape[0] + 1)).map({ Self.integers($0, width: 4) }),
                starts.first == 0, zip(starts, starts.dropFirst()).allSatisfy({ $0 <= $1 }),
                let indices = take(width * (starts.last ?? 0)).map({ Self.integers($0, width: width) }),
                indices.allSatisfy({ $0 < columns })
            else { return nil }
            places = (0..<shape[0]).flatMap { row in indices[starts[row]..<starts[row + 1]].map { row * columns + $0 } }
        }
        guard let values = take(4 * places.count), rest.isEmpty else { return nil }
        for (place, bits) in zip(places, Self.integers(values, width: 4)) {
            elements[place] = Float(bitPattern: UInt32(bits))
        }
        return Tensor(elements, shape: shape)
    }
}

// MARK: - Bytes

extension SparseEncoding {
    private static func columns(of shape: Shape) -> Int { max(1, shape.count / max(1, shape[0])) }
    private static func indexBytes(_ columns: Int) -> Int { columns <= 1 << 16 ? 2 : 4 }

    private static func bytes(of value: Int, count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }

    private static func bytes(of elements: [Float]) -> [UInt8] {
        elements.flatMap { bytes(of: Int($0.bitPattern), count: 4) }
    }

    private static func integers(_ bytes: [UInt8], width: Int) -> [Int] {
        stride(from: 0, to: bytes.count, by: width).map { start in
            (0..<width).reduce(0) { $0 | Int(bytes[start + $1]) << (8 * $1) }
        }
    }
}
