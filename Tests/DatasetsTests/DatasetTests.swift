import Datasets
import Kernels
import Tensors
import Testing

@Suite struct DatasetTests {
    private let data = Dataset(
        name: "road", channels: ["x", "y", "z"], steps: 2, classes: ["good", "bad"], labels: [1, 0, 1],
        examples: (0..<18).map(Float.init))

    @Test func `channels are selected by name, in the order asked for`() throws {
        let selected = try data.selecting(channels: ["z", "x"])
        #expect(selected.inputShape == [2, 2])
        #expect(selected.channels == ["z", "x"])
        #expect(selected.labels == data.labels)
        #expect(selected.examples.array == [4, 5, 0, 1, 10, 11, 6, 7, 16, 17, 12, 13])
    }

    @Test func `rows keep their labels`() {
        let rows = data.rows([2, 0, 2])
        #expect(rows.labels == [1, 1, 1])
        #expect(rows.example(0) == data.example(2))
        #expect(rows.example(1) == [0, 1, 2, 3, 4, 5])
        #expect(data.rows([]).count == 0)
        #expect(data.classCounts == [1, 2])
    }

    @Test func `a channel that is not there is named with those that are`() {
        let error = #expect(throws: DatasetError.self) { try data.selecting(channels: ["x", "w"]) }
        #expect(error?.code == .unknownChannel)
        #expect(error?.description == "the data set 'road' has no channel 'w'; it has x, y, z")
    }
}
