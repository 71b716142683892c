import Compression
import Testing

@Suite struct LayerPatternTests {
    @Test(arguments: [
        ("conv1d_*", "conv1d_1", true), ("conv1d_*", "conv1d_", true), ("conv1d_*", "conv2d_1", false),
        ("fc_?", "fc_1", true), ("fc_?", "fc_", false), ("fc_?", "fc_12", false),
        ("*", "", true), ("*", "anything", true), ("", "", true), ("", "a", false),
        ("*_add", "unit_add_add", true), ("a*b*c", "aXbYbZc", true), ("a*b*c", "aXbYbZ", false),
        ("fc_1", "fc_1", true), ("fc_1", "fc_10", false), ("FC_1", "fc_1", false), ("[a]", "a", false),
        ("**a", "a", true), ("a**", "a", true),
    ])
    func `a star stands for any characters and a question mark for one`(pattern: String, name: String, matches: Bool) {
        #expect(LayerPattern(pattern).matches(name) == matches)
    }

    @Test func `selected names keep the order of the network, each once`() throws {
        let names = try LayerPattern.select(
            ["fc_*", "*_1"], from: ["conv_1", "conv_2", "fc_1"], that: "can be pruned")
        #expect(names == ["conv_1", "fc_1"])
        #expect(try LayerPattern.select(nil, from: ["a", "b"], that: "can be pruned") == ["a", "b"])
    }

    @Test(arguments: [
        (
            "convld_1", ["conv1d_1", "conv1d_2"],
            "'convld_1' matches no layer that can be pruned; there are: conv1d_1, conv1d_2"
        ),
        ("relu", ["conv1d_1"], "'relu' matches no layer that can be pruned; there are: conv1d_1"),
        ("*", [], "'*' matches no layer that can be pruned; the network has none"),
    ])
    func `a pattern that matches nothing is an error`(pattern: String, names: [String], message: String) {
        #expect(throws: CompressionError(.unmatchedPattern, message)) {
            try LayerPattern.select([pattern], from: names, that: "can be pruned")
        }
    }
}
