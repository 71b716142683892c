package import Kernels
package import Tensors
package struct Dataset: Sendable {
    package let name: String
    package let inputShape: Shape
    package let examples: FloatBuffer
    package let labels: [Int]
    package let classes: [String]
    package var count: Int { labels.count }
}
