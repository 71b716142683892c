package import Networks

/// The recurrent layers, whose states need a scale of their own from step to step.

extension LSTM: FloatOnlyLayer {
    package static let reasonForFloat = "an LSTM has no int8 form yet"
}

extension BiLSTM: FloatOnlyLayer {
    package static let reasonForFloat = "an LSTM has no int8 form yet"
}

extension GRU: FloatOnlyLayer {
    package static let reasonForFloat = "a GRU has no int8 form yet"
}

extension BiGRU: FloatOnlyLayer {
    package static let reasonForFloat = "a GRU has no int8 form yet"
}
