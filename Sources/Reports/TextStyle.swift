/// Colours for a text, if it is shown where there are colours.
package struct TextStyle: Hashable, Sendable {
    /// Whether to colour with ANSI escape sequences.
    package var usesColour: Bool

    package init(usesColour: Bool = false) {
        self.usesColour = usesColour
    }

    /// What a text is to say by its colour; the codes are those of ANSI's Select Graphic Rendition.
    package enum Tone: String, Sendable {
        /// What was reached.
        case good = "32"
        /// What failed or was not reached.
        case bad = "1;31"
        /// What asks for attention.
        case warning = "1;35"
        /// A heading.
        case strong = "1"
        /// What is there but matters less.
        case faint = "2"
    }

    /// The text in a colour.
    package func text(_ text: String, _ tone: Tone?) -> String {
        guard usesColour, let tone, !text.isEmpty else { return text }
        return "\u{1B}[\(tone.rawValue)m\(text)\u{1B}[0m"
    }
}
