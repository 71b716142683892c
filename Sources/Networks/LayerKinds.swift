/// Every layer kind there is.
///
/// A new kind is its own file and one line here.
package enum LayerKinds {
    package static let all: [any Layer.Type] = [
        SequenceInput.self, ImageInput.self,
        Convolution1D.self, Convolution2D.self, TransposedConvolution1D.self, TransposedConvolution2D.self, Dense.self,
        LSTM.self, BiLSTM.self, GRU.self, BiGRU.self,
        BatchNormalization.self, LayerNormalization.self, GroupNormalization.self,
        ReLU.self, LeakyReLU.self, ClippedReLU.self, PReLU.self, ELU.self, GELU.self, Swish.self,
        Tanh.self, Sigmoid.self, HardSigmoid.self, HardSwish.self, HardTanh.self, Softmax.self, Dropout.self,
        MaxPooling1D.self, MaxPooling2D.self, AveragePooling1D.self, AveragePooling2D.self,
        GlobalAveragePooling.self, GlobalMaxPooling.self,
        Add.self, Subtract.self, Multiply.self, Concatenate.self, Slice.self, Pad.self, Reshape.self, Flatten.self,
    ]

    /// Reads a layer as it stands in a file.
    ///
    /// - Throws: ``NetworkError`` if the kind is unknown, or an attribute is missing, unknown or out of range.
    package static func layer(
        kind: String, attributes: [String: Attribute]
    ) throws(NetworkError) -> any Layer {
        guard let type = all.first(where: { $0.kind == kind }) else {
            let known = all.map { $0.kind }.joined(separator: ", ")
            throw NetworkError(.unknownLayerKind, "unknown layer kind '\(kind)'; known: \(known)")
        }
        var reader = AttributeReader(attributes)
        let layer: any Layer
        do {
            layer = try type.init(reading: &reader)
        } catch {
            throw reader.fault(after: error)
        }
        try reader.finish()
        return layer
    }
}
