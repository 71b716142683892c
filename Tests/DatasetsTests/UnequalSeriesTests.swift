import Datasets
import Foundation
import Tensors
import Testing

/// `.ts` files with cases of unequal length, and with values to predict.
@Suite struct UnequalSeriesTests {
    private static func read(_ text: String, task: DatasetDescription.Task, steps: Int = 3, isRagged: Bool = true)
        throws
        -> Dataset
    {
        let description = DatasetDescription(
            name: "short", task: task, input: .sequence(channels: ["x", "y"], steps: steps, isRagged: isRagged),
            train: .init(["t.ts"]))
        return try Reading.train(["t.ts": Array(text.utf8)], description)
    }

    private static let classes = DatasetDescription.Task.classification(classes: ["a"])

    @Test func `what lies beyond the steps of a case is zero`() throws {
        let data = try Self.read("@data\n1,2,3:4,5,6:a\n7:8:a\n1,2:3,4:a\n", task: Self.classes)
        #expect(data.steps == [3, 1, 2])
        #expect(try data.values(in: 0..<3) == [1, 2, 3, 4, 5, 6, 7, 0, 0, 8, 0, 0, 1, 2, 0, 3, 4, 0])
    }

    @Test func `a target is a number`() throws {
        let data = try Self.read(
            "@targetlabel true\n@data\n1,2,3:4,5,6:0.5\n7,8,9:1,1,1:-2\n", task: .regression(targets: ["wear"]),
            isRagged: false)
        #expect(data.targets == .values(names: ["wear"], values: [0.5, -2]))
        #expect(data.steps == nil)
    }

    @Test(arguments: [
        (
            "@data\n1,2,3,4:1,2,3,4:a\n", classes,
            "t.ts:2: channel 'x' has 4 values; expected at most 3 steps"
        ),
        (
            "@data\n1,2:1,2,3:a\n", classes,
            "t.ts:2: channel 'y' has 3 steps, and channel 'x' has 2; all channels of a case have one length"
        ),
        (
            "@targetlabel true\n@data\n", classes,
            "t.ts:1: '@targetlabel true' says that the task is regression; write 'task: regression' in dataset.yaml, "
                + "or name another file"
        ),
        (
            "@classlabel true a b\n@data\n", .regression(targets: ["wear"]),
            "t.ts:1: '@classlabel true' says that the task is classification; write 'task: classification' in "
                + "dataset.yaml, or name another file"
        ),
        (
            "@targetlabel true\n@data\n", .regression(targets: ["wear", "heat"]),
            "t.ts:1: a case of a .ts file has one target, and the data set has 2: wear, heat; use another format"
        ),
        (
            "@data\n1:1:soon\n", .regression(targets: ["wear"]),
            "t.ts:2: the target 'wear' is 'soon'; expected a number"
        ),
    ])
    func `a fault is named with its place`(text: String, task: DatasetDescription.Task, message: String) {
        let error = #expect(throws: DatasetError.self) { try Self.read(text, task: task) }
        #expect(error?.description == message)
    }
}
