/// Why a file holds no network or no tensors that can be used.
///
/// The message does not name the file: who read the bytes knows its path and puts it in front.
package struct InterchangeError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Code: String, Hashable, Sendable {
        /// The file ends before what its header promises.
        case truncated
        /// The bytes are not of the safetensors format.
        case notSafetensors = "not-safetensors"
        /// An entry of the header that contradicts itself, another entry or the size of the file.
        case invalidTensor = "invalid-tensor"
        /// An element type that Pare does not use.
        case unsupportedType = "unsupported-type"
        /// A sound file of tensors that does not describe a network.
        case invalidNetwork = "invalid-network"
        /// A network of another form, such as a quantized one where a float32 one is read.
        case otherForm = "other-form"
        /// A network file of a version that this program does not know.
        case unsupportedVersion = "unsupported-version"
    }

    package let code: Code
    package let message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { message }
}
