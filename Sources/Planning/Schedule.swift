/// Which of some items may start, as others finish: the earliest one whose dependencies are done.
package struct Schedule: Sendable {
    private var open: [Int]
    private var dependents: [[Int]]
    /// Items that may start, in decreasing order, so that the next is the last.
    private var ready: [Int]

    /// Creates the schedule of items `0 ..< dependencies.count`.
    ///
    /// - Parameter dependencies: For each item those that must finish first, without repetition.
    package init(dependencies: [[Int]]) {
        open = dependencies.map(\.count)
        dependents = Array(repeating: [], count: dependencies.count)
        for (item, before) in dependencies.enumerated() {
            for earlier in before { dependents[earlier].append(item) }
        }
        ready = dependencies.indices.reversed().filter { dependencies[$0].isEmpty }
    }

    /// Takes the earliest item that may start; `nil` if none may until another finishes.
    package mutating func next() -> Int? { ready.popLast() }

    /// Notes that an item has finished.
    package mutating func finish(_ item: Int) {
        for dependent in dependents[item] {
            open[dependent] -= 1
            if open[dependent] == 0 { insert(dependent) }
        }
    }

    private mutating func insert(_ item: Int) {
        var low = 0
        var high = ready.count
        while low < high {
            let middle = (low + high) / 2
            if ready[middle] > item { low = middle + 1 } else { high = middle }
        }
        ready.insert(item, at: low)
    }
}
