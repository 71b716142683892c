import Datasets
import Networks
import Tensors
import Testing
import Training

@Suite struct NormalizationTests {
    private let data = Dataset(
        name: "two", channels: ["x", "y"], steps: 2, classes: ["a"], labels: [0, 0],
        examples: [1, 3, 7, 7, 5, 7, 7, 7])

    private func network(_ normalization: InputNormalization) throws -> Network {
        try Network(nodes: [
            Network.Node("input", SequenceInput(channels: 2, steps: 2, normalization: normalization), inputs: [])
        ])
    }

    @Test func `missing constants are those of the training data`() throws {
        let network = try network(.zscore).normalizing(data)
        #expect(network.parameters["input.mean"]?.floats == [4, 7])
        // Of 1, 3, 5, 7: the square root of 5. A channel that never changes is left as it is.
        #expect(network.parameters["input.deviation"]?.floats == [Float(5.0.squareRoot()), 1])
        let centred = try self.network(.zerocenter).normalizing(data)
        #expect(centred.parameters == ["input.mean": Tensor([4, 7])])
        #expect(try self.network(.none).normalizing(data).parameters.isEmpty)
        for normalization in [InputNormalization.rescaleZeroOne, .rescaleSymmetric] {
            let rescaled = try self.network(normalization).normalizing(data)
            #expect(
                rescaled.parameters == ["input.minimum": Tensor([1, 7]), "input.maximum": Tensor([7, 7])])
        }
    }

    @Test func `images have one constant a channel, and steps past the end of a sequence do not count`() throws {
        let images = Dataset(
            name: "images", channels: ["red", "green"], shape: [2, 1, 2],
            targets: .classes(names: ["a"], labels: [0]), examples: [1, 3, -4, 2])
        let network = try Network(nodes: [
            Network.Node(
                "input", ImageInput(height: 1, width: 2, channels: 2, normalization: .zerocenter), inputs: [])
        ])
        #expect(try network.normalizing(images).parameters == ["input.mean": Tensor([2, -1])])
        let sequences = Dataset(
            name: "sequences", channels: ["x"], shape: [1, 3], targets: .classes(names: ["a"], labels: [0, 0]),
            steps: [2, 1], examples: [5, 7, 0, 9, 0, 0])
        let ragged = try Network(nodes: [
            Network.Node("input", SequenceInput(channels: 1, steps: 3, normalization: .rescaleZeroOne), inputs: [])
        ])
        #expect(
            try ragged.normalizing(sequences).parameters
                == ["input.minimum": Tensor([5]), "input.maximum": Tensor([9])])
    }

    @Test func `constants that are there stay`() throws {
        var network = try network(.zscore)
        try network.setParameters(["input.mean": Tensor([1, 2]), "input.deviation": Tensor([3, 4])])
        #expect(try network.normalizing(data) == network)
    }
}
