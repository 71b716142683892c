internal import Datasets
internal import Diagnostics
internal import Documents
internal import Recipes

/// The form of `dataset.yaml`, and how it becomes a description of a data set.
enum DatasetFile {
    static let schema = ObjectSchema([
        OptionSchema("version", .integer(1...1), .required, "format of this file"),
        OptionSchema("name", .identifier, .required, "name of the data set"),
        OptionSchema("task", .choice(["classification"]), .required, "what is to be predicted"),
        OptionSchema("labels", .list(of: .text, minimum: 2), .required, "class names, in the order of the outputs"),
        OptionSchema(
            "input",
            .tagged(
                by: "kind",
                [
                    TaggedObject(
                        "sequence",
                        ObjectSchema([
                            OptionSchema("channels", .list(of: .text, minimum: 1), .required, "names of the channels"),
                            OptionSchema("steps", .integer(1...1_000_000), .required, "samples of each channel"),
                            OptionSchema("unit", .text, "unit of the samples"),
                        ]))
                ]), .required, "the shape of one case"),
        OptionSchema(
            "splits",
            .object(
                ObjectSchema([
                    OptionSchema("train", .object(fileSplit), .required, "what stages learn, score and calibrate on"),
                    OptionSchema(
                        "validation", .any([.object(validationSplit)]), "what thresholds and best-validation look at"),
                    OptionSchema("test", .object(fileSplit), "what evaluate alone sees"),
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
    ])

    private static let fileOptions = [
        OptionSchema("file", .path, "the file, in this folder"),
        OptionSchema("format", .choice(["ts"]), default: "ts", "format of the file"),
        OptionSchema("sha256", .text, "the file's SHA-256, 64 hexadecimal digits"),
    ]

    private static let fileSplit = ObjectSchema(
        fileOptions.map { option in
            option.name == "file" ? OptionSchema("file", .path, .required, option.summary) : option
        })

    /// A file of its own, or a stated part of `train`.
    private static let validationSplit = ObjectSchema(
        fileOptions + [
            OptionSchema("from", .choice(["train"]), "the split to draw from; what is drawn is removed from it"),
            OptionSchema("fraction", .proportion(0...1), "the share that is drawn"),
            OptionSchema("stratified", .boolean, default: true, "whether every class gives the same share"),
        ],
        groups: [.exactlyOne(["file", "from"]), .needs("from", "fraction"), .needs("sha256", "file")])
}
