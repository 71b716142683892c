import Networks
import Tensors
import TestSupport
import Testing

/// Every kind of layer against the reference, over many small shapes; see ``checkLayer(_:inputs:examples:seed:)``.
@Suite struct LayerTests {
    /// Nineteen examples make chunks of two: what a chunk adds up, and where its examples lie.
    @Test func `every kind equals its reference when a chunk has several examples`() throws {
        let sequences: [any Layer] = [
            Convolution1D(filters: 3, filterSize: 2), Convolution1D(filters: 2, filterSize: 2, stride: 2),
            BatchNormalization(), ReLU(), Dropout(probability: 0.4), Flatten(), MaxPooling1D(size: 2),
            AveragePooling1D(size: 2), GlobalAveragePooling(), GlobalMaxPooling(),
        ]
        for layer in sequences { try checkLayer(layer, inputs: [[2, 4]], examples: 19) }
        for layer in [Dense(outputs: 3), Softmax(), BatchNormalization()] as [any Layer] {
            try checkLayer(layer, inputs: [[18]], examples: 19)
        }
        for layer in [Add(), Concatenate()] as [any Layer] {
            try checkLayer(layer, inputs: [[2, 3], [2, 3]], examples: 19)
        }
    }

    @Test(arguments: [1, 2, 5, 16, 17, 40, 83], [1, 2, 4, 5, 9])
    func `dense equals its reference`(inputs: Int, outputs: Int) throws {
        try checkLayer(Dense(outputs: outputs), inputs: [[inputs]])
        try checkLayer(Dense(outputs: outputs, hasBias: false), inputs: [[inputs]], examples: 1)
    }

    @Test(arguments: [[1, 7], [3, 1], [3, 8], [2, 21], [5]], [2, 3, 35])
    func `batch normalization equals its reference`(shape: [Int], examples: Int) throws {
        try checkLayer(BatchNormalization(), inputs: [Shape(shape)], examples: examples)
        try checkLayer(BatchNormalization(epsilon: 0.01, momentum: 0.3), inputs: [Shape(shape)], examples: examples)
    }

    @Test(arguments: [[1, 1], [3, 5], [2, 17], [6]])
    func `element by element layers equal their references`(shape: [Int]) throws {
        try checkLayer(ReLU(), inputs: [Shape(shape)])
        try checkLayer(Dropout(probability: 0.4), inputs: [Shape(shape)])
        try checkLayer(Dropout(probability: 0), inputs: [Shape(shape)])
        try checkLayer(Flatten(), inputs: [Shape(shape)])
    }

    @Test(arguments: [1, 2, 3, 10, 17])
    func `softmax equals its reference`(classes: Int) throws {
        try checkLayer(Softmax(), inputs: [[classes]])
    }

    @Test(arguments: [1, 2, 3, 5], [1, 2, 3, 6])
    func `pooling equals its reference`(size: Int, stride: Int) throws {
        for padding in [Padding.none1D, .same, .causal, .explicit([size - 1, size / 2])] {
            for steps in [5, 6, 19] {
                let layers: [any Layer] = [
                    MaxPooling1D(size: size, stride: stride, padding: padding),
                    AveragePooling1D(size: size, stride: stride, padding: padding),
                ]
                for layer in layers where (try? layer.outputShape(of: [[2, steps]])) != nil {
                    try checkLayer(layer, inputs: [[2, steps]], examples: 2)
                }
            }
        }
    }

    @Test func `average pooling over more than a vector equals its reference`() throws {
        try checkLayer(AveragePooling1D(size: 37, stride: 5), inputs: [[2, 50]])
    }

    @Test(arguments: [[1, 1], [3, 5], [4, 50]])
    func `global pooling equals its reference`(shape: [Int]) throws {
        try checkLayer(GlobalAveragePooling(), inputs: [Shape(shape)])
        try checkLayer(GlobalMaxPooling(), inputs: [Shape(shape)])
    }

    @Test func `layers of several inputs equal their references`() throws {
        try checkLayer(Add(), inputs: [[3, 4], [3, 4]])
        try checkLayer(Add(), inputs: [[2], [2], [2]])
        try checkLayer(Concatenate(), inputs: [[3, 4], [1, 4]])
        try checkLayer(Concatenate(), inputs: [[2], [3], [1]])
    }

    /// Kinds that have tests of their own family say so in their file.
    @Test func `every kind is tested`() throws {
        let tested: Set = [
            "dense", "batchNormalization", "relu", "dropout", "flatten", "softmax", "maxPooling1d",
            "averagePooling1d", "globalAveragePooling", "globalMaxPooling", "add", "concatenate",
            "lstm", "bilstm", "gru", "bigru",
        ]
        let kinds = LayerKinds.all.map { $0.kind }
        #expect(Set(kinds) == tested.union(SimpleLayerTests.kinds).union(ConvolutionTests.kinds))
    }
}
