package import Documents

/// The layers of a network with their shapes and sizes, for `pare inspect`.
package struct InspectionReport: Sendable {
    private let network: JSONValue
    private let style: TextStyle

    /// - Parameter network: The `network` member of an artifact.
    package init(_ network: JSONValue, style: TextStyle = TextStyle()) {
        self.network = network
        self.style = style
    }

    package var text: String {
        let numbers = ["learnables", "states", "memory", "macs", "activations"]
        var table = TextTable(
            [.init("layer"), .init("kind"), .init("output")] + numbers.map { .init($0, isNumeric: true) })
        func append(_ names: [String], _ sizes: JSONValue, activations: String) {
            func count(_ name: String) -> String { sizes[name]?.whole.map { $0 == 0 ? "" : $0.grouped } ?? "" }
            let bytes = sizes["memoryBytes"]?.whole.map { $0 == 0 ? "" : $0.byteCount } ?? ""
            table.append(
                (names + [count("learnables"), count("states"), bytes, count("macs"), activations]).map { .init($0) })
        }
        for layer in network["layers"]?.elements ?? [] {
            let shape = layer["outputShape"]?.elements?.compactMap { $0.whole.map { String($0) } } ?? []
            append(
                [layer["name"]?.text ?? "", layer["kind"]?.text ?? "", shape.joined(separator: " x ")], layer,
                activations: layer["activationBytes"]?.whole?.byteCount ?? "")
        }
        append(["in all", "", ""], network, activations: network["activationMemoryBytes"]?.whole?.byteCount ?? "")
        return table.lines(style).map { $0 + "\n" }.joined()
    }
}
