import Interchange
import Networks
import Testing

@Suite struct ArchitectureDescriptionTests {
    private typealias Layer = ArchitectureDescription.LayerDescription

    @Test func `a layer without inputs reads the layer before it`() throws {
        let network = try ArchitectureDescription(layers: [
            Layer(name: "input", kind: "sequenceInput", attributes: ["channels": 1, "steps": 8]),
            Layer(name: "conv", kind: "convolution1d", attributes: ["filters": 2, "filterSize": 3]),
            Layer(name: "relu", kind: "relu"),
            Layer(name: "skip", kind: "relu", inputs: ["conv"]),
            Layer(name: "add", kind: "add", inputs: ["relu", "skip"]),
        ]).network()
        #expect(network.nodes.map(\.inputs) == [[], ["input"], ["conv"], ["conv"], ["relu", "skip"]])
    }

    @Test func `a description and its network say the same`() throws {
        let network = try ArchitectureDescription(layers: [
            Layer(name: "input", kind: "sequenceInput", attributes: ["channels": 1, "steps": 8]),
            Layer(name: "fc", kind: "flatten", projectedFrom: "other"),
        ]).network()
        #expect(try ArchitectureDescription(network).network() == network)
        #expect(ArchitectureDescription(network).layers[1].projectedFrom == "other")
    }

    @Test func `a wrong attribute names its layer`() {
        let description = ArchitectureDescription(layers: [
            Layer(name: "input", kind: "sequenceInput", attributes: ["channels": 1])
        ])
        #expect(throws: NetworkError(.invalidAttribute, layer: "input", "attribute 'steps' is missing")) {
            try description.network()
        }
    }
}
