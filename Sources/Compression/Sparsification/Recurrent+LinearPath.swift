internal import Kernels
internal import Networks
internal import Tensors

/// All gates add up, step by step; the hidden state that a step finds is taken for the mean of the layer's input.
extension LinearPath where Self: RecurrentLayer {
    func pathWeights(_ parameter: (String) -> [Double]) -> [Double] {
        (parameter("inputWeights") + parameter("recurrentWeights")).map(abs)
    }

    func forEachRun(inputs: [Shape], output: Shape, _ body: (PathRun) -> Void) {
        let (channels, steps, gates) = (inputs[0][0], inputs[0][1], cell.gates)
        let recurrent = Self.directions * gates * units * channels
        let isLast = output.rank == 1
        for row in 0..<Self.directions * gates * units {
            let unit = row / (gates * units) * units + row % units
            for channel in 0..<channels {
                body(
                    PathRun(
                        input: channel * steps, output: isLast ? unit : unit * steps, outputStride: isLast ? 0 : 1,
                        weight: row * channels + channel, factor: isLast ? 1 / Double(steps) : 1, count: steps))
            }
            for other in 0..<units {
                for channel in 0..<channels {
                    body(
                        PathRun(
                            input: channel * steps, output: isLast ? unit : unit * steps,
                            outputStride: isLast ? 0 : 1, weight: recurrent + row * units + other,
                            factor: 1 / Double(isLast ? channels * steps : channels), count: steps))
                }
            }
        }
    }
}

extension LSTM: LinearPath {}
extension BiLSTM: LinearPath {}
extension GRU: LinearPath {}
extension BiGRU: LinearPath {}
