internal import Datasets
internal import Diagnostics
internal import Documents
internal import Recipes

/// The form of `dataset.yaml`.
///
/// What it says together is checked by ``DatasetChecker``.
enum DatasetFile {
    static let schema = ObjectSchema(
        [
            OptionSchema("version", .integer(1...1), .required, "format of this file"),
            OptionSchema("name", .identifier, .required, "name of the data set"),
            OptionSchema("task", .choice(["classification", "regression"]), .required, "what is to be predicted"),
            OptionSchema("labels", .list(of: .text, minimum: 2), "class names, in the order of the outputs"),
            OptionSchema("targets", .list(of: .text, minimum: 1), "names of the values to predict"),
            OptionSchema("input", input, .required, "the shape of one case"),
            OptionSchema(
                "format", .any([.choice(DatasetDescription.Format.names), .tagged(by: "kind", formats)]), default: "ts",
                "how the files are written: a name, or a mapping with 'kind' and options"),
            OptionSchema(
                "splits",
                .object(
                    ObjectSchema([
                        OptionSchema("train", .object(files), .required, "what stages learn, score and calibrate on"),
                        OptionSchema("validation", .object(part), "what thresholds and best-validation look at"),
                        OptionSchema("test", .object(part), "what evaluate alone sees"),
                    ])), .required, "the parts of the data"),
            OptionSchema(
                "source",
                .object(
                    ObjectSchema([
                        OptionSchema("title", .text, "what the data are called where they come from"),
                        OptionSchema("author", .text, "who made them"),
                        OptionSchema("address", .text, "where they come from"),
                        OptionSchema("licence", .text, "the licence's name"),
                        OptionSchema("licenceFile", .path, "the licence's text, in this folder"),
                    ])), "where the data come from"),
        ], groups: [.exactlyOne(["labels", "targets"])])

    private static let input = ValueSchema.tagged(
        by: "kind",
        [
            TaggedObject(
                "sequence",
                ObjectSchema([
                    OptionSchema("channels", .list(of: .text, minimum: 1), .required, "names of the channels"),
                    OptionSchema(
                        "steps",
                        .any([
                            .integer(1...1_000_000),
                            .object(
                                ObjectSchema([
                                    OptionSchema("maximum", .integer(1...1_000_000), .required, "steps of the longest")
                                ])),
                        ]), .required, "samples of each channel; {maximum: N} if cases are of unequal length"),
                    OptionSchema("unit", .text, "unit of the samples"),
                ])),
            TaggedObject(
                "image",
                ObjectSchema([
                    OptionSchema("height", .integer(1...65_536), .required, "pixels of a column"),
                    OptionSchema("width", .integer(1...65_536), .required, "pixels of a row"),
                    OptionSchema("channels", .integer(1...1_024), default: 1, "1 for grey, 3 for red, green and blue"),
                ])),
        ])

    private static let layout = ObjectSchema([
        OptionSchema(
            "layout", .choice(["channels-first", "channels-last"]), default: "channels-first",
            "where the dimension of channels stands in an example")
    ])

    private static let formats = DatasetDescription.Format.names.map { name in
        switch name {
        case "csv": TaggedObject(name, csv)
        case "npy", "npz": TaggedObject(name, layout)
        default: TaggedObject(name, ObjectSchema([]))
        }
    }

    static let separators: [(name: String, byte: UInt8)] = [("comma", 0x2c), ("semicolon", 0x3b), ("tab", 0x09)]

    private static let csv = ObjectSchema([
        OptionSchema(
            "header", .boolean, default: true, "whether the first line names the columns; otherwise \"1\", \"2\", ..."),
        OptionSchema("separator", .choice(separators.map(\.name)), default: "comma", "what stands between two fields"),
        OptionSchema("label", .text, "column of the label; the last one if left out"),
        OptionSchema(
            "targets", .list(of: .text, minimum: 1), "columns of the values to predict; those of that name if left out"),
        OptionSchema("columns", .list(of: .text, minimum: 1), "columns of the values of a case, in their order"),
        OptionSchema("example", .text, "column that tells cases apart, if a line is a time step of a case"),
        OptionSchema("split", .text, "column whose value says which split a case is in"),
    ])

    private static let fileOptions = [
        OptionSchema("file", .path, "the file, in this folder"),
        OptionSchema("files", .list(of: .path, minimum: 1), "several files, whose cases follow each other"),
        OptionSchema("folder", .path, "the folder of images (png)"),
        OptionSchema("targets", .text, "the file of labels or values (idx, npy), or their array in the archive (npz)"),
        OptionSchema("examples", .text, "the array of cases in the archive (npz)"),
        OptionSchema("sha256", .oneOrMany(.text), "SHA-256 of each file, 64 hexadecimal digits, in their order"),
    ]

    private static let files = ObjectSchema(fileOptions, groups: [.exactlyOne(["file", "files", "folder"])])

    /// Files of its own, or a stated part of `train`.
    private static let part = ObjectSchema(
        fileOptions + [
            OptionSchema("from", .choice(["train"]), "the split to take from; what is taken is removed from it"),
            OptionSchema("fraction", .proportion(0...1), "the share that is drawn"),
            OptionSchema("stratified", .boolean, default: true, "whether every class gives the same share"),
            OptionSchema("rows", .oneOrMany(.text), "ranges of rows, counted from 0, such as 0...7999"),
            OptionSchema("every", .integer(2...1_000_000_000), "a number that divides the rows taken, counted from 0"),
            OptionSchema("value", .text, "what stands in the column of splits (csv)"),
        ],
        groups: [
            .exactlyOne(["file", "files", "folder", "from"]), .atMostOne(["fraction", "rows", "every", "value"]),
            .needs("fraction", "from"), .needs("rows", "from"), .needs("every", "from"), .needs("value", "from"),
        ])
}
