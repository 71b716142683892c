internal import CKernels

/// The instruction set that the kernels use on this machine.
package enum InstructionSet {
    /// Such as `x86-64-v4`; results are the same bytes on machines where it is the same.
    package static var current: String { String(cString: pare_instruction_set()) }
}
