internal import Diagnostics

extension SourceFile {
    /// The place of the first bytes that are not UTF-8, or else of the first character that YAML does not allow.
    var firstUnreadable: (position: SourcePosition, isUTF8: Bool)? {
        var parser = Unicode.UTF8.ForwardParser()
        var rest = bytes.makeIterator()
        var offset = 0
        while true {
            switch parser.parseScalar(from: &rest) {
            case .emptyInput:
                return nil
            case .error:
                return (position(byte: offset), false)
            case .valid(let encoded):
                guard Self.isAllowed(Unicode.UTF8.decode(encoded)) else { return (position(byte: offset), true) }
                offset += encoded.count
            }
        }
    }

    /// The characters of YAML 1.2.2, section 5.1.
    private static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x09, 0x0A, 0x0D, 0x20...0x7E, 0x85, 0xA0...0xFEFE, 0xFF00...0xFFFD, 0x10000...0x10FFFF: true
        default: false
        }
    }
}
