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
            weightScales.map { Rescaling(inputs[0].scale, $0, to: output.scale) }, of: self)
    }

    /// The largest magnitude of an input's integer less its zero point.
    func reach(ofInput index: Int) -> Int {
        let zeroPoint = Int(inputs[index].zeroPoint)
        return max(127 - zeroPoint, zeroPoint + 128)
    }

    /// Makes sure that no accumulator of a layer with weights can leave 32 bits, whatever its input.
    ///
    /// - Parameter filters: How many blocks of equal size the weights fall into.
    func checkAccumulators(filters: Int) throws(CompressionError) {
        let size = weights.count / max(1, filters)
        for filter in 0..<filters {
            let sum = weights[filter * size..<(filter + 1) * size].reduce(0) { $0 + abs(Int($1)) }
            let offset = bias.isEmpty ? 0 : abs(Int(bias[filter]))
            try checkAccumulator(sum * reach(ofInput: 0) + offset)
        }
    }

    /// - Parameter remedy: What to do about it.
    func checkAccumulator(_ bound: Int, remedy: String = "give it fewer inputs") throws(CompressionError) {
        guard bound > Int(Int32.max) else { return }
        throw CompressionError(
            .accumulatorOverflow, layer: node.name,
            "its sums can reach \(bound), beyond the \(Int32.max) of a 32-bit accumulator; \(remedy)")
    }
}
