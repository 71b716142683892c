import Networks
import Testing

/// What is read from files, and how wrong attributes are told.
@Suite struct AttributeTests {
    @Test(
        arguments: [
            (
                "convolution3d", [:],
                "unknown layer kind 'convolution3d'; known: sequenceInput, imageInput, convolution1d, convolution2d, dense, "
                    + "batchNormalization, relu, dropout, softmax, maxPooling1d, averagePooling1d, globalAveragePooling, "
                    + "globalMaxPooling, add, concatenate, flatten"
            ),
            ("dense", [:], "attribute 'outputs' is missing"),
            ("dense", ["outputs": 0], "attribute 'outputs' is 0; expected an integer, 1 or more"),
            ("dense", ["outputs": "ten"], "attribute 'outputs' is 'ten'; expected an integer, 1 or more"),
            ("dense", ["outputs": 10, "units": 3], "unknown attribute 'units'; known: bias, outputs"),
            ("dense", ["outputs": 10, "bias": 1], "attribute 'bias' is 1; expected true or false"),
            ("relu", ["slope": 1], "unknown attribute 'slope'; it takes none"),
            (
                "dropout", ["probability": .number(1)],
                "attribute 'probability' is 1.0; expected a number from 0.0 to 0.99"
            ),
            (
                "convolution1d", ["filters": 2, "filterSize": 3, "padding": "valid"],
                "attribute 'padding' is 'valid'; expected 'same', 'causal', a number, or 2 numbers"
            ),
            (
                "convolution2d", ["filters": 2, "filterSize": .integers([3])],
                "attribute 'filterSize' is [3]; expected 2 integers, each 1 or more"
            ),
            (
                "sequenceInput", ["channels": 1, "steps": 5, "normalization": "rescale"],
                "attribute 'normalization' is 'rescale'; expected one of 'none', 'zerocenter', 'zscore'"
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
