/// Numbers of one type in row-major order, with a shape.
///
/// Learnables, states and constants of a network are tensors. Storage is concrete, never generic: a generic element
/// that is not specialized across modules is some twenty times slower.
package struct Tensor: Hashable, Sendable {
    package enum Storage: Hashable, Sendable {
        case float32([Float])
        case float64([Double])
        case int8([Int8])
        case int32([Int32])
        case bfloat16([BFloat16])
    }

    package let shape: Shape
    package let storage: Storage

    package init(shape: Shape, storage: Storage) {
        precondition(storage.count == shape.count, "\(storage.count) elements do not fill the shape \(shape)")
        self.shape = shape
        self.storage = storage
    }

    package init(_ elements: [Float], shape: Shape) { self.init(shape: shape, storage: .float32(elements)) }
    package init(doubles elements: [Double], shape: Shape) { self.init(shape: shape, storage: .float64(elements)) }
    package init(_ elements: [Float]) { self.init(elements, shape: [elements.count]) }
    package init(repeating value: Float, shape: Shape) {
        self.init([Float](repeating: value, count: shape.count), shape: shape)
    }
}

// MARK: - Elements

extension Tensor {
    /// The elements of a float32 tensor.
    package var floats: [Float] {
        guard case .float32(let elements) = storage else { preconditionFailure("not a float32 tensor") }
        return elements
    }

    /// The elements of a float64 tensor.
    package var doubles: [Double] {
        guard case .float64(let elements) = storage else { preconditionFailure("not a float64 tensor") }
        return elements
    }

    /// The elements of an int8 tensor.
    package var int8s: [Int8] {
        guard case .int8(let elements) = storage else { preconditionFailure("not an int8 tensor") }
        return elements
    }

    /// The elements of an int32 tensor.
    package var int32s: [Int32] {
        guard case .int32(let elements) = storage else { preconditionFailure("not an int32 tensor") }
        return elements
    }

    /// The elements of a bfloat16 tensor.
    package var bfloat16s: [BFloat16] {
        guard case .bfloat16(let elements) = storage else { preconditionFailure("not a bfloat16 tensor") }
        return elements
    }

    package var elementType: ElementType { storage.elementType }

    /// Bytes of the elements as stored.
    package var byteCount: Int { shape.count * elementType.byteCount }
}

extension Tensor.Storage {
    package var count: Int {
        switch self {
        case .float32(let elements): elements.count
        case .float64(let elements): elements.count
        case .int8(let elements): elements.count
        case .int32(let elements): elements.count
        case .bfloat16(let elements): elements.count
        }
    }

    package var elementType: ElementType {
        switch self {
        case .float32: .float32
        case .float64: .float64
        case .int8: .int8
        case .int32: .int32
        case .bfloat16: .bfloat16
        }
    }
}

/// The type of a tensor's elements, with the names that the safetensors format gives them.
package enum ElementType: String, Hashable, Sendable, CaseIterable {
    case float32 = "F32"
    case float64 = "F64"
    case int8 = "I8"
    case int32 = "I32"
    case bfloat16 = "BF16"

    package var byteCount: Int {
        switch self {
        case .int8: 1
        case .bfloat16: 2
        case .float32, .int32: 4
        case .float64: 8
        }
    }
}
