internal import Networks

/// From 32-bit accumulators to the int8 of an output: rescale, add the zero point, clamp.
struct IntegerOutputStage: Sendable {
    private let rescalings: [Rescaling]
    private let zeroPoint: Int32
    private let minimum: Int32

    /// - Parameter rescalings: One for each channel, or one for all.
    init(_ rescalings: [Rescaling], of place: IntegerPlace) {
        self.rescalings = rescalings
        zeroPoint = Int32(place.output.zeroPoint)
        minimum = place.clampsAtZero ? zeroPoint : -128
    }

    func callAsFunction(_ accumulator: Int32, channel: Int = 0) -> Int8 {
        let rescaled = rescalings[rescalings.count == 1 ? 0 : channel](accumulator)
        let clamped = max(Int64(minimum), min(127, Int64(rescaled) + Int64(zeroPoint)))
        return Int8(truncatingIfNeeded: clamped)
    }
}

extension IntegerPlace {
    /// The output stage of a layer with weights.
    var weightedOutput: IntegerOutputStage {
        IntegerOutputStage(
            scales("weights").map { Rescaling(inputs[0].scale, $0, to: output.scale) }, of: self)
    }
}
