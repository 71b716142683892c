/// What can go wrong in a kernel: a matrix that no method can decompose.
package struct KernelError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Code: String, Hashable, Sendable {
        case nonFiniteValue = "non-finite-value"
        case noConvergence = "no-convergence"
    }

    package let code: Code
    package let message: String
    package var description: String { message }

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }
}
