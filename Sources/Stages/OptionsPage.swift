internal import Documents
internal import Recipes

/// The page of all options, made from the schemas that check them.
package enum OptionsPage {
    /// The page as Markdown.
    package static var text: String {
        var text = """
            # Options

            Every option of every stage kind, written by `pare schema --options` (`make schemas`). Beside them any stage has `id` and `needs`.


            """
        for kind in StageKinds.schemas {
            let own = isTraining(kind.options) ? differing(kind.options) : kind.options.options
            text += "## \(kind.name)\n\nIt \(kind.summary)."
            text += isTraining(kind.options) ? " It has the training options below too.\n\n" : "\n\n"
            text += table(own)
            for case .atMostOne(let names) in kind.options.groups {
                text += "At most one of \(names.map { "`\($0)`" }.joined(separator: ", ")) may be given.\n\n"
            }
        }
        return text + "## Training options\n\nOf `train` and `distill`, and of every `finetune` and `retrain`.\n\n"
            + table(TrainingSettings.options).dropLast()
    }

    private static let training = Set(TrainingSettings.options.map(\.name))

    private static func isTraining(_ schema: ObjectSchema) -> Bool {
        training.isSubset(of: schema.options.map(\.name))
    }

    /// The options that are no training options, or have another default.
    private static func differing(_ schema: ObjectSchema) -> [OptionSchema] {
        let plain = Dictionary(TrainingSettings.options.map { ($0.name, $0.defaultText) }) { $1 }
        return schema.options.filter { plain[$0.name] != $0.defaultText }
    }

    private static func table(_ options: [OptionSchema]) -> String {
        "| option | value | default | what it is |\n|---|---|---|---|\n"
            + options.flatMap { rows($0, prefix: "") }.joined() + "\n"
    }

    private static func rows(_ option: OptionSchema, prefix: String) -> [String] {
        let name = prefix + option.name
        var value = option.value.expectation
        var nested: [String] = []
        if case .list(let element, _) = option.value { value = "a list, each \(element.expectation)" }
        if case .object(let schema) = option.value {
            if isTraining(schema) {
                value = "training options"
                nested = differing(schema).flatMap { rows($0, prefix: name + ".") }
            } else {
                value = "a mapping"
                nested = schema.options.flatMap { rows($0, prefix: name + ".") }
            }
        }
        return ["| `\(name)` | \(value) | \(option.defaultText) | \(option.summary) |\n"] + nested
    }
}

extension OptionSchema {
    fileprivate var defaultText: String {
        switch presence {
        case .required: "must be given"
        case .optional: ""
        case .filled(let value): value == [:] ? "" : "`\(value.text ?? value.canonicalText)`"
        }
    }
}
