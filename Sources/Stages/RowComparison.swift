internal import Documents

/// One measured network beside an earlier one: the `comparison` member of an evaluation.
///
/// A metric has its difference; a size has its ratio, what is left of it. Layers are matched by name, and those that
/// projection made by the name of the layer that they replaced.
enum RowComparison {
    /// - Parameters:
    ///   - row: What was made of the earlier network.
    ///   - metrics: Those that the recipe asks for.
    static func json(of row: RowMeasurement, against earlier: RowMeasurement, named name: String, metrics: [String])
        -> JSONValue
    {
        var differences: [String: JSONValue] = [:]
        for metric in metrics where metric != "confusion" {
            let (from, to) = (earlier.measure(metric), row.measure(metric))
            differences[metric] = ["from": .number(from), "to": .number(to), "difference": .number(to - from)]
        }
        var ratios: [String: JSONValue] = [:]
        for size in RequirementCheck.sizes { ratios[size] = pair(earlier.measure(size), row.measure(size)) }
        return [
            "against": .string(name), "metrics": .object(differences), "sizes": .object(ratios),
            "layers": .array(layers(of: row, against: earlier)),
        ]
    }

    private static let counts = ["learnables", "states", "memoryBytes", "macs"]

    private static func layers(of row: RowMeasurement, against earlier: RowMeasurement) -> [JSONValue] {
        let (from, to) = (sums(of: earlier.network), sums(of: row.network))
        let names = from.names + to.names.filter { !from.names.contains($0) }
        return names.map { name in
            var layer: JSONValue = ["name": .string(name)]
            for count in counts {
                layer[count] = pair(
                    Double(from.sums[name]?[count] ?? 0), Double(to.sums[name]?[count] ?? 0))
            }
            return layer
        }
    }

    /// The counts of each layer, with the parts of a projected one as one; in the order of the network.
    private static func sums(of network: JSONValue) -> (names: [String], sums: [String: [String: Int]]) {
        var (names, sums): ([String], [String: [String: Int]]) = ([], [:])
        for layer in network["layers"]?.elements ?? [] {
            guard let name = (layer["projectedFrom"] ?? layer["name"])?.text else { continue }
            if sums[name] == nil { names.append(name) }
            for count in counts { sums[name, default: [:]][count, default: 0] += layer[count]?.whole ?? 0 }
        }
        return (names, sums)
    }

    /// Sizes are whole; the ratio of nothing to nothing is 1.
    private static func pair(_ from: Double, _ to: Double) -> JSONValue {
        func size(_ value: Double) -> JSONValue { Int(exactly: value).map { .integer($0) } ?? .number(value) }
        return ["from": size(from), "to": size(to), "ratio": from == to ? 1 : .number(to / from)]
    }
}
