/// The computation of one layer inside a compiled network.
package protocol LayerOperation {}
