import Datasets
import Kernels
import Tensors
import Testing

@Suite struct DatasetTests {
    private let data = Dataset(
        name: "road", channels: ["x", "y", "z"], steps: 2, classes: ["good", "bad"], labels: [1, 0, 1],
        examples: (0..<18).map(Float.init))

    @Test func `rows keep their labels`() throws {
        let rows = data.rows([2, 0, 2])
        #expect(rows.labels == [1, 1, 1])
        #expect(try rows.example(0) == data.example(2))
        #expect(try rows.example(1) == [0, 1, 2, 3, 4, 5])
        #expect(data.rows([]).count == 0)
        #expect(data.classCounts == [1, 2])
    }

    @Test func `examples are gathered in the order given`() throws {
        let target = FloatBuffer(count: 18)
        try data.copy([9, 2, 0, 2][1...], to: target.pointer)
        #expect(try target.array == data.example(2) + data.example(0) + data.example(2))
    }

    @Test func `values to predict follow the rows`() {
        let targets = Targets.values(names: ["wear", "heat"], values: [1, 2, 3, 4, 5, 6])
        let data = Dataset(name: "tool", channels: ["x"], shape: [1, 1], targets: targets, examples: [7, 8, 9])
        #expect(data.count == 3)
        #expect(data.rows([2, 0]).targets == .values(names: ["wear", "heat"], values: [5, 6, 1, 2]))
        #expect(data.classes.isEmpty && data.labels.isEmpty && data.classCounts.isEmpty)
    }

    @Test func `steps follow the rows`() {
        let data = Dataset(
            name: "short", channels: ["x"], shape: [1, 3], targets: .classes(names: ["a"], labels: [0, 0]),
            steps: [3, 1], examples: [1, 2, 3, 4, 0, 0])
        #expect(data.rows([1, 1, 0]).steps == [1, 1, 3])
    }
}
