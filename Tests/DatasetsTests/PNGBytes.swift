/// Writes PNG images without compression, for tests.
enum PNGBytes {
    /// The types of pixels, by the number that stands in the file.
    enum Kind: UInt8 {
        case grey = 0
        case colour = 2
        case greyWithAlpha = 4
        case colourWithAlpha = 6

        var samples: Int {
            switch self {
            case .grey: 1
            case .colour: 3
            case .greyWithAlpha: 2
            case .colourWithAlpha: 4
            }
        }
    }

    /// - Parameter samples: Row by row, pixel by pixel.
    static func image(height: Int, width: Int, _ kind: Kind, _ samples: [UInt8], depth: UInt8 = 8) -> [UInt8] {
        let line = width * kind.samples * Int(depth) / 8
        let lines = (0..<height).flatMap { [0] + samples[$0 * line..<($0 + 1) * line] }
        let length = UInt16(lines.count)
        let stored: [UInt8] =
            [0x78, 1, 1] + [UInt8(length & 255), UInt8(length >> 8), UInt8(~length & 255), UInt8(~length >> 8)] + lines
            + big(adler(lines))
        return [137, 80, 78, 71, 13, 10, 26, 10]
            + chunk("IHDR", big(UInt32(width)) + big(UInt32(height)) + [depth, kind.rawValue, 0, 0, 0])
            + chunk("IDAT", stored) + chunk("IEND", [])
    }

    private static func chunk(_ name: String, _ bytes: [UInt8]) -> [UInt8] {
        let body = Array(name.utf8) + bytes
        return big(UInt32(bytes.count)) + body + big(checksum(body))
    }

    private static func big(_ number: UInt32) -> [UInt8] { [24, 16, 8, 0].map { UInt8(number >> $0 & 255) } }

    private static func adler(_ bytes: [UInt8]) -> UInt32 {
        let (a, b) = bytes.reduce((UInt32(1), UInt32(0))) { sums, byte in
            let a = (sums.0 + UInt32(byte)) % 65_521
            return (a, (sums.1 + a) % 65_521)
        }
        return b << 16 | a
    }

    private static func checksum(_ bytes: [UInt8]) -> UInt32 {
        ~bytes.reduce(UInt32.max) { sum, byte in
            (0..<8).reduce(sum ^ UInt32(byte)) { value, _ in value >> 1 ^ (value & 1 == 1 ? 0xedb8_8320 : 0) }
        }
    }
}
