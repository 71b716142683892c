package import Networks

/// Networks of the published worked examples, as architectures without parameters.
package enum ExampleNetworks {
    /// Classifies a signal: two convolutions, global average pooling, two dense layers; 1,586 parameters.
    package static func road(filters: [Int] = [16, 16], steps: Int = 200) throws -> Network {
        var chain = Chain("input", SequenceInput(channels: 1, steps: steps, normalization: .zscore))
        for (index, count) in filters.enumerated() {
            chain.append("conv1d_\(index + 1)", Convolution1D(filters: count, filterSize: 3, padding: .same))
            chain.append("bn_\(index + 1)", BatchNormalization())
            chain.append("relu_\(index + 1)", ReLU())
        }
        chain.append("pool", GlobalAveragePooling())
        chain.append("fc_1", Dense(outputs: 32))
        chain.append("relu_3", ReLU())
        chain.append("fc_2", Dense(outputs: 2))
        chain.append("softmax", Softmax())
        return try Network(nodes: chain.nodes)
    }

    /// Reads digits: three convolutions of 20 filters and a dense layer; 123,090 learnables.
    package static func digits() throws -> Network {
        var chain = Chain("input", ImageInput(height: 28, width: 28, channels: 1, normalization: .zerocenter))
        for (index, size) in [5, 3, 3].enumerated() {
            let padding: Padding = size == 5 ? .none2D : .explicit([1, 1, 1, 1])
            chain.append("conv_\(index + 1)", Convolution2D(filters: 20, filterSize: [size, size], padding: padding))
            chain.append("bn_\(index + 1)", BatchNormalization())
            chain.append("relu_\(index + 1)", ReLU())
        }
        chain.append("flatten", Flatten())
        chain.append("fc", Dense(outputs: 10))
        chain.append("softmax", Softmax())
        return try Network(nodes: chain.nodes)
    }

    /// Tells nine speakers by two vowels: an LSTM and a dense layer; 46,109 learnables.
    package static func vowels() throws -> Network {
        var chain = Chain("input", SequenceInput(channels: 12, steps: 29))
        chain.append("lstm", LSTM(units: 100, outputMode: .last))
        chain.append("fc", Dense(outputs: 9))
        chain.append("softmax", Softmax())
        return try Network(nodes: chain.nodes)
    }

    /// A residual network for 32 x 32 images: nine units of two convolutions in three stages; 273,258 learnables.
    package static func resNet() throws -> Network {
        var chain = Chain("input", ImageInput(height: 32, width: 32, channels: 3, normalization: .zscore))
        chain.convolution("conv_in", 16, size: 3, stride: 1)
        chain.append("relu_in", ReLU())
        for (stage, width) in [16, 32, 64].enumerated() {
            for unit in 0..<3 {
                let name = "stage\(stage + 1)_unit\(unit + 1)"
                let (entry, stride) = (chain.last, stage > 0 && unit == 0 ? 2 : 1)
                chain.convolution("\(name)_conv1", width, size: 3, stride: stride)
                chain.append("\(name)_relu1", ReLU())
                chain.convolution("\(name)_conv2", width, size: 3, stride: 1)
                let body = chain.last
                var skip = entry
                if stride == 2 {
                    chain.last = entry
                    chain.convolution("\(name)_skip", width, size: 1, stride: 2)
                    skip = chain.last
                }
                chain.nodes.append(Network.Node("\(name)_add", Add(), inputs: [body, skip]))
                chain.last = "\(name)_add"
                chain.append("\(name)_relu2", ReLU())
            }
        }
        chain.append("pool", GlobalAveragePooling())
        chain.append("fc", Dense(outputs: 10))
        chain.append("softmax", Softmax())
        return try Network(nodes: chain.nodes)
    }
}

/// Nodes in a row.
private struct Chain {
    var nodes: [Network.Node]
    var last: String

    init(_ name: String, _ layer: any Layer) {
        nodes = [Network.Node(name, layer, inputs: [])]
        last = name
    }

    mutating func append(_ name: String, _ layer: any Layer) {
        nodes.append(Network.Node(name, layer, inputs: [last]))
        last = name
    }

    mutating func convolution(_ name: String, _ filters: Int, size: Int, stride: Int) {
        let layer = Convolution2D(
            filters: filters, filterSize: [size, size], stride: [stride, stride], padding: .same)
        append(name, layer)
        append("\(name)_bn", BatchNormalization())
    }
}
