import Networks
import Testing

/// What is read from files, and how wrong attributes are told.
@Suite struct AttributeTests {
    @Test(
        arguments: [
            (
                "convolution3d", [:],
                "unknown layer kind 'convolution3d'; known: "
                    + LayerKinds.all.map { $0.kind }.joined(separator: ", ")
            ),
            ("dense", [:], "attribute 'outputs' is missing"),
            (
                "dense", ["output": 3],
                "unknown attribute 'output'; did you mean 'outputs', which is missing? "
                    + "known: bias, biasInitializer, outputs, weightsInitializer"
            ),
            (
                "dense", ["outputs": .integer(1 << 21)],
                "attribute 'outputs' is 2097152; expected an integer, from 1 to 1048576"
            ),
            (
                "convolution2d", ["filters": 2, "filterSize": .integers([3, 1 << 21])],
                "attribute 'filterSize' is [3, 2097152]; expected 2 integers, each from 1 to 1048576"
            ),
            ("dense", ["outputs": 0], "attribute 'outputs' is 0; expected an integer, 1 or more"),
            ("dense", ["outputs": "ten"], "attribute 'outputs' is 'ten'; expected an integer, 1 or more"),
            (
                "dense", ["outputs": 10, "units": 3],
                "unknown attribute 'units'; known: bias, biasInitializer, outputs, weightsInitializer"
            ),
            ("dense", ["outputs": 10, "bias": 1], "attribute 'bias' is 1; expected true or false"),
            ("relu", ["slope": 1], "unknown attribute 'slope'; it takes none"),
            (
                "dropout", ["probability": .number(1)],
                "attribute 'probability' is 1.0; expected a number from 0.0 to 0.99"
            ),
            (
                "convolution1d", ["filters": 2, "filterSize": 3, "padding": "valid"],
                "attribute 'padding' is 'valid'; expected 'same', 'causal', a number, or 2 numbers, "
                    + "each from 0 to 1048576"
            ),
            (
                "convolution1d", ["filters": 2, "filterSize": 3, "padding": .integers([.max, 1])],
                "attribute 'padding' is [9223372036854775807, 1]; expected 'same', 'causal', a number, or 2 numbers, "
                    + "each from 0 to 1048576"
            ),
            (
                "maxPooling2d", ["size": 2, "padding": 1_048_577],
                "attribute 'padding' is 1048577; expected 'same', a number, or 4 numbers, each from 0 to 1048576"
            ),
            (
                "transposedConvolution1d", ["filters": 2, "filterSize": 3, "cropping": 1_048_577],
                "attribute 'cropping' is 1048577; expected 'same', a number, or 2 numbers, "
                    + "each from 0 to 1048576"
            ),
            (
                "pad", ["amounts": .integers([1, 1_048_577])],
                "attribute 'amounts' is [1, 1048577]; expected 2 integers for a sequence or 4 for an image, "
                    + "each from 0 to 1048576"
            ),
            (
                "convolution2d", ["filters": 2, "filterSize": .integers([3])],
                "attribute 'filterSize' is [3]; expected 2 integers, each 1 or more"
            ),
            (
                "transposedConvolution1d", ["filters": 2, "filterSize": 3, "cropping": "causal"],
                "attribute 'cropping' is 'causal'; expected 'same', a number, or 2 numbers, each from 0 to 1048576"
            ),
            (
                "transposedConvolution2d", ["filters": 2, "filterSize": 3, "cropping": .integers([1, 1])],
                "attribute 'cropping' is [1, 1]; expected 'same', a number, or 4 numbers, each from 0 to 1048576"
            ),
            (
                "sequenceInput", ["channels": 1, "steps": 5, "normalization": "rescale"],
                "attribute 'normalization' is 'rescale'; expected one of 'none', 'zerocenter', 'zscore', "
                    + "'rescale-zero-one', 'rescale-symmetric'"
            ),
            (
                "leakyRelu", ["slope": 2], "attribute 'slope' is 2; expected a number from 0.0 to 1.0"
            ),
            (
                "gelu", ["approximation": "erf"],
                "attribute 'approximation' is 'erf'; expected one of 'none', 'tanh'"
            ),
            (
                "pad", ["amounts": .integers([1, 2, 3])],
                "attribute 'amounts' is [1, 2, 3]; expected 2 integers for a sequence or 4 for an image, "
                    + "each from 0 to 1048576"
            ),
            (
                "pad", ["amounts": .integers([1, -1])],
                "attribute 'amounts' is [1, -1]; expected 2 integers for a sequence or 4 for an image, "
                    + "each from 0 to 1048576"
            ),
            ("reshape", [:], "attribute 'positions' is missing"),
            (
                "reshape", ["positions": .integers([2, 2, 2])],
                "attribute 'positions' is [2, 2, 2]; expected [steps] or [height, width], each 1 or more"
            ),
            (
                "concatenate", ["axis": "time"],
                "attribute 'axis' is 'time'; expected one of 'channels', 'steps', 'height', 'width'"
            ),
            (
                "dense", ["outputs": 2, "weightsInitializer": "xavier"],
                "attribute 'weightsInitializer' is 'xavier'; expected one of 'glorot', 'he', 'narrow-normal', "
                    + "'orthogonal', 'zeros', 'ones'"
            ),
            (
                "dense", ["outputs": 2, "biasInitializer": "he"],
                "attribute 'biasInitializer' is 'he'; expected one of 'zeros', 'ones', 'narrow-normal'"
            ),
        ] as [(String, [String: Attribute], String)])
    func `a wrong attribute is told whole`(kind: String, attributes: [String: Attribute], message: String) {
        do {
            _ = try LayerKinds.layer(kind: kind, attributes: attributes)
            Issue.record("nothing was thrown")
        } catch { #expect(error.description == message) }
    }

    @Test func `defaults are filled in`() throws {
        let layer = try LayerKinds.layer(kind: "convolution1d", attributes: ["filters": 4, "filterSize": 3])
        #expect(layer == Convolution1D(filters: 4, filterSize: 3))
        let pool = try LayerKinds.layer(kind: "maxPooling1d", attributes: ["size": 4])
        #expect(pool == MaxPooling1D(size: 4, stride: 4))
    }

    @Test func `kinds have names of their own`() {
        #expect(Set(LayerKinds.all.map { $0.kind }).count == LayerKinds.all.count)
    }
}
