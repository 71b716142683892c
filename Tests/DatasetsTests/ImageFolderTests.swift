import Datasets
import Foundation
import Tensors
import TestSupport
import Testing

@Suite struct ImageFolderTests {
    private static func description(
        channels: Int = 1, height: Int = 2, task: DatasetDescription.Task = .classification(classes: ["b", "a"])
    ) -> DatasetDescription {
        DatasetDescription(
            name: "images", task: task, input: .image(height: height, width: 2, channels: channels), format: .png,
            train: .init(["train"]))
    }

    private static func grey(_ first: UInt8) -> [UInt8] {
        PNGBytes.image(height: 2, width: 2, .grey, [first, 1, 2, 255])
    }

    @Test func `images follow each other by class and name`() throws {
        let data = try Reading.train(
            ["train/a/2.png": Self.grey(2), "train/a/10.png": Self.grey(10), "train/b/x.PNG": Self.grey(7)],
            Self.description())
        #expect(data.labels == [0, 1, 1])
        #expect(data.inputShape == [1, 2, 2])
        #expect(try data.values(in: 0..<3) == [7, 1, 2, 255, 10, 1, 2, 255, 2, 1, 2, 255])
    }

    @Test func `colours stand channel by channel, and grey in each of them`() throws {
        let colour = PNGBytes.image(height: 1, width: 2, .colour, [1, 2, 3, 4, 5, 6])
        let opaque = PNGBytes.image(height: 1, width: 2, .colourWithAlpha, [7, 8, 9, 255, 1, 2, 3, 255])
        let files = [
            "train/b/1.png": colour, "train/b/2.png": opaque,
            "train/a/1.png": PNGBytes.image(height: 1, width: 2, .greyWithAlpha, [50, 255, 60, 255]),
        ]
        let data = try Reading.train(files, Self.description(channels: 3, height: 1))
        #expect(try data.values(in: 0..<3) == [1, 4, 2, 5, 3, 6, 7, 1, 8, 2, 9, 3, 50, 60, 50, 60, 50, 60])
        let alpha = try Reading.train(files, Self.description(channels: 4, height: 1))
        #expect(try alpha.example(0) == [1, 4, 2, 5, 3, 6, 255, 255])
    }

    @Test(
        arguments: [
            ([:], 1, "train: no such folder"),
            (
                ["train/c/1.png": grey(1)], 1,
                "train: 'c' is none of the data set's labels: b, a; each folder has a class's name"
            ),
            (
                ["train/a/1.jpg": [1]], 1, "train/a/1.jpg: not a .png file; convert it or take it out of the folder"
            ),
            (["train/a/.hidden": [1]], 1, "train: the folder has no image"),
            (
                ["train/a/1.png": [1, 2, 3]], 1,
                "train/a/1.png: no PNG image, or a damaged one; write it anew or leave it out"
            ),
            (
                ["train/a/1.png": Array(grey(1).prefix(50))], 1,
                "train/a/1.png: no PNG image, or a damaged one; write it anew or leave it out"
            ),
            (
                ["train/a/1.png": PNGBytes.image(height: 1, width: 2, .grey, [1, 2])], 1,
                "train/a/1.png: the image has 1 x 2 pixels (height x width); expected 2 x 2: scale all images to one "
                    + "size first"
            ),
            (
                ["train/a/1.png": PNGBytes.image(height: 2, width: 2, .grey, [1, 2, 3, 4, 5, 6, 7, 8], depth: 16)], 1,
                "train/a/1.png: the image has 16 bits a channel; convert it to 8"
            ),
            (
                ["train/a/1.png": PNGBytes.image(height: 2, width: 2, .colour, Array(1...12))], 1,
                "train/a/1.png: the image has colours, and the data set one channel; convert it to grey, or write "
                    + "'channels: 3'"
            ),
            (
                ["train/a/1.png": PNGBytes.image(height: 2, width: 2, .colourWithAlpha, Array(1...16))], 3,
                "train/a/1.png: the image is transparent in places, and the data set has 3 channels; lay it on a ground "
                    + "first, or write 'channels: 4'"
            ),
            (
                ["train/a/1.png": grey(1)], 2,
                "train: a PNG image has 1, 3 or 4 channels; write 'kind: image' with those"
            ),
        ])
    func `a fault is named with its file`(files: [String: [UInt8]], channels: Int, message: String) {
        let error = #expect(throws: DatasetError.self) {
            try Reading.train(files, Self.description(channels: channels))
        }
        #expect(error?.description == message)
    }

    @Test func `folders of images have classes`() {
        let error = #expect(throws: DatasetError.self) {
            try Reading.train(
                ["train/a/1.png": Self.grey(1)], Self.description(task: .regression(targets: ["wear"])))
        }
        #expect(error?.description == "train: folders of images have classes; use another format to predict values")
    }
}
