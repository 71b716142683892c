package import Networks

/// The layer kinds without an integer form.

extension BatchNormalization: FloatOnlyLayer {
    package static let reasonForFloat = "fold it into the layer before or after it (prepare: [fold])"
}
