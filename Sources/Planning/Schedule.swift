/// Which of some items may start, as others finish: the earliest one whose dependencies are done.
package struct Schedule: Sendable {
    private var open: [Int]
    private var dependents: [[Int]]
    private var ready: SmallestFirst

    /// Creates the schedule of items `0 ..< dependencies.count`.
    ///
    /// - Parameter dependencies: For each item those that must finish first, without repetition.
    package init(dependencies: [[Int]]) {
        open = dependencies.map(\.count)
        dependents = Array(repeating: [], count: dependencies.count)
        for (item, before) in dependencies.enumerated() {
            for earlier in before { dependents[earlier].append(item) }
        }
        ready = SmallestFirst(increasing: dependencies.indices.filter { dependencies[$0].isEmpty })
    }

    /// Takes the earliest item that may start; `nil` if none may until another finishes.
    ///
    /// - Complexity: O(log *n*), where *n* is the number of items that may start.
    package mutating func next() -> Int? { ready.popFirst() }

    /// Notes that an item has finished.
    ///
    /// - Complexity: O(log *n*) for each item that may start now.
    package mutating func finish(_ item: Int) {
        for dependent in dependents[item] {
            open[dependent] -= 1
            if open[dependent] == 0 { ready.insert(dependent) }
        }
    }
}

/// Numbers of which the smallest is taken first: a binary heap.
private struct SmallestFirst {
    /// No number is smaller than the one at half its index, counted from 1.
    private var heap: [Int]

    init(increasing numbers: [Int]) { heap = numbers }

    mutating func insert(_ number: Int) {
        heap.append(number)
        var child = heap.count - 1
        while child > 0, case let parent = (child - 1) / 2, heap[parent] > heap[child] {
            heap.swapAt(parent, child)
            child = parent
        }
    }

    mutating func popFirst() -> Int? {
        guard let last = heap.popLast() else { return nil }
        guard let first = heap.first else { return last }
        heap[0] = last
        var parent = 0
        while true {
            let left = 2 * parent + 1
            guard left < heap.count else { return first }
            let child = left + 1 < heap.count && heap[left + 1] < heap[left] ? left + 1 : left
            guard heap[child] < heap[parent] else { return first }
            heap.swapAt(parent, child)
            parent = child
        }
    }
}
