package import Datasets
package import Networks

extension CompiledNetwork {
    /// Sets the input of the next forward pass to some examples of a data set.
    ///
    /// - Parameters:
    ///   - rows: Indices of examples, no more than the batch capacity.
    ///   - augmenter: What changes them, if they are to be changed.
    ///   - epoch: What it draws by, with the rows.
    /// - Throws: `DatasetError` if a file has changed since it was opened.
    package func setInput(
        _ data: Dataset, rows: ArraySlice<Int>, augmenter: Augmenter? = nil, epoch: Int = 0
    ) throws(DatasetError) {
        let steps = data.steps.map { steps in rows.map { steps[$0] } }
        unsafe try setInput(count: rows.count, steps: steps) { target throws(DatasetError) in
            unsafe try data.copy(rows, to: target)
            unsafe augmenter?.apply(to: target, rows: rows, steps: steps, epoch: epoch)
        }
    }
}
