/// A kind of stage as a recipe sees it: its name and its options, without `id` and `needs`, which every stage has.
package struct StageKindSchema: Sendable {
    package let name: String

    /// What the kind does, in a line.
    package let summary: String

    package let options: ObjectSchema

    package init(_ name: String, _ summary: String, _ options: [OptionSchema], groups: [OptionGroup] = []) {
        self.name = name
        self.summary = summary
        self.options = ObjectSchema(options, groups: groups)
    }

    /// The ids that a stage needs: one, or a list that may be empty.
    static let needs = ValueSchema.any([.stage, .list(of: .stage, minimum: 0)])

    /// The options with those that every stage has.
    var allOptions: ObjectSchema {
        ObjectSchema(
            [
                OptionSchema("id", .identifier, "the name of the stage in paths and artifacts; its kind if left out"),
                OptionSchema("needs", Self.needs, "the stages it reads; the stage before it if left out"),
            ] + options.options, groups: options.groups)
    }
}
