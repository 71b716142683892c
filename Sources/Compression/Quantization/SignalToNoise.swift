internal import Foundation

/// The power of a signal over the power of what was lost of it.
struct SignalToNoise: Sendable {
    private var signal = 0.0
    private var noise = 0.0

    mutating func add(signal value: Float, received: Float) {
        let error = Double(value) - Double(received)
        signal += Double(value) * Double(value)
        noise += error * error
    }

    /// In dB, to two decimals; `nil` if there is no signal or nothing was lost.
    var decibels: Double? {
        signal > 0 && noise > 0 ? (1000 * log10(signal / noise)).rounded() / 100 : nil
    }
}
