import Kernels
import Testing

@Suite struct FloatBufferTests {
    @Test func `a buffer is zero at first, aligned, and counted`() {
        let allocations = FloatBuffer.allocations
        let buffer = FloatBuffer(count: 1_000)
        #expect(buffer.array == [Float](repeating: 0, count: 1_000))
        #expect(Int(bitPattern: buffer.pointer) % 64 == 0)
        #expect(FloatBuffer.allocations > allocations)
        #expect(FloatBuffer.liveBytes >= 4_000)
    }

    @Test func `elements are read and written in place`() {
        let buffer = FloatBuffer([1, 2, 3, 4])
        let same = buffer
        buffer[2] = 9
        #expect(same.array == [1, 2, 9, 4] && same[2] == 9)
        buffer.copy(from: [7, 8], at: 1)
        #expect(buffer.array(in: 1..<4) == [7, 8, 4])
        buffer.copy(from: [])
        buffer.copy(from: [], at: 4)
        let other = FloatBuffer(count: 4)
        other.copy(from: buffer)
        buffer.fill(-1)
        #expect(other.array == [1, 7, 8, 4] && buffer.array == [-1, -1, -1, -1])
        #expect(FloatBuffer(count: 0).array == [])
    }

    @Test func `elements outside are a fault`() async {
        await #expect(processExitsWith: .failure) { _ = FloatBuffer(count: 3)[3] }
        await #expect(processExitsWith: .failure) { FloatBuffer(count: 3)[-1] = 0 }
        await #expect(processExitsWith: .failure) { FloatBuffer(count: 3).copy(from: [1, 2], at: 2) }
    }
}
