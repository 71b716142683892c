package import Diagnostics
internal import Documents
internal import Foundation
internal import RecipeSyntax

/// One point of a sweep: a value for each option that is varied.
package struct SweepPoint: Sendable {
    /// Counted from 0.
    package let number: Int

    /// The options in the order of the file, each as one types it after `--set`.
    package let settings: [Setting]

    /// The same with their places in the file.
    package let overrides: [Override]

    /// Where the first of its values stands.
    package let span: SourceSpan?

    /// An option and its value on one line.
    package struct Setting: Sendable, Hashable, CustomStringConvertible {
        package let path: String
        package let value: String

        package var description: String { "\(path)=\(value)" }
    }

    /// What the run of a point is called: `road-damage/0007`.
    package func name(in recipe: String) -> String { "\(recipe)/\(Self.text(of: number))" }

    /// The number as it stands in names of files.
    package static func text(of number: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }
}

// MARK: - Expansion

extension Sweep {
    /// Every point: of a grid each combination, the last option varying fastest; of a random search `samples` draws.
    ///
    /// A point that came up before is left out.
    ///
    /// - Parameter seed: What random points are drawn by: the digest of seed, path and number of the draw decides.
    package func points(seed: Int) -> [SweepPoint] {
        let count = samples ?? parameters.reduce(1) { $0 * ($1.listed.count) }
        var points: [SweepPoint] = []
        var seen: Set<[JSONValue]> = []
        for number in 0..<count {
            let values = samples == nil ? combination(number) : draw(number, seed: seed)
            guard seen.insert(values.map(\.canonical)).inserted else { continue }
            points.append(
                SweepPoint(
                    number: points.count,
                    settings: zip(parameters, values).map {
                        SweepPoint.Setting(path: $0.path, value: $1.node.flowText)
                    },
                    overrides: zip(parameters, values).map { Override($0.path, at: $0.span, value: $1.node) },
                    span: values.first?.node.span))
        }
        return points
    }

    private func combination(_ number: Int) -> [SweepValue] {
        var rest = number
        let values = parameters.reversed().map { parameter in
            let listed = parameter.listed
            defer { rest /= listed.count }
            return listed[rest % listed.count]
        }
        return values.reversed()
    }

    private func draw(_ number: Int, seed: Int) -> [SweepValue] {
        parameters.map { parameter in
            let digest = Digest(of: [.integer(seed), .string(parameter.path), .integer(number)])
            // The 52 highest bits, as a number from 0 up to 1.
            let position = Double(Int(digest.hex.prefix(13), radix: 16) ?? 0) / 0x1p52
            switch parameter.values {
            case .list(let values): return values[Int(position * Double(values.count))]
            case .range(let range): return range.value(at: position)
            }
        }
    }
}

extension Sweep.Parameter {
    /// The values of a list; a range of a sweep without `samples` is a fault that was told.
    fileprivate var listed: [SweepValue] { if case .list(let values) = values { values } else { [] } }
}
