extension ValidationRecord {
    /// What the validations of a training with these options would record of a network.
    package init(_ evaluation: Evaluation, step: Int, options: TrainingOptions) {
        self.init(
            step: step, loss: evaluation.loss, accuracy: evaluation.value(of: .accuracy),
            rmse: evaluation.value(of: .rmse))
        let isMissing = value(of: options.objectiveMetric) == nil
        for metric in options.metrics + (isMissing ? [options.objectiveMetric] : []) {
            metrics[metric.rawValue] = evaluation.value(of: metric, k: options.topK)
        }
    }
}
