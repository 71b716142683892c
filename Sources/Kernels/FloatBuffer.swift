internal import CKernels

/// Float memory of fixed size, zero at first and aligned to 64 bytes, with reference semantics.
///
/// What networks compute in: values, gradients, learnables in use. It has no lock: the owner sees to it that no two
/// threads use the same elements at once, as the chunks of a batch do by touching elements of their own.
package final class FloatBuffer: @unchecked Sendable {
    package let count: Int
    /// The first element; valid as long as the buffer lives.
    package let pointer: UnsafeMutablePointer<Float>
    /// The buffer that the memory belongs to; `nil` for memory of its own.
    private let whole: FloatBuffer?

    /// - Parameter count: The number of floats, zero or more.
    package init(count: Int) {
        precondition(count >= 0, "a buffer of \(count) floats")
        guard let memory = pare_allocate(Int64(count)) else { fatalError("no memory for \(count) floats") }
        self.count = count
        pointer = memory
        whole = nil
    }

    package convenience init(_ elements: [Float]) {
        self.init(count: elements.count)
        copy(from: elements)
    }

    /// A part of another buffer, which lives at least as long.
    package init(part range: Range<Int>, of whole: FloatBuffer) {
        precondition(range.lowerBound >= 0 && range.upperBound <= whole.count, "\(range) of a buffer of \(whole.count)")
        count = range.count
        pointer = whole.pointer + range.lowerBound
        self.whole = whole
    }

    deinit { if whole == nil { pare_free(pointer, Int64(count)) } }
}

// MARK: - Elements

extension FloatBuffer {
    package subscript(index: Int) -> Float {
        get {
            precondition(index >= 0 && index < count, "element \(index) of a buffer of \(count)")
            return pointer[index]
        }
        set {
            precondition(index >= 0 && index < count, "element \(index) of a buffer of \(count)")
            pointer[index] = newValue
        }
    }

    /// A copy of all elements.
    package var array: [Float] { array(in: 0..<count) }

    /// A copy of the elements in a range.
    package func array(in range: Range<Int>) -> [Float] {
        precondition(range.lowerBound >= 0 && range.upperBound <= count, "\(range) of a buffer of \(count)")
        return Array(UnsafeBufferPointer(start: pointer + range.lowerBound, count: range.count))
    }

    /// Overwrites the elements from `start` on.
    package func copy(from elements: [Float], at start: Int = 0) {
        precondition(start >= 0 && start + elements.count <= count, "\(elements.count) at \(start) of \(count)")
        elements.withUnsafeBufferPointer { source in
            if let first = source.baseAddress { (pointer + start).update(from: first, count: source.count) }
        }
    }

    /// Overwrites all elements with those of a buffer of the same size.
    package func copy(from other: FloatBuffer) {
        precondition(other.count == count, "\(other.count) floats into \(count)")
        pointer.update(from: other.pointer, count: count)
    }

    package func fill(_ value: Float) { pointer.update(repeating: value, count: count) }
}

// MARK: - Accounting

extension FloatBuffer {
    /// Bytes of all buffers that live now.
    package static var liveBytes: Int { Int(pare_live_bytes()) }
    /// How many buffers were made since the program began.
    package static var allocations: Int { Int(pare_allocations()) }
}
