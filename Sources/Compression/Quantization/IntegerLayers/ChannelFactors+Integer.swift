internal import Kernels
package import Networks
package import Tensors

/// Layers that do the same to every element of a channel: a table a channel, made in integers.

extension BatchNormalization: IntegerLayer {
    package var outputScale: IntegerOutputScale { .own }

    /// As it computes in inference, `y = scale x + offset`: one factor and one offset a channel, for what no convolution
    /// or dense layer could take over.
    package func integerParameters(inputs: [Shape]) -> [IntegerParameter] {
        let shape: Shape = [inputs[0][0]]
        return [
            IntegerParameter("scale", shape, .factors),
            IntegerParameter("offset", shape, .bias(of: "scale", reading: .input)),
        ]
    }

    package func realParameters(of parameters: [String: Tensor]) -> [String: Tensor] {
        guard let scale = parameters["scale"], let offset = parameters["offset"], let mean = parameters["mean"],
            let variance = parameters["variance"]
        else { return [:] }
        let affine = AffineForm(
            scale: scale.floats, offset: offset.floats, mean: mean.floats, variance: variance.floats, epsilon: epsilon)
        return [
            "scale": Tensor(affine.factors.map { Float($0) }), "offset": Tensor(affine.offsets.map { Float($0) }),
        ]
    }

    package func integerOperation(in place: IntegerPlace) throws(CompressionError) -> any IntegerOperation {
        let (factors, zeroPoint, output) = (place.int8s("scale"), place.inputs[0].zeroPoint, place.output(of: "scale"))
        let offsets = place.int32s("offset", count: factors.count)
        return IntegerTable(in: place, isPerChannel: true) { channel, x in
            output(Int32(factors[channel]) * (Int32(x) - Int32(zeroPoint)) &+ offsets[channel], channel: channel)
        }
    }
}

extension PReLU: IntegerLayer {
    package var outputScale: IntegerOutputScale { .own }

    package func integerParameters(inputs: [Shape]) -> [IntegerParameter] {
        [IntegerParameter("slope", [inputs[0][0]], .factors)]
    }

    package func integerOperation(in place: IntegerPlace) throws(CompressionError) -> any IntegerOperation {
        let (slopes, zeroPoint) = (place.int8s("slope"), Int32(place.inputs[0].zeroPoint))
        let above = place.output([Rescaling(place.inputs[0].scale, to: place.output.scale)])
        let below = place.output(of: "slope")
        return IntegerTable(in: place, isPerChannel: true) { channel, x in
            let difference = Int32(x) - zeroPoint
            return difference > 0 ? above(difference) : below(Int32(slopes[channel]) * difference, channel: channel)
        }
    }
}
