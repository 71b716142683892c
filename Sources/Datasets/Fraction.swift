/// A part of a whole in exact numbers: 20 % is 20 of 100.
package struct Fraction: Hashable, Sendable, CustomStringConvertible {
    package let numerator: Int
    package let denominator: Int

    /// - Precondition: `0 <= numerator <= denominator <= 10^9`, and `denominator > 0`.
    package init(_ numerator: Int, of denominator: Int) {
        precondition(
            0 <= numerator && numerator <= denominator && (1...1_000_000_000).contains(denominator),
            "\(numerator) of \(denominator) is no part of a whole")
        self.numerator = numerator
        self.denominator = denominator
    }

    /// In lowest terms: `1/5`.
    package var description: String {
        var (divisor, rest) = (denominator, numerator)
        while rest > 0 { (divisor, rest) = (rest, divisor % rest) }
        return "\(numerator / divisor)/\(denominator / divisor)"
    }

    /// This part of a count, rounded to the nearest integer, halves up.
    package func rounded(of count: Int) -> Int { (2 * count * numerator + denominator) / (2 * denominator) }
}
