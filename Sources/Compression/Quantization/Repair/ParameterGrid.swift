internal import Networks
internal import Tensors

/// The real values that the elements of one parameter can have in a quantized network: whole steps.
struct ParameterGrid: Hashable, Sendable {
    /// The full name.
    let name: String
    /// The real size of a step, for each block of `size` elements.
    let steps: [Double]
    let size: Int
    /// The most steps, either way.
    let limit: Double

    /// The nearest number of steps, halves away from zero.
    func integer(_ value: Float, at index: Int) -> Double {
        let integer = (Double(value) / steps[index / size]).rounded(.toNearestOrAwayFromZero)
        return max(-limit, min(limit, integer))
    }

    /// The nearest value on the grid.
    func rounded(_ value: Float, at index: Int) -> Float { Float(integer(value, at: index) * steps[index / size]) }

    /// Whether a value lies more than half a step beyond the last one.
    func cutsOff(_ value: Float, at index: Int) -> Bool { abs(Double(value)) > (limit + 0.5) * steps[index / size] }

    /// All elements, rounded.
    func rounded(_ values: Tensor) -> Tensor {
        Tensor(values.floats.enumerated().map { rounded($1, at: $0) }, shape: values.shape)
    }
}

// MARK: - The grids of a network

extension QuantizedNetwork {
    /// The grids of the parameters that are stored as they are, rounded; not of those that a layer stores in another
    /// form, nor of layers that compute in float32.
    ///
    /// - Parameter network: The float network that was rounded.
    func grids(of network: Network) -> [ParameterGrid] {
        network.nodes.flatMap { node -> [ParameterGrid] in
            guard let layer = sharing.integerLayer(of: node) else { return [] }
            let declared = layer.integerParameters(inputs: network.inputShapes(of: node))
            let parameters = network.parameters(of: node)
            let real = layer.realParameters(of: parameters)
            return declared.compactMap { parameter in
                guard let values = parameters[parameter.name], real[parameter.name] == values else { return nil }
                let name = "\(node.name).\(parameter.name)"
                let steps = steps(of: parameter, in: node)
                return ParameterGrid(
                    name: name, steps: steps, size: values.shape.count / steps.count,
                    limit: parameter.form.hasScales ? 127 : 0x1p31 - 1)
            }
        }
    }

    /// The real size of one integer step of a parameter, for each row or for all.
    private func steps(of parameter: IntegerParameter, in node: Network.Node) -> [Double] {
        switch parameter.form {
        case .weights, .factors: scales(of: "\(node.name).\(parameter.name)").map(\.step)
        case .fixedPoint(let exponent): [.powerOfTwo(exponent)]
        case .bias(let weights, let operand):
            scales(of: "\(node.name).\(weights)").map { scale in
                switch operand {
                case .input: scale.step * activation(of: node.inputs[0]).step
                case .exponent(let exponent): scale.step * .powerOfTwo(exponent)
                }
            }
        }
    }
}

extension Network {
    /// The same network with the parameters of some grids rounded to them.
    func rounding(to grids: [ParameterGrid]) -> Network {
        var changes: [String: Tensor] = [:]
        for grid in grids { changes[grid.name] = parameters[grid.name].map(grid.rounded) }
        return editing(parameters: changes)
    }
}
