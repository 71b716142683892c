internal import CLibYAML

/// Writes one YAML document by libyaml's emitter, which knows what must be quoted and how.
struct EventWriter: ~Copyable {
    private let emitter: UnsafeMutablePointer<yaml_emitter_t>
    private let text = Text()

    /// What the emitter wrote so far.
    private final class Text {
        var bytes: [UInt8] = []
    }

    init() {
        emitter = .allocate(capacity: 1)
        precondition(yaml_emitter_initialize(emitter) == 1, "libyaml found no memory")
        yaml_emitter_set_unicode(emitter, 1)
        yaml_emitter_set_indent(emitter, 2)
        // Lines are not broken.
        yaml_emitter_set_width(emitter, -1)
        let append: @convention(c) (UnsafeMutableRawPointer?, UnsafeMutablePointer<UInt8>?, Int) -> Int32 = {
            target, bytes, count in
            guard let target else { return 0 }
            let text = Unmanaged<Text>.fromOpaque(target).takeUnretainedValue()
            text.bytes.append(contentsOf: UnsafeBufferPointer(start: bytes, count: count))
            return 1
        }
        yaml_emitter_set_output(emitter, append, Unmanaged.passUnretained(text).toOpaque())
        emit { yaml_stream_start_event_initialize(&$0, YAML_UTF8_ENCODING) }
        emit { yaml_document_start_event_initialize(&$0, nil, nil, nil, 1) }
    }

    deinit {
        yaml_emitter_delete(emitter)
        emitter.deallocate()
    }

    /// Writes a scalar.
    ///
    /// - Parameter isPlain: Whether the text means the same without quotes; it is quoted in any case where it must be.
    func scalar(_ value: String, isPlain: Bool) {
        var bytes = Array(value.utf8)
        // Single quotes would let a line break stand.
        let style = value.contains(where: \.isNewline) ? YAML_DOUBLE_QUOTED_SCALAR_STYLE : YAML_ANY_SCALAR_STYLE
        emit {
            yaml_scalar_event_initialize(&$0, nil, nil, &bytes, Int32(bytes.count), isPlain ? 1 : 0, 1, style)
        }
    }

    func startSequence(isFlow: Bool) {
        emit {
            yaml_sequence_start_event_initialize(
                &$0, nil, nil, 1, isFlow ? YAML_FLOW_SEQUENCE_STYLE : YAML_BLOCK_SEQUENCE_STYLE)
        }
    }

    func startMapping(isFlow: Bool) {
        emit {
            yaml_mapping_start_event_initialize(
                &$0, nil, nil, 1, isFlow ? YAML_FLOW_MAPPING_STYLE : YAML_BLOCK_MAPPING_STYLE)
        }
    }

    func endSequence() { emit { yaml_sequence_end_event_initialize(&$0) } }

    func endMapping() { emit { yaml_mapping_end_event_initialize(&$0) } }

    /// Ends the document and returns its text.
    consuming func finish() -> String {
        emit { yaml_document_end_event_initialize(&$0, 1) }
        emit { yaml_stream_end_event_initialize(&$0) }
        yaml_emitter_flush(emitter)
        return String(decoding: text.bytes, as: UTF8.self)
    }

    /// - Precondition: events come in an order that forms a document, and texts are UTF-8, as those of nodes are.
    private func emit(_ initialize: (inout yaml_event_t) -> Int32) {
        var event = yaml_event_t()
        precondition(initialize(&event) == 1, "libyaml found no memory")
        precondition(yaml_emitter_emit(emitter, &event) == 1, "libyaml cannot write an event")
    }
}
