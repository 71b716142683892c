import Datasets
import Foundation
import Tensors
import Testing

@Suite struct DelimitedFileTests {
    private static func description(
        _ options: DelimitedFile.Options, task: DatasetDescription.Task = .classification(classes: ["a", "b"]),
        input: DatasetDescription.Input = .sequence(channels: ["x", "y"], steps: 1),
        validation: DatasetDescription.Part? = nil
    ) -> DatasetDescription {
        DatasetDescription(
            name: "table", task: task, input: input, format: .csv(options), train: .init(["t.csv"]),
            validation: validation)
    }

    private static func options(_ change: (inout DelimitedFile.Options) -> Void = { _ in }) -> DelimitedFile.Options {
        var options = DelimitedFile.Options()
        change(&options)
        return options
    }

    private static func read(_ text: String, _ description: DatasetDescription) throws -> Dataset {
        try Reading.train(["t.csv": Array(text.utf8)], description)
    }

    // MARK: - Values

    @Test func `columns are found by the names of channels, and the label is the last`() throws {
        let data = try Self.read("id,y,x,class\n1,2,3,a\n\n4, 5 ,6,b\r\n", Self.description(Self.options()))
        #expect(try data.values(in: 0..<2) == [3, 2, 6, 5])
        #expect(data.labels == [0, 1])
    }

    @Test func `a byte order mark is no part of the table`() throws {
        let data = try Self.read("\u{FEFF}x,y,class\n1,2,a\n3,4,b\n", Self.description(Self.options()))
        #expect(try data.values(in: 0..<2) == [1, 2, 3, 4])
        let headless = Self.options { $0.hasHeader = false }
        let first = try Self.read("\u{FEFF}1,2,a\n3,4,b\n", Self.description(headless))
        #expect(try first.values(in: 0..<2) == [1, 2, 3, 4])
    }

    @Test func `columns can be named, and stand in the order given`() throws {
        let options = Self.options { options in
            options.columns = ["second", "first"]
            options.label = "class"
        }
        let data = try Self.read("class,first,second\na,1,2\nb,3,4\n", Self.description(options))
        #expect(try data.values(in: 0..<2) == [2, 1, 4, 3])
    }

    @Test func `a table without a header has numbered columns`() throws {
        let options = Self.options { options in
            options.hasHeader = false
            options.label = "1"
        }
        let input = DatasetDescription.Input.image(height: 2, width: 2, channels: 1)
        let data = try Self.read("b,1,2,3,4\na,5,6,7,8\n", Self.description(options, input: input))
        #expect(data.labels == [1, 0])
        #expect(try data.values(in: 0..<2) == (1...8).map(Float.init))
    }

    @Test func `quotes and other separators are read`() throws {
        let options = Self.options { $0.separator = UInt8(ascii: ";") }
        let task = DatasetDescription.Task.classification(classes: ["the \"a\"; one", "b"])
        let data = try Self.read(
            "x;\"y\";class\n1;\"2\";\"the \"\"a\"\"; one\"\n3;4;\"b\"\n", Self.description(options, task: task))
        #expect(data.labels == [0, 1])
        let tabs = Self.options { $0.separator = UInt8(ascii: "\t") }
        #expect(try Self.read("x\ty\tclass\r\n1\t2\ta\r\n1\t2\tb\r\n", Self.description(tabs)).labels == [0, 1])
    }

    @Test func `values to predict are found by name`() throws {
        let data = try Self.read(
            "wear,x,y,heat\n0.5,1,2,9\n0.25,3,4,8\n",
            Self.description(Self.options(), task: .regression(targets: ["heat", "wear"])))
        #expect(data.targets == .values(names: ["heat", "wear"], values: [9, 0.5, 8, 0.25]))
        #expect(try data.values(in: 0..<2) == [1, 2, 3, 4])
    }

    @Test func `time steps in lines make sequences of unequal length`() throws {
        let options = Self.options { options in
            options.example = "id"
            options.label = "class"
        }
        let input = DatasetDescription.Input.sequence(channels: ["x", "y"], steps: 3, isRagged: true)
        let data = try Self.read(
            "id,class,x,y\n7,a,1,2\n7,a,3,4\n\n9,b,5,6\n8,a,7,8\n8,a,9,10\n8,a,11,12\n",
            Self.description(options, input: input))
        #expect(data.steps == [2, 1, 3])
        #expect(data.labels == [0, 1, 0])
        #expect(try data.example(0) == [1, 3, 0, 2, 4, 0])
        #expect(try data.example(1) == [5, 0, 0, 6, 0, 0])
        #expect(try data.example(2) == [7, 9, 11, 8, 10, 12])
    }

    @Test func `a column can name the split`() throws {
        let options = Self.options { options in
            options.split = "part"
            options.label = "class"
        }
        let splits = try Reading.splits(
            ["t.csv": Array("x,y,class,part\n1,0,a,t\n2,0,b,v\n3,0,b,t\n4,0,a,v\n".utf8)],
            Self.description(options, validation: .column(value: "v")))
        #expect(try splits.train.values(in: 0..<2) == [1, 0, 3, 0])
        #expect(try splits.validation?.values(in: 0..<2) == [2, 0, 4, 0])
        let error = #expect(throws: DatasetError.self) {
            try Reading.splits(
                ["t.csv": Array("x,y,class,part\n1,0,a,t\n2,0,b,v\n".utf8)],
                Self.description(options, validation: .column(value: "w")))
        }
        #expect(
            error?.description
                == "no row has 'w' in the column of splits, which the validation split takes; it has t, v")
    }

    // MARK: - Faults

    private static let long = options { options in
        options.example = "id"
        options.label = "class"
    }

    @Test(
        arguments: [
            ("", options(), "t.csv: the file is empty"),
            ("x,y,class\n", options(), "t.csv: no line follows the header"),
            ("x,y,class\n1,2,c\n", options(), "t.csv:2: the label 'c' is none of the data set's labels: a, b"),
            ("x,y,class\n1,2\n", options(), "t.csv:2: the line has 2 fields; expected 3, as in the first line"),
            ("x,y,class\n1,two,a\n", options(), "t.csv:2: column 'y' is 'two'; expected a number"),
            (
                "x,y,class\n1,nan,a\n", options(),
                "t.csv:2: column 'y' is missing ('nan'); fill it in or leave the case out"
            ),
            (
                "x,y,class\n1e99,1,a\n", options(), "t.csv:2: column 'x' is '1e99', which is no finite 32-bit number"
            ),
            (
                "x;y;class\n1;2;a\n", options(),
                "t.csv:1: the line has one field, with ';' in it; name what separates fields: 'separator: semicolon'"
            ),
            (
                "x,y,class\n1,2,a\n", options { $0.separator = UInt8(ascii: "\t") },
                "t.csv:1: the line has one field, with ',' in it; name what separates fields: 'separator: comma'"
            ),
            ("x,z,class\n1,2,a\n", options(), "t.csv: no column 'y'; the file has 3: x, z, class"),
            (
                "x,y,class\n1,2,a\n", options { $0.label = "x" },
                "t.csv: the column 'x' is asked for twice; name it once"
            ),
            (
                "x,y,class\n1,2,a\n", options { $0.columns = ["x"] },
                "t.csv: 1 column of values (x); an example of 'table' has 2, of shape 2 x 1; name them with 'columns'"
            ),
            (
                "1,2,3,a\n", options { $0.hasHeader = false },
                "t.csv: 3 columns of values (1, 2, 3); an example of 'table' has 2, of shape 2 x 1; "
                    + "name them with 'columns'"
            ),
            (
                "x,y,class\n1,2,\"a\n", options(),
                "t.csv:2: a quoted field does not end in '\"' and a separator; quotes inside of it are doubled, "
                    + "line breaks are not read"
            ),
            (
                "id,class,x,y\n1,a,1,2\n2,a,1,2\n1,a,1,2\n", long,
                "t.csv:4: example '1' has other lines further up; sort the lines by example"
            ),
            (
                "id,class,x,y\n1,a,1,2\n1,a,1,2\n", long,
                "t.csv:3: example '1' has more than 1 time steps; expected exactly that many"
            ),
        ])
    func `a fault is named with its place`(text: String, options: DelimitedFile.Options, message: String) {
        let error = #expect(throws: DatasetError.self) { try Self.read(text, Self.description(options)) }
        #expect(error?.description == message)
    }

    @Test(arguments: [
        (
            "id,class,x,y\n1,a,1,2\n1,b,1,2\n", true,
            "t.csv:3: example '1' has another label, target or split here than in its first line"
        ),
        (
            "id,class,x,y\n1,a,1,2\n", false,
            "t.csv: example '1' has 1 time step; expected 2, or 'steps: {maximum: 2}' in dataset.yaml"
        ),
    ])
    func `a fault of a sequence is named`(text: String, isRagged: Bool, message: String) {
        let input = DatasetDescription.Input.sequence(channels: ["x", "y"], steps: 2, isRagged: isRagged)
        let error = #expect(throws: DatasetError.self) {
            try Self.read(text, Self.description(Self.long, input: input))
        }
        #expect(error?.description == message)
    }

    @Test func `unequal lengths need a line a time step`() {
        let input = DatasetDescription.Input.sequence(channels: ["x", "y"], steps: 2, isRagged: true)
        let error = #expect(throws: DatasetError.self) {
            try Self.read("x,y,class\n1,2,a\n", Self.description(Self.options(), input: input))
        }
        #expect(
            error?.description == "t.csv: sequences of unequal length need one line a time step; "
                + "name the column that tells them apart with 'example'")
    }
}
