package import Kernels

/// The mean of each window over the elements that are inside the input.
package struct AveragePooling2D: Pooling2D {
    package static let kind = "averagePooling2d"
    package static let rule = PoolingRule.mean

    package var size: [Int]
    package var stride: [Int]
    package var padding: Padding

    package init(size: [Int], stride: [Int]? = nil, padding: Padding = .none2D) {
        self.size = size
        self.stride = stride ?? size
        self.padding = padding
    }
}
