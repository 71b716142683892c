/// A stream of random numbers that is a pure function of its seed and its name.
///
/// The generator is Philox 4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011): the i-th
/// block of four words is a function of (key, i), so a stream can be entered anywhere and needs no stored state but
/// a position. The key is the seed mixed with an FNV-1a hash of the stream's name; streams of different names are
/// independent.
package struct RandomStream: Sendable, Hashable {
    private let key: (UInt32, UInt32)
    private let name: UInt64
    private var counter: UInt64 = 0
    private var block: (UInt32, UInt32, UInt32, UInt32) = (0, 0, 0, 0)
    private var used = 4

    /// - Parameters:
    ///   - seed: The recipe's seed.
    ///   - name: What the numbers are for, such as `prune/0/shuffle/3/12`.
    package init(seed: UInt64, name: String) {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
        self.name = hash
        key = (UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32))
    }

    package static func == (left: RandomStream, right: RandomStream) -> Bool {
        left.key == right.key && left.name == right.name && left.counter == right.counter && left.used == right.used
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(name)
        hasher.combine(counter)
    }
}

// MARK: - Drawing

extension RandomStream {
    /// Goes on with a block of four words, wherever the stream is.
    package mutating func enter(at block: UInt64) {
        counter = block
        used = 4
    }

    /// 32 uniform bits.
    package mutating func word() -> UInt32 {
        if used == 4 {
            let position = (
                UInt32(truncatingIfNeeded: counter), UInt32(truncatingIfNeeded: counter >> 32),
                UInt32(truncatingIfNeeded: name), UInt32(truncatingIfNeeded: name >> 32)
            )
            block = Self.philox(position, key: key)
            counter += 1
            used = 0
        }
        defer { used += 1 }
        switch used {
        case 0: return block.0
        case 1: return block.1
        case 2: return block.2
        default: return block.3
        }
    }

    /// A number in `0..<bound`, without bias (Lemire 2019).
    package mutating func below(_ bound: Int) -> Int {
        precondition(bound > 0 && bound <= Int(UInt32.max), "a bound must be from 1 to 2^32 - 1")
        let bound = UInt32(bound)
        var product = UInt64(word()) * UInt64(bound)
        if UInt32(truncatingIfNeeded: product) < bound {
            let threshold = (0 &- bound) % bound
            while UInt32(truncatingIfNeeded: product) < threshold { product = UInt64(word()) * UInt64(bound) }
        }
        return Int(product >> 32)
    }

    /// A float in [0, 1) with 24 random bits.
    package mutating func uniform() -> Float { Float(word() >> 8) * 0x1p-24 }

    /// A number of the standard normal distribution (Marsaglia's polar method).
    package mutating func normal() -> Double {
        while true {
            let (u, v) = (2 * Double(word()) * 0x1p-32 - 1, 2 * Double(word()) * 0x1p-32 - 1)
            let square = u * u + v * v
            if square > 0, square < 1 { return u * (-2 * Self.logarithm(square) / square).squareRoot() }
        }
    }

    /// The natural logarithm of a positive number, the same bits everywhere: `2 atanh((m - 1) / (m + 1)) + e ln 2` for a
    /// number `m 2^e` with m about one.
    private static func logarithm(_ x: Double) -> Double {
        var (m, e) = (x.significand, Double(x.exponent))
        if m > 1.5 { (m, e) = (m / 2, e + 1) }
        let z = (m - 1) / (m + 1)
        var (power, sum) = (z, 0.0)
        for divisor in stride(from: 1.0, through: 25, by: 2) {
            sum += power / divisor
            power *= z * z
        }
        return 2 * sum + e * 0.693147180559945309
    }

    /// A permutation of `0..<count` (Fisher-Yates).
    package mutating func permutation(of count: Int) -> [Int] {
        var order = Array(0..<count)
        for last in stride(from: count - 1, to: 0, by: -1) { order.swapAt(last, below(last + 1)) }
        return order
    }
}

// MARK: - Philox

extension RandomStream {
    /// Ten rounds of Philox 4x32.
    package static func philox(
        _ counter: (UInt32, UInt32, UInt32, UInt32), key: (UInt32, UInt32)
    ) -> (UInt32, UInt32, UInt32, UInt32) {
        var (x0, x1, x2, x3) = counter
        var (k0, k1) = key
        for _ in 0..<10 {
            let p0 = UInt64(0xD251_1F53) * UInt64(x0)
            let p1 = UInt64(0xCD9E_8D57) * UInt64(x2)
            (x0, x1, x2, x3) = (
                UInt32(truncatingIfNeeded: p1 >> 32) ^ x1 ^ k0, UInt32(truncatingIfNeeded: p1),
                UInt32(truncatingIfNeeded: p0 >> 32) ^ x3 ^ k1, UInt32(truncatingIfNeeded: p0)
            )
            k0 = k0 &+ 0x9E37_79B9
            k1 = k1 &+ 0xBB67_AE85
        }
        return (x0, x1, x2, x3)
    }
}
