import Kernels
import Networks
import Tensors
import TestSupport
import Testing

/// Everything that must hold for a layer of any kind, for inputs of the given shapes.
///
/// In inference and in training mode: the shape that it infers is the one that the reference computes; output, changes
/// of states, and the gradients of inputs and learnables are those of the reference in double precision; and all of
/// them are the same bytes with one, two and three threads. Its attributes read back as an equal layer.
func checkLayer(
    _ layer: any Layer, inputs shapes: [Shape], examples: Int = 3, seed: UInt64 = 1,
    sourceLocation: SourceLocation = #_sourceLocation
) throws {
    let network = try RandomNetworks.randomized(try networkAround(layer, inputs: shapes), seed: seed)
    let inputShape = try #require(network.shape(of: "input"), sourceLocation: sourceLocation)
    var random = SeededGenerator(seed: seed)
    let input = random.spaced(examples * inputShape.count)

    let readBack = try LayerKinds.layer(kind: layer.kind, attributes: layer.attributes)
    #expect(readBack == layer, sourceLocation: sourceLocation)

    for isTraining in [false, true] {
        let about =
            "\(layer.kind) \(layer.attributes) of \(shapes), \(examples) examples, seed \(seed), "
            + (isTraining ? "training" : "inference")
        var reference = ReferenceNetwork(
            network, mode: isTraining ? .training(dropoutSeed: seed, step: 5) : .inference)
        let doubles = input.map(Double.init)
        let shape = try #require(network.shape(of: "layer"), sourceLocation: sourceLocation)
        let weights = random.signed(examples * shape.count)
        let gradients = try reference.gradients(
            of: "layer", weights: weights.map(Double.init), input: doubles, count: examples)
        let output = try #require(
            try reference.values(of: doubles, count: examples, changesStates: isTraining)["layer"],
            sourceLocation: sourceLocation)
        #expect(output.shape == shape, "\(about): shape", sourceLocation: sourceLocation)

        var runs: [LayerRun] = []
        for threads in 1...3 {
            let compiled = try CompiledNetwork(
                network, batchCapacity: examples + 2, purpose: .training, pool: WorkerPool(threads: threads))
            compiled.setInput(input, count: examples)
            compiled.forward(count: examples, mode: isTraining ? .training(dropoutSeed: seed, step: 5) : .inference)
            // Twice: a second pass must overwrite what the first left.
            for _ in 0..<2 {
                compiled.gradient(of: "layer").copy(from: weights)
                compiled.backward(from: "layer", count: examples)
            }
            runs.append(LayerRun(compiled, examples: examples))
        }
        #expect(runs[1] == runs[0], "\(about): two threads", sourceLocation: sourceLocation)
        #expect(runs[2] == runs[0], "\(about): three threads", sourceLocation: sourceLocation)

        func check(_ actual: [Float], _ expected: [Double], _ shape: Shape, _ what: String) {
            let scale = expected.map(abs).max() ?? 0
            expectClose(
                actual, expected, shape: shape, relative: 1e-5, absolute: 4e-6 * max(scale, 0.1), "\(about): \(what)",
                sourceLocation: sourceLocation)
        }
        check(runs[0].output, output.elements, Shape([examples] + shape.dimensions), "output")
        check(runs[0].inputGradient, gradients.input, Shape([examples] + inputShape.dimensions), "input gradient")
        var (learnable, state) = (0, 0)
        for (name, specification) in network.specifications {
            let count = specification.shape.count
            switch specification.role {
            case .learnable:
                check(
                    Array(runs[0].learnableGradients[learnable..<learnable + count]), gradients.learnables[name] ?? [],
                    specification.shape, "gradient of \(name)")
                learnable += count
            case .state:
                check(
                    Array(runs[0].states[state..<state + count]), reference.parameters[name] ?? [],
                    specification.shape, name)
                state += count
            case .constant: break
            }
        }
    }
}

/// What a run leaves, to be compared bit by bit.
struct LayerRun: Equatable {
    let output: [Float]
    let inputGradient: [Float]
    let learnableGradients: [Float]
    let states: [Float]

    init(_ compiled: CompiledNetwork, examples: Int, node: String = "layer") {
        func first(_ buffer: FloatBuffer) -> [Float] {
            buffer.array(in: 0..<buffer.count / compiled.batchCapacity * examples)
        }
        output = first(compiled.values(of: node))
        inputGradient = first(compiled.gradient(of: "input"))
        learnableGradients = compiled.learnableGradients.array
        states = compiled.states.array
    }

    static func == (left: LayerRun, right: LayerRun) -> Bool {
        func bits(_ run: LayerRun) -> [[UInt32]] {
            [run.output, run.inputGradient, run.learnableGradients, run.states].map { $0.map(\.bitPattern) }
        }
        return bits(left) == bits(right)
    }
}

/// A network with one layer named `layer` that reads inputs of the given shapes, all made from the node `input`.
func networkAround(_ layer: any Layer, inputs shapes: [Shape]) throws -> Network {
    // One image, and a vector as one step, are there already; anything else is cut and shaped from a sequence.
    let counts = shapes.map { $0.dimensions.dropFirst().reduce(1, *) }
    let isImage = shapes.count == 1 && shapes[0].rank == 3
    let input: any Layer =
        isImage
        ? ImageInput(height: shapes[0][1], width: shapes[0][2], channels: shapes[0][0])
        : SequenceInput(channels: shapes[0][0], steps: counts.max() ?? 1)
    var nodes = [Network.Node("input", input, inputs: [])]
    var sources: [String] = []
    for (index, shape) in shapes.enumerated() {
        var source = "input"
        func append(_ name: String, _ layer: any Layer) {
            nodes.append(Network.Node("\(name)\(index)", layer, inputs: [source]))
            source = "\(name)\(index)"
        }
        if shapes.count > 1 { append("branch", Convolution1D(filters: shape[0], filterSize: 1)) }
        if counts[index] < counts.max() ?? 1 { append("cut", Slice(axis: .steps, length: counts[index])) }
        if shape.rank == 1 { append("flat", Flatten()) }
        if shape.rank == 3, !isImage { append("image", Reshape(positions: [shape[1], shape[2]])) }
        sources.append(source)
    }
    nodes.append(Network.Node("layer", layer, inputs: sources))
    return try Network(nodes: nodes)
}
