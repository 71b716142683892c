package import Networks

/// The convolutions without an integer form.

extension Convolution2D: FloatOnlyLayer {
    package static let reasonForFloat = "convolution over images has no int8 form yet"
}

extension TransposedConvolution1D: FloatOnlyLayer {
    package static let reasonForFloat = "transposed convolution has no int8 form yet"
}

extension TransposedConvolution2D: FloatOnlyLayer {
    package static let reasonForFloat = "transposed convolution has no int8 form yet"
}
