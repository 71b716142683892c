package import Tensors

/// A network as a value: layers, connections, and parameters by name.
///
/// Compression is a function from network to network. A network may lack some or all of its parameters (an
/// architecture); what it has always fits its layers. Nodes stand in an order in which every node follows its inputs.
package struct Network: Sendable {
    /// A layer in its place.
    package struct Node: Sendable {
        package var name: String
        package var layer: any Layer
        /// Names of the nodes whose outputs it reads.
        package var inputs: [String]
        /// The layer that projection replaced by this node and its neighbours; `nil` for a plain node.
        package var projectedFrom: String?

        package init(_ name: String, _ layer: any Layer, inputs: [String], projectedFrom: String? = nil) {
            self.name = name
            self.layer = layer
            self.inputs = inputs
            self.projectedFrom = projectedFrom
        }
    }

    package let nodes: [Node]
    /// The shape of one output example of each node, in the order of `nodes`.
    package let shapes: [Shape]
    /// Tensors under `<node>.<parameter>`.
    package private(set) var parameters: [String: Tensor]
    private let indices: [String: Int]

    /// Checks the graph, infers every shape and checks that the parameters fit.
    ///
    /// - Parameters:
    ///   - nodes: In any order; stored so that each follows its inputs, otherwise in the order given.
    ///   - parameters: Any part of the parameters; all others count as missing.
    /// - Throws: ``NetworkError`` for duplicate or unknown names, a cycle, shapes that do not fit, or a parameter that
    ///   no layer has or that has another shape.
    package init(nodes: [Node], parameters: [String: Tensor] = [:]) throws(NetworkError) {
        let sorted = try Self.sorted(nodes)
        var indices: [String: Int] = [:]
        var shapes: [Shape] = []
        for (index, node) in sorted.enumerated() {
            let inputs = node.inputs.map { shapes[indices[$0] ?? 0] }
            guard node.layer.inputCount.contains(inputs.count) else {
                throw NetworkError(
                    .invalidGraph, layer: node.name,
                    "has \(inputs.count) inputs; '\(node.layer.kind)' takes \(Self.text(node.layer.inputCount))")
            }
            do {
                shapes.append(try node.layer.outputShape(of: inputs))
                try Self.checkSizes([shapes[index]] + node.layer.parameters(inputs: inputs).map(\.shape))
            } catch {
                throw error.of(node.name)
            }
            indices[node.name] = index
        }
        self.nodes = sorted
        self.shapes = shapes
        self.indices = indices
        self.parameters = [:]
        try setParameters(parameters)
    }

    /// Refuses tensors of 2^31 elements and more, before anything multiplies their dimensions.
    private static func checkSizes(_ shapes: [Shape]) throws(NetworkError) {
        for shape in shapes {
            let count = shape.dimensions.reduce(1.0) { $0 * Double($1) }
            guard count < 0x1p31 else { throw NetworkError(.shapeMismatch, "a tensor of \(shape) is too large") }
        }
    }

    private static func text(_ range: ClosedRange<Int>) -> String {
        range.upperBound == Int.max
            ? "\(range.lowerBound) or more"
            : range.count == 1 ? "\(range.lowerBound)" : "\(range.lowerBound) to \(range.upperBound)"
    }
}

// MARK: - Looking up

extension Network {
    package func index(of name: String) -> Int? { indices[name] }
    package func node(_ name: String) -> Node? { indices[name].map { nodes[$0] } }
    package func shape(of name: String) -> Shape? { indices[name].map { shapes[$0] } }

    package func inputShapes(of node: Node) -> [Shape] { node.inputs.compactMap(shape(of:)) }

    /// The nodes that read a node's output, in order.
    package func consumers(of name: String) -> [Node] { nodes.filter { $0.inputs.contains(name) } }

    /// The nodes that no other reads, in order.
    package var outputs: [Node] {
        let read = Set(nodes.flatMap(\.inputs))
        return nodes.filter { !read.contains($0.name) }
    }

    /// The nodes without inputs, in order.
    package var inputs: [Node] { nodes.filter { $0.inputs.isEmpty } }

    /// Every parameter of a node with its full name, in the order of their rows.
    package func specifications(of node: Node) -> [(name: String, specification: ParameterSpecification)] {
        node.layer.parameters(inputs: inputShapes(of: node)).map { ("\(node.name).\($0.name)", $0) }
    }

    /// Every parameter of the network with its full name, in the order of nodes and rows.
    package var specifications: [(name: String, specification: ParameterSpecification)] {
        nodes.flatMap(specifications(of:))
    }

    /// Where each learnable lies in the flat buffers of a ``CompiledNetwork``.
    package var learnableRanges: [(name: String, specification: ParameterSpecification, range: Range<Int>)] {
        var start = 0
        return specifications.filter { $0.specification.role == .learnable }.map { name, specification in
            defer { start += specification.shape.count }
            return (name, specification, start..<start + specification.shape.count)
        }
    }
}

// MARK: - Parameters

extension Network {
    /// Whether no parameter is missing.
    package var isComplete: Bool { specifications.allSatisfy { parameters[$0.name] != nil } }

    /// Replaces some parameters.
    ///
    /// - Throws: ``NetworkError`` if a name is unknown, a shape differs, or the elements are not float32.
    package mutating func setParameters(_ changes: [String: Tensor]) throws(NetworkError) {
        guard !changes.isEmpty else { return }
        let known = Dictionary(uniqueKeysWithValues: specifications.map { ($0.name, $0.specification) })
        for (name, tensor) in changes.sorted(by: { $0.key < $1.key }) {
            guard let specification = known[name] else {
                throw NetworkError(.missingParameter, "no layer has a parameter '\(name)'")
            }
            guard tensor.shape == specification.shape, tensor.elementType == .float32 else {
                throw NetworkError(
                    .shapeMismatch,
                    "parameter '\(name)' is \(tensor.elementType.rawValue) \(tensor.shape); "
                        + "its layer needs F32 \(specification.shape)")
            }
            parameters[name] = tensor
        }
    }

    /// The same network without learnables, states and constants.
    package var architecture: Network {
        var copy = self
        copy.parameters = [:]
        return copy
    }

    /// Gives every missing learnable, state and constant its first value.
    ///
    /// - Parameters:
    ///   - seed: The seed of the random streams.
    ///   - stream: What their names begin with; a parameter's own name follows.
    package func initialized(seed: UInt64, stream: String) -> Network {
        var copy = self
        for (name, specification) in specifications where copy.parameters[name] == nil {
            var random = RandomStream(seed: seed, name: "\(stream)/\(name)")
            copy.parameters[name] = specification.initializer.tensor(shape: specification.shape, random: &random)
        }
        return copy
    }
}

// MARK: - Order

extension Network {
    /// The nodes so that each follows its inputs; among those that are ready, the first given comes first.
    private static func sorted(_ nodes: [Node]) throws(NetworkError) -> [Node] {
        var known: Set<String> = []
        for node in nodes {
            guard !node.name.isEmpty, !node.name.contains(".") else {
                throw NetworkError(.invalidGraph, "'\(node.name)' is no layer name: it is empty or has a dot in it")
            }
            guard known.insert(node.name).inserted else {
                throw NetworkError(.invalidGraph, "two layers have the name '\(node.name)'")
            }
        }
        for node in nodes {
            for input in node.inputs where !known.contains(input) {
                throw NetworkError(.invalidGraph, layer: node.name, "reads '\(input)', which is no layer")
            }
        }
        var (sorted, placed, waiting): ([Node], Set<String>, [Node]) = ([], [], nodes)
        while !waiting.isEmpty {
            let ready = waiting.filter { placed.isSuperset(of: $0.inputs) }
            guard !ready.isEmpty else {
                throw NetworkError(.invalidGraph, layer: waiting[0].name, "is part of a cycle")
            }
            // Take a run of nodes in the given order as long as each is ready.
            var rest: [Node] = []
            for node in waiting {
                if placed.isSuperset(of: node.inputs) {
                    sorted.append(node)
                    placed.insert(node.name)
                } else {
                    rest.append(node)
                }
            }
            waiting = rest
        }
        return sorted
    }
}

extension Network: Equatable {
    package static func == (left: Network, right: Network) -> Bool {
        left.nodes == right.nodes && left.parameters == right.parameters
    }
}

extension Network.Node: Equatable {
    package static func == (left: Network.Node, right: Network.Node) -> Bool {
        left.name == right.name && left.inputs == right.inputs && left.projectedFrom == right.projectedFrom
            && left.layer == right.layer
    }
}
