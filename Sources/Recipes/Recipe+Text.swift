package import Diagnostics
internal import RecipeSyntax

extension Recipe {
    /// The text of a recipe with options set in it, without its sweep: for a file of its own.
    ///
    /// Anchors are expanded, and comments are left out, as is what stands free at the top level.
    ///
    /// - Parameters:
    ///   - file: The recipe; it has no fault.
    ///   - overrides: What is set; it gives no fault.
    ///   - kinds: The kinds of stages there are.
    ///   - comment: Lines to stand first.
    ///   - rebase: Gives a path that an option holds as the new file is to have it.
    package static func text(
        of file: SourceFile, overrides: [Override], kinds: [StageKindSchema], comment: [String],
        rebase: (String) throws -> String
    ) rethrows -> String {
        var faults = DiagnosticList()
        guard var root = NodeReader.read(file, into: &faults) else {
            preconditionFailure("a recipe without faults can be read")
        }
        for override in overrides { override.apply(to: &root, kinds: kinds, into: &faults) }
        let pairs = (root.pairs ?? []).filter { pair in
            pair.key != "sweep" && schema.options.contains { $0.name == pair.key }
        }
        root.content = .mapping(
            try pairs.map { pair in
                guard pair.key == "stages", let items = pair.value.items else { return pair }
                let rebased = try items.map { try $0.rebased(stage: kinds, rebase) }
                return Node.Pair(
                    key: pair.key, keySpan: pair.keySpan, value: Node(.sequence(rebased), at: pair.value.span))
            })
        return comment.map { "# \($0)\n" }.joined() + root.documentText
    }
}

extension Node {
    /// An item of the list of stages with its paths rebased.
    fileprivate func rebased(stage kinds: [StageKindSchema], _ rebase: (String) throws -> String) rethrows -> Node {
        guard let pairs else { return self }
        return Node(
            .mapping(
                try pairs.map { pair in
                    guard let kind = kinds.first(where: { $0.name == pair.key }) else { return pair }
                    return try pair.mapped { try $0.rebased(.object(kind.options), rebase) }
                }), at: span)
    }

    /// The value with every path in it rebased, as far as the schema knows them.
    private func rebased(_ schema: ValueSchema, _ rebase: (String) throws -> String) rethrows -> Node {
        switch (schema, content) {
        case (.path, .scalar(let scalar)):
            let path = try rebase(scalar.text)
            return Node(.scalar(Scalar(text: path, value: .string)), at: span)
        case (.list(let element, _), .sequence(let items)), (.oneOrMany(let element), .sequence(let items)):
            return Node(.sequence(try items.map { try $0.rebased(element, rebase) }), at: span)
        case (.oneOrMany(let element), .scalar):
            return try rebased(element, rebase)
        case (.object(let object), .mapping(let pairs)):
            return Node(
                .mapping(
                    try pairs.map { pair in
                        guard let option = object[pair.key] else { return pair }
                        return try pair.mapped { try $0.rebased(option.value, rebase) }
                    }), at: span)
        default:
            return self
        }
    }
}

extension Node.Pair {
    fileprivate func mapped(_ change: (Node) throws -> Node) rethrows -> Node.Pair {
        Node.Pair(key: key, keySpan: keySpan, value: try change(value))
    }
}
