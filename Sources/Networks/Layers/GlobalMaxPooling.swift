package import Kernels

/// The largest element of each channel over all positions.
package struct GlobalMaxPooling: GlobalPooling {
    package static let kind = "globalMaxPooling"
    package static let rule = PoolingRule.largest

    package init() {}
}
