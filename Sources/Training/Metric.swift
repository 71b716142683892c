package import Datasets

/// A figure by which networks are judged; the names are those of recipes.
package enum Metric: String, Codable, Hashable, Sendable, CaseIterable {
    /// What is minimized, or that of the task.
    case loss
    /// The share of examples that are taken for their class.
    case accuracy
    /// The share of examples whose class is among the `k` of highest score.
    case topK
    /// The mean over classes of the share of those taken for it that is of it.
    case precision
    /// The mean over classes of the share of its examples that is taken for it.
    case recall
    /// The mean over classes of the harmonic mean of precision and recall.
    case f1
    /// The area under the receiver operating characteristic: the probability that an example of the class scores higher
    /// than one that is not. Of more than two classes the mean over classes.
    case auc
    /// The root of the mean square of the error.
    case rmse
    /// The mean absolute error.
    case mae
    /// The share of the targets' variance that is predicted; the mean over targets.
    case r2

    package var isHigherBetter: Bool {
        switch self {
        case .loss, .rmse, .mae: false
        default: true
        }
    }

    /// Why it cannot be measured of such targets, if it cannot.
    ///
    /// - Parameters:
    ///   - option: What asked for it, for the message.
    ///   - name: The name of the data set.
    ///   - metric: What was asked for, if it is not the metric itself but made as it is.
    package func fault(
        on targets: Targets, named name: String, topK: Int, option: String, asked metric: String? = nil
    ) -> TrainingError? {
        let metric = metric ?? rawValue
        switch targets {
        case .values:
            guard ![.loss, .rmse, .mae, .r2].contains(self) else { return nil }
            return TrainingError(
                .invalidOption, "metric '\(metric)' is of classes, and the targets of '\(name)' are values",
                option: option, help: "choose of rmse, mae, r2, loss")
        case .classes(let classes, _):
            guard ![.rmse, .mae, .r2].contains(self) else {
                return TrainingError(
                    .invalidOption, "metric '\(metric)' is of values, and the targets of '\(name)' are classes",
                    option: option, help: "choose of accuracy, topK, precision, recall, f1, auc, loss")
            }
            guard self != .topK || topK <= classes.count else {
                return TrainingError(
                    .invalidOption, "'topK' is \(topK), and '\(name)' has \(classes.count) classes", option: option,
                    help: "set 'topK' to less than \(classes.count)")
            }
            return nil
        }
    }
}
