package import Diagnostics

/// A text with places marked in it: `key: «value»` is `key: value` and one place, in the order of the opening marks.
///
/// Marks may nest. Positions are counted here on their own, so that they check those of the code under test.
package struct MarkedText: Sendable {
    package let text: String
    package let places: [(start: SourcePosition, end: SourcePosition)]

    package init(_ marked: String) {
        var text = String.UnicodeScalarView()
        var position = SourcePosition(line: 1, column: 1)
        var places: [(start: SourcePosition, end: SourcePosition)] = []
        var open: [Int] = []
        for scalar in marked.unicodeScalars {
            switch scalar {
            case "«":
                open.append(places.count)
                places.append((position, position))
            case "»":
                places[open.removeLast()].end = position
            default:
                text.append(scalar)
                position.column += 1
                if scalar == "\n" { position = SourcePosition(line: position.line + 1, column: 1) }
            }
        }
        precondition(open.isEmpty, "a mark is not closed")
        self.text = String(text)
        self.places = places
    }
}
