/// How a network is brought to 8-bit integers.
package struct QuantizationOptions: Hashable, Sendable {
    /// Steps that change no output but make the integers fit better, in the order in which they are done.
    package enum Preparation: String, Codable, Hashable, Sendable, CaseIterable {
        /// Projected layers become plain ones.
        case unpack
        /// Batch normalization goes into the layer before or after it.
        case fold
        /// Ranges of channels are evened out between layers that follow each other.
        case equalize
    }

    /// What mends what plain rounding costs, in the order in which it is done; each begins with what the one before made.
    package enum Repair: String, Codable, Hashable, Sendable, CaseIterable {
        /// Weights are rounded up or down so that the outputs of their layer change least; see ``AdaptiveRounding``.
        case adaRound
        /// Biases take up the mean error of what their layer puts out; see ``QuantizationRepair``.
        case biasCorrection
        /// The network is trained as the integers that it will be; see ``GridMapping``.
        case finetune
    }

    package var prepare: [Preparation]
    package var calibration: CalibrationOptions
    package var scheme: QuantizationScheme
    /// Patterns for the layers, after preparation, that keep float32 parameters and compute in float32.
    package var keepFloat: [String]
    package var repair: Set<Repair>
    /// Of the repair `adaRound`, for each layer.
    package var adaRoundIterations = 2_000

    package init(
        prepare: [Preparation] = Preparation.allCases, calibration: CalibrationOptions = CalibrationOptions(),
        scheme: QuantizationScheme = QuantizationScheme(), keepFloat: [String] = [], repair: Set<Repair> = []
    ) {
        self.prepare = prepare
        self.calibration = calibration
        self.scheme = scheme
        self.keepFloat = keepFloat
        self.repair = repair
    }
}

/// What one step of an integer is worth, and how many weights share that worth.
package struct QuantizationScheme: Codable, Hashable, Sendable {
    package enum Scaling: String, Codable, Hashable, Sendable, CaseIterable {
        /// `value = scale * (integer - zeroPoint)` with a float32 scale; weights are symmetric, activations are not.
        case affine
        /// `value = integer * 2^exponent`: every change of scale is a rounding shift.
        case powerOfTwo = "power-of-two"
    }

    /// How many weights share a scale.
    package enum Granularity: String, Codable, Hashable, Sendable, CaseIterable {
        /// Those of one filter or unit.
        case channel
        /// Those of one layer.
        case tensor
    }

    package var scaling: Scaling
    package var granularity: Granularity

    package init(scaling: Scaling = .affine, granularity: Granularity = .channel) {
        self.scaling = scaling
        self.granularity = granularity
    }
}
