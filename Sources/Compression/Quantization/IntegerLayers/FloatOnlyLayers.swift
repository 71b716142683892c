package import Networks

/// A layer kind without an integer form.
package protocol FloatOnlyLayer: Layer {
    /// Why, and what to do about it: `has no integer form: ...` goes before it.
    static var reasonForFloat: String { get }
}

extension FloatOnlyLayer {
    package static var reasonForFloat: String { "int8 for this kind is not there yet" }
}

extension BatchNormalization: FloatOnlyLayer {
    package static let reasonForFloat = "fold it into the layer before or after it (prepare: [fold])"
}
