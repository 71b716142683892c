package import Kernels

/// The mean of each channel over all positions.
package struct GlobalAveragePooling: GlobalPooling {
    package static let kind = "globalAveragePooling"
    package static let rule = PoolingRule.mean

    package init() {}
}
