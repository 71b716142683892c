internal import Foundation

/// What a stream of the program is connected to, and how to write for it.
package struct Terminal: Sendable {
    /// The file descriptor.
    package let descriptor: Int32
    private let environment: [String: String]

    package init(descriptor: Int32, environment: [String: String]) {
        self.descriptor = descriptor
        self.environment = environment
    }

    /// Whether lines can be redrawn: a terminal, and not a dumb one.
    package var canRedraw: Bool { isatty(descriptor) == 1 && !["dumb", ""].contains(environment["TERM"] ?? "") }

    /// Colours on a terminal, never with `NO_COLOR`.
    package var style: TextStyle {
        TextStyle(usesColour: canRedraw && (environment["NO_COLOR"] ?? "").isEmpty)
    }

    /// The number of columns: what the terminal says, else `COLUMNS`, else 80.
    package var width: Int {
        var size = winsize()
        if unsafe ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 { return Int(size.ws_col) }
        if let columns = environment["COLUMNS"].flatMap({ Int($0) }), columns > 0 { return columns }
        return 80
    }
}
