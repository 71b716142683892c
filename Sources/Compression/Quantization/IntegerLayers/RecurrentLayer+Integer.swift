internal import Kernels
package import Networks
package import Tensors

/// Recurrent layers, with int8 weights and states in int16.
///
/// Products with weights are 32-bit sums of int8 or int16 integers, brought to steps of 2^-16, added up with the bias,
/// rounded to Q3.12 and put through ``GateFunctions``. Hidden states are in steps of 2^-15 and become int8 at the output
/// alone. The cell of an LSTM is in steps of a power of two from calibration. What a projector makes is int16 in steps
/// of the smallest power of two that its weights cannot exceed.

extension LSTM: IntegerLayer {}
extension BiLSTM: IntegerLayer {}
extension GRU: IntegerLayer {}
extension BiGRU: IntegerLayer {}

extension IntegerLayer where Self: RecurrentLayer {
    package var outputScale: IntegerOutputScale { .own }
    package var carriedStates: [String] { cell == .lstm ? ["cell"] : [] }

    package func integerParameters(inputs: [Shape]) -> [IntegerParameter] {
        parameters(inputs: inputs).filter { $0.role == .learnable }.map { specification in
            let isBias = specification.shape.rank == 1
            return IntegerParameter(
                specification.name, specification.shape,
                isBias ? .fixedPoint(exponent: GateFunctions.sumExponent) : .weights)
        }
    }

    package func integerOperation(in place: IntegerPlace) throws(CompressionError) -> any IntegerOperation {
        var directions: [IntegerRecurrentDirection] = []
        for index in 0..<Self.directions {
            directions.append(try IntegerRecurrentDirection(self, index: index, of: Self.directions, in: place))
        }
        return IntegerRecurrent(
            directions: directions, units: units, channels: place.inputShapes[0][0],
            zeroPoint: Int16(place.inputs[0].zeroPoint), isLast: outputMode == .last,
            output: place.output([
                Rescaling(.exponent(Int8(GateFunctions.hiddenExponent)), to: place.output.scale)
            ]))
    }
}

/// Each direction on its own, the second from the last step to the first.
private struct IntegerRecurrent: IntegerOperation {
    let directions: [IntegerRecurrentDirection]
    let units: Int
    let channels: Int
    let zeroPoint: Int16
    let isLast: Bool
    let output: IntegerOutput

    func run(_ inputs: [[Int8]]) -> [Int8] {
        let steps = inputs[0].count / channels
        let columnStep = (channels + 1) / 2 * 2
        var columns = [Int16](repeating: 0, count: steps * columnStep)
        for channel in 0..<channels {
            for step in 0..<steps {
                columns[step * columnStep + channel] = Int16(inputs[0][channel * steps + step]) - zeroPoint
            }
        }
        let kept = isLast ? 1 : steps
        var hidden = [Int32](repeating: 0, count: directions.count * units * kept)
        for (index, direction) in directions.enumerated() {
            let order = index == 0 ? Array(0..<steps) : (0..<steps).reversed()
            direction.run(columns, order: order) { step, state in
                for unit in 0..<units {
                    hidden[(index * units + unit) * kept + (isLast ? 0 : step)] = Int32(state[unit])
                }
            }
        }
        return output(hidden, channels: directions.count * units)
    }
}
