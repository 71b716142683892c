extension Node {
    /// The value on one line, as one types it after `--set PATH=`: `0.25`, `{totalParameters: 984}`, `75 %`.
    ///
    /// Reading it gives an equal value; where it stood and how it was quoted is lost.
    package var flowText: String {
        let writer = EventWriter()
        writer.startSequence(isFlow: true)
        write(to: writer, depth: 0, isFlow: true)
        writer.endSequence()
        // Within a list, as alone a text could need more than its line.
        return String(writer.finish().drop { $0 != "[" }.dropFirst().prefix { !$0.isNewline }.dropLast())
    }

    /// The value as a document: a key or an item a line; small ones within options, and lists of scalars, on one.
    ///
    /// Comments and anchors of the source are not in it.
    package var documentText: String {
        let writer = EventWriter()
        write(to: writer, depth: 0, isFlow: false)
        return writer.finish()
    }

    private func write(to writer: borrowing EventWriter, depth: Int, isFlow: Bool) {
        switch content {
        case .invalid: writer.scalar("null", isPlain: true)
        case .scalar(let scalar) where scalar.value == .null: writer.scalar("null", isPlain: true)
        case .scalar(let scalar):
            let isText = scalar.value == .string
            let meansText = Scalar(plain: scalar.text).value == .string
            writer.scalar(scalar.text, isPlain: isText == meansText)
        case .sequence(let items):
            let isFlow = isFlow || items.allSatisfy { $0.scalar != nil }
            writer.startSequence(isFlow: isFlow)
            for item in items { item.write(to: writer, depth: depth + 1, isFlow: isFlow) }
            writer.endSequence()
        case .mapping(let pairs):
            // Of a recipe: the top, the list of stages, an item, its options, and what these hold.
            let isFlow =
                isFlow || pairs.isEmpty
                || depth > Self.deepestBlock && pairs.count <= 4 && pairs.allSatisfy { $0.value.scalar != nil }
            writer.startMapping(isFlow: isFlow)
            for pair in pairs {
                writer.scalar(pair.key, isPlain: true)
                pair.value.write(to: writer, depth: depth + 1, isFlow: isFlow)
            }
            writer.endMapping()
        }
    }

    private static let deepestBlock = 3
}
