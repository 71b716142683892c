extension String {
    /// The name that was most likely meant, compared without case; `nil` if none is near.
    ///
    /// Near is an edit distance of at most a third of the length, and of at most three. The first of equals wins.
    package func nearest(among names: some Sequence<String>) -> String? {
        let written = Array(lowercased().prefix(100))
        var best: (name: String, distance: Int)?
        for name in names {
            let candidate = Array(name.lowercased().prefix(100))
            let allowed = Swift.min(3, Swift.max(1, Swift.max(written.count, candidate.count) / 3))
            guard abs(written.count - candidate.count) <= allowed else { continue }
            let distance = Self.distance(written, candidate)
            if distance <= allowed, distance < best?.distance ?? .max { best = (name, distance) }
        }
        return best?.name
    }

    /// The optimal string alignment distance: insertions, deletions, substitutions, and swaps of neighbours.
    private static func distance(_ left: [Character], _ right: [Character]) -> Int {
        var beforeLast: [Int] = []
        var last = Array(0...right.count)
        for i in left.indices {
            var current = [i + 1]
            for j in right.indices {
                var cost = Swift.min(last[j + 1] + 1, current[j] + 1, last[j] + (left[i] == right[j] ? 0 : 1))
                if i > 0, j > 0, left[i] == right[j - 1], left[i - 1] == right[j] {
                    cost = Swift.min(cost, beforeLast[j - 1] + 1)
                }
                current.append(cost)
            }
            (beforeLast, last) = (last, current)
        }
        return last[right.count]
    }
}
