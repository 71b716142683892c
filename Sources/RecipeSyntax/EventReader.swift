internal import CLibYAML

/// The events of libyaml over bytes in memory, with marks as scalar offsets, the only part of them that can be
/// trusted: lines and columns are our own.
struct EventReader: ~Copyable {
    private let parser: UnsafeMutablePointer<yaml_parser_t>

    /// What libyaml read, in our own types; the rest of its events carry nothing.
    enum Event {
        case documentStart
        case streamEnd
        case alias(anchor: String)
        case scalar(text: String, isPlain: Bool, isBlock: Bool, properties: Properties)
        case collectionStart(isMapping: Bool, isFlow: Bool, properties: Properties)
        case collectionEnd
        case other
    }

    struct Properties {
        var anchor: String?
        var tag: String?
    }

    /// Why libyaml stopped, in its words.
    struct Failure: Error {
        var problem: String
        var context: String?
        var offset: Int
        var contextOffset: Int?
    }

    /// Creates a reader of bytes that ``Diagnostics/SourceFile/firstUnreadable`` accepts: where libyaml's own
    /// reader fails, its marks are 1:1 whatever the place.
    ///
    /// - Precondition: The memory of `bytes` outlives the reader.
    init(_ bytes: UnsafeBufferPointer<UInt8>) {
        parser = .allocate(capacity: 1)
        precondition(yaml_parser_initialize(parser) == 1, "libyaml found no memory")
        yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
        yaml_parser_set_input_string(parser, bytes.baseAddress, bytes.count)
    }

    deinit {
        yaml_parser_delete(parser)
        parser.deallocate()
    }

    /// Reads the next event and its stretch in scalars from the start of the bytes.
    func next() throws(Failure) -> (event: Event, start: Int, end: Int) {
        var event = yaml_event_t()
        guard yaml_parser_parse(parser, &event) == 1 else { throw failure() }
        defer { yaml_event_delete(&event) }
        return (Self.event(event), event.start_mark.index, event.end_mark.index)
    }

    private static func event(_ event: yaml_event_t) -> Event {
        switch event.type {
        case YAML_DOCUMENT_START_EVENT:
            return .documentStart
        case YAML_STREAM_END_EVENT:
            return .streamEnd
        case YAML_ALIAS_EVENT:
            return .alias(anchor: string(event.data.alias.anchor) ?? "")
        case YAML_SCALAR_EVENT:
            let scalar = event.data.scalar
            return .scalar(
                text: String(
                    decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.length), as: UTF8.self),
                isPlain: scalar.style == YAML_PLAIN_SCALAR_STYLE,
                isBlock: [YAML_LITERAL_SCALAR_STYLE, YAML_FOLDED_SCALAR_STYLE].contains(scalar.style),
                properties: Properties(anchor: string(scalar.anchor), tag: string(scalar.tag)))
        case YAML_SEQUENCE_START_EVENT:
            let sequence = event.data.sequence_start
            return .collectionStart(
                isMapping: false, isFlow: sequence.style == YAML_FLOW_SEQUENCE_STYLE,
                properties: Properties(anchor: string(sequence.anchor), tag: string(sequence.tag)))
        case YAML_MAPPING_START_EVENT:
            let mapping = event.data.mapping_start
            return .collectionStart(
                isMapping: true, isFlow: mapping.style == YAML_FLOW_MAPPING_STYLE,
                properties: Properties(anchor: string(mapping.anchor), tag: string(mapping.tag)))
        case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT:
            return .collectionEnd
        default:
            return .other
        }
    }

    private func failure() -> Failure {
        let state = parser.pointee
        let context = state.context.map { String(cString: $0) }
        return Failure(
            problem: state.problem.map { String(cString: $0) } ?? "unreadable", context: context,
            offset: state.problem_mark.index, contextOffset: context == nil ? nil : state.context_mark.index)
    }

    private static func string(_ pointer: UnsafeMutablePointer<yaml_char_t>?) -> String? {
        pointer.map { String(cString: $0) }
    }
}
