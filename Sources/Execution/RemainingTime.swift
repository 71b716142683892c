/// Estimates how long a stage will still take from how far it is.
struct RemainingTime {
    private var origin: (time: Double, fraction: Double)?

    /// Starts the clock; a stage that goes on from a checkpoint is measured from its first report.
    init(startedAt time: Double, resumed: Bool) {
        origin = resumed ? nil : (time, 0)
    }

    /// The seconds that remain at the pace so far, or `nil` while there is none.
    ///
    /// `(t - t0) (1 - f) / (f - f0)`, with `t0`, `f0` where the measurement began.
    mutating func estimate(at time: Double, fraction: Double) -> Double? {
        guard let origin else {
            self.origin = (time, fraction)
            return nil
        }
        guard fraction > origin.fraction else { return nil }
        return max(0, (time - origin.time) * (1 - fraction) / (fraction - origin.fraction))
    }
}
