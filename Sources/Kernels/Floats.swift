/// Float memory that a kernel works on: part of a ``FloatBuffer`` that outlives the call.
package typealias Floats = UnsafeMutablePointer<Float>
