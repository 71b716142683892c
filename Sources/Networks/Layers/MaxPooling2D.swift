package import Kernels

/// The largest element of each window; padding never wins.
package struct MaxPooling2D: Pooling2D {
    package static let kind = "maxPooling2d"
    package static let rule = PoolingRule.largest

    package var size: [Int]
    package var stride: [Int]
    package var padding: Padding

    package init(size: [Int], stride: [Int]? = nil, padding: Padding = .none2D) {
        self.size = size
        self.stride = stride ?? size
        self.padding = padding
    }
}
