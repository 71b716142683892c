package import Training

/// How a network is pruned.
package struct PruningOptions: Hashable, Sendable {
    /// How much one iteration removes.
    package enum Pace: Hashable, Sendable {
        /// At most this many groups of filters: `MaxToPrune`.
        case filters(Int)
        /// At least this fraction of the learnables that the network had at the start: `LearnablesIncrement`.
        case learnables(Double)
    }

    package var scope = PruningScope()
    package var criterion = PruningCriterion.taylor
    package var normalization = ScoreNormalization.none
    package var pace = Pace.filters(8)
    /// The training of each iteration; its moments start anew each time.
    package var finetune = TrainingOptions()
    /// Where to stop; `nil` to remove as much as possible.
    package var goal: SizeGoal?
    /// What a network must keep on the validation data: an accuracy at the least, or a loss at the most, and so on.
    ///
    /// Which metric it is of is the objective metric of `finetune`. Pruning ends before the threshold is broken.
    package var validationThreshold: Double?
    /// The training after the last iteration.
    package var retrain: TrainingOptions?

    package init() {}
}
