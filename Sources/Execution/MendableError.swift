/// An error of a stage that other values of its options may mend.
package protocol MendableError: Error {
    /// Each as a path within the stage and a value: `retrain.InitialLearnRate=0.001`.
    var settings: [String] { get }
}
