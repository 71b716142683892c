package import Networks

/// Layers of images, activations and changes of shape without an integer form.

extension LayerNormalization: FloatOnlyLayer {}
extension GroupNormalization: FloatOnlyLayer {}
extension LeakyReLU: FloatOnlyLayer {}
extension ClippedReLU: FloatOnlyLayer {}
extension PReLU: FloatOnlyLayer {}
extension ELU: FloatOnlyLayer {}
extension GELU: FloatOnlyLayer {}
extension Swish: FloatOnlyLayer {}
extension Tanh: FloatOnlyLayer {}
extension Sigmoid: FloatOnlyLayer {}
extension HardSigmoid: FloatOnlyLayer {}
extension HardSwish: FloatOnlyLayer {}
extension HardTanh: FloatOnlyLayer {}
extension MaxPooling2D: FloatOnlyLayer {}
extension AveragePooling2D: FloatOnlyLayer {}
extension Subtract: FloatOnlyLayer {}
extension Multiply: FloatOnlyLayer {}
extension Slice: FloatOnlyLayer {}
extension Pad: FloatOnlyLayer {}
extension Reshape: FloatOnlyLayer {}
extension ImageInput: FloatOnlyLayer {}
