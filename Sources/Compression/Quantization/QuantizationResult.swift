package import Networks
package import Training

/// What quantization made, and what it did to each layer.
package struct QuantizationResult: Sendable {
    package let network: QuantizedNetwork
    /// The float network that was quantized, after its preparation.
    package let prepared: Network
    package let details: QuantizationDetails
    /// In the order of the prepared network's layers.
    package let layers: [QuantizedLayer]
    /// The epochs of the repair `finetune`.
    package let finetuning: [EpochRecord]
}

/// One row of the table that says where accuracy was lost.
package struct QuantizedLayer: Codable, Hashable, Sendable {
    package let name: String
    package let kind: String
    /// Bytes that the layer stores.
    package let memoryBytes: Int
    /// The range of the output over the calibration data, if the output has a scale of its own; after the ReLU that
    /// the layer clamps for.
    package let minimum: Float?
    package let maximum: Float?
    /// The real size of one integer step of the output, and the integer that stands for zero.
    package let step: Double
    package let zeroPoint: Int
    /// What was mended, in order.
    package let repairs: [QuantizationOptions.Repair]
    /// In dB: float against integer output on the first calibration examples, and float against integer weights;
    /// `nil` where nothing was lost or there is nothing to lose.
    package let signalToNoise: Double?
    package let weightSignalToNoise: Double?
}
