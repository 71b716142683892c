internal import Tensors

// Sequences of unequal length: a batch holds sequences of at most as many steps as the input layer says, each followed
// by padding. Values and gradients of padding are exactly zero at every node; every layer says how many steps of its
// output are valid.

extension Network {
    /// How many steps of the sequences the network reads at most; `nil` if it reads no sequences.
    package var inputSteps: Int? {
        guard inputs.count == 1, let shape = shape(of: inputs[0].name), shape.rank == 2 else { return nil }
        return shape[1]
    }

    /// Checks that the network can take sequences of the given lengths, one for each example.
    ///
    /// - Throws: ``NetworkError`` with code `notComputable` that names the layer which cannot follow them, or with code
    ///   `shapeMismatch` for a sequence that is too long or too short.
    package func check(steps: [Int]) throws(NetworkError) {
        guard let longest = inputSteps else {
            let shape = inputs.first.flatMap { self.shape(of: $0.name) } ?? []
            throw NetworkError(
                .notComputable, layer: inputs.first?.name,
                "reads \(shape), which has no steps; sequences of unequal length need a 'sequenceInput'")
        }
        if let row = steps.firstIndex(where: { !(1...longest).contains($0) }) {
            throw NetworkError(
                .shapeMismatch, layer: inputs[0].name,
                "reads sequences of 1 to \(longest) steps; example \(row) has \(steps[row])")
        }
        guard let shortest = steps.min(), shortest < longest else { return }
        // A layer that cannot follow says so for any length, a window that does not fit for the shortest.
        for length in Set(steps).sorted() {
            guard let index = try validSteps(ofInput: length).firstIndex(of: 0) else { continue }
            var fitting = length + 1
            while try validSteps(ofInput: fitting).contains(0) { fitting += 1 }
            throw NetworkError(
                .shapeMismatch, layer: nodes[index].name,
                "is left no step of a sequence of \(length); drop sequences of fewer than \(fitting) steps, "
                    + "or pad by 'padding: same'")
        }
    }

    /// The valid steps of each node's output for a sequence of the given length at the input; `nil` for an output
    /// without steps, zero for one that a window does not fit.
    ///
    /// - Throws: ``NetworkError`` that names the layer which cannot follow sequences of unequal length.
    func validSteps(ofInput length: Int) throws(NetworkError) -> [Int?] {
        var counts: [Int?] = []
        for (node, output) in zip(nodes, shapes) {
            guard !node.inputs.isEmpty else {
                counts.append(length)
                continue
            }
            let sources = node.inputs.compactMap(index(of:))
            guard sources.contains(where: { counts[$0] != nil }) else {
                counts.append(nil)
                continue
            }
            // What has no steps is valid as a whole.
            let inputs = sources.map { counts[$0] ?? shapes[$0].count / max(1, shapes[$0][0]) }
            do {
                let steps = try node.layer.steps(of: inputs, shapes: sources.map { shapes[$0] }, output: output)
                counts.append(inputs.contains(0) ? steps.map { _ in 0 } : steps)
            } catch {
                throw error.of(node.name)
            }
        }
        return counts
    }
}
