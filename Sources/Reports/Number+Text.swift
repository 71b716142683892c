// How numbers are written for people: the same in every locale.

extension Int {
    /// With commas between thousands: `273,258`.
    var grouped: String {
        let digits = String(magnitude)
        var text = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index).isMultiple(of: 3) { text += "," }
            text.append(digit)
        }
        return self < 0 ? "-" + text : text
    }

    /// A number of bytes: `474 B`, `6.2 KiB`, `1.5 MiB`, `2.0 GiB`.
    var byteCount: String {
        if magnitude < 1 << 10 { return "\(self) B" }
        if magnitude < 1 << 20 { return (Double(self) / 1024).fixed(1) + " KiB" }
        if magnitude < 1 << 30 { return (Double(self) / 1_048_576).fixed(1) + " MiB" }
        return (Double(self) / 1_073_741_824).fixed(1) + " GiB"
    }

    /// With a noun: `1 stage`, `5 stages`.
    func of(_ noun: String) -> String { "\(grouped) \(noun)\(self == 1 ? "" : "s")" }
}

extension Double {
    /// With a fixed number of digits after the point, halves rounded away from zero.
    func fixed(_ digits: Int) -> String {
        guard isFinite, abs(self) < 1e15 else { return description }
        let unit = (0..<digits).reduce(1) { power, _ in power * 10 }
        let scaled = Int((abs(self) * Double(unit)).rounded())
        let fraction = String(scaled % unit)
        let sign = self < 0 && scaled > 0 ? "-" : ""
        guard digits > 0 else { return sign + String(scaled) }
        return sign + "\(scaled / unit)." + String(repeating: "0", count: digits - fraction.count) + fraction
    }

    /// A share as a percentage: `93.4 %`.
    var percentage: String { (self * 100).fixed(1) + " %" }

    /// With about four digits that count: `0.1734`, `12.35`, `0.5`, `1500`.
    var brief: String {
        let text =
            switch abs(self) {
            case 0..<0.001 where self != 0: description
            case ..<1: fixed(4)
            case ..<10: fixed(3)
            case ..<100: fixed(2)
            default: fixed(1)
            }
        guard text.contains("."), !text.contains("e") else { return text }
        let digits = text.reversed().drop { $0 == "0" }
        return String((digits.first == "." ? digits.dropFirst() : digits).reversed())
    }

    /// A number of seconds as time that has passed: `0.42 s`, `12.3 s`, `2 min 5 s`, `1 h 12 min`, `3 d 4 h`.
    var duration: String {
        let whole = Int(rounded())
        if self < 1 { return fixed(2) + " s" }
        if self < 59.95 { return fixed(1) + " s" }
        if whole < 3600 { return "\(whole / 60) min \(whole % 60) s" }
        if whole < 86_400 { return "\(whole / 3600) h \(whole % 3600 / 60) min" }
        return "\(whole / 86_400) d \(whole % 86_400 / 3600) h"
    }

    /// A number of seconds as on a clock that runs: `0:07`, `12:30`, `1:02:03`.
    var clock: String {
        let whole = Int(rounded())
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let (minutes, seconds) = (whole / 60, two(whole % 60))
        return minutes < 60 ? "\(minutes):\(seconds)" : "\(minutes / 60):\(two(minutes % 60)):\(seconds)"
    }
}
