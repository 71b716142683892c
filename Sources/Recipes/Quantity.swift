/// A number with the unit it was written with: `0.5 KiB`, `75 %`, `1 points`, `0.92`.
package struct Quantity: Hashable, Sendable, CustomStringConvertible {
    /// The number as it was written.
    package let digits: String

    package let unit: Unit?

    package enum Unit: String, CaseIterable, Sendable {
        case bytes = "B"
        case kilobytes = "KB"
        case kibibytes = "KiB"
        case megabytes = "MB"
        case mebibytes = "MiB"
        case gigabytes = "GB"
        case gibibytes = "GiB"
        case percent = "%"
        case points

        /// How many bytes a unit of memory has; `nil` for the others.
        package var bytes: Int? {
            switch self {
            case .bytes: 1
            case .kilobytes: 1000
            case .kibibytes: 1024
            case .megabytes: 1_000_000
            case .mebibytes: 1_048_576
            case .gigabytes: 1_000_000_000
            case .gibibytes: 1_073_741_824
            case .percent, .points: nil
            }
        }
    }

    /// Reads a number, blanks if any, and a unit if any; `nil` for anything else.
    package init?(_ text: some StringProtocol) {
        let text = Substring(text).trimmed
        let unit = Unit.allCases.filter { text.hasSuffix($0.rawValue) }.max { $0.rawValue.count < $1.rawValue.count }
        let number = text.dropLast(unit?.rawValue.count ?? 0).trimmed
        guard ExactDecimal(text: number) != nil else { return nil }
        digits = String(number)
        self.unit = unit
    }

    package var description: String { unit.map { "\(digits) \($0.rawValue)" } ?? digits }
}

// MARK: - What it stands for

extension Quantity {
    /// The number, exactly; percent and points are divided by a hundred by moving the decimal point.
    package var value: ExactDecimal {
        let number = ExactDecimal(text: digits) ?? ExactDecimal(0)
        switch unit {
        case .percent, .points: return number.shifted(by: -2)
        default: return number * ExactDecimal(unit?.bytes ?? 1)
        }
    }

    /// Whole bytes, rounded down, of a size with a unit of memory; `nil` for others and for negative sizes.
    package var memory: Int? {
        guard unit?.bytes != nil, value >= ExactDecimal(0) else { return nil }
        return value.floor
    }
}

extension Substring {
    var trimmed: Substring {
        var text = self
        while text.first == " " { text.removeFirst() }
        while text.last == " " { text.removeLast() }
        return text
    }
}
