import Foundation
import Testing
import Training

@Suite struct TrainingOptionsTests {
    @Test(arguments: [
        (TrainingOptions.Schedule.none, [1.0, 1, 1, 1, 1, 1, 1]),
        (.piecewise, [1, 1, 1, 0.5, 0.5, 0.5, 0.25]),
        (.cosine, [1, 0.9330127018922194, 0.75, 0.5, 0.25, 0.0669872981077807, 0]),
    ])
    func `a schedule gives the learn rate of each epoch`(schedule: TrainingOptions.Schedule, rates: [Double]) {
        var options = TrainingOptions()
        options.initialLearnRate = 1
        options.schedule = schedule
        options.dropFactor = 0.5
        options.dropPeriod = 3
        options.maxEpochs = 6
        for (epoch, rate) in rates.enumerated() {
            #expect(abs(options.learnRate(epoch: epoch, step: 4 * epoch, stepsPerEpoch: 4) - rate) < 1e-15)
        }
    }

    /// Four steps an epoch; the schedule drops by half after each.
    @Test(
        arguments: [
            (2, [0.125, 0.25, 0.375, 0.5, 0.3125, 0.375, 0.4375, 0.5, 0.25]),
            (0.5, [0.5, 1, 1, 1, 0.5, 0.5, 0.5, 0.5, 0.25]), (0.0, [1, 1, 1, 1, 0.5, 0.5, 0.5, 0.5, 0.25]),
        ] as [(Double, [Double])])
    func `a learn rate that warms up grows step by step to that of the schedule`(epochs: Double, rates: [Double]) {
        var options = TrainingOptions()
        options.initialLearnRate = 1
        options.schedule = .piecewise
        options.dropFactor = 0.5
        options.dropPeriod = 1
        options.warmupEpochs = epochs
        for (step, rate) in rates.enumerated() {
            let given = options.learnRate(epoch: step / 4, step: step, stepsPerEpoch: 4)
            #expect(abs(given - rate) < 1e-15, "step \(step): \(given) for \(rate)")
        }
    }

    @Test func `options have the names of recipes`() throws {
        var options = TrainingOptions()
        options.classWeights = .balanced
        options.gradientThreshold = 2
        options.metrics = [.auc]
        options.loss = .huber
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        let text = String(decoding: try encoder.encode(options), as: UTF8.self)
        #expect(
            text == #"{"Epsilon":1e-08,"GradientDecayFactor":0.9,"GradientThreshold":2,"#
                + #""GradientThresholdMethod":"global-l2norm","InitialLearnRate":0.001,"L2Regularization":0.0001,"#
                + #""LearnRateDropFactor":0.1,"LearnRateDropPeriod":10,"LearnRateSchedule":"none","MaxEpochs":30,"#
                + #""Metrics":["auc"],"MiniBatchSize":128,"Momentum":0.9,"ObjectiveMetricName":"loss","#
                + #""OutputNetwork":"last-iteration","Shuffle":"every-epoch","SquaredGradientDecayFactor":0.999,"#
                + #""classWeights":"balanced","groupByLength":true,"huberDelta":1,"labelSmoothing":0,"loss":"huber","solver":"adam","#
                + #""topK":5,"warmupEpochs":0}"#)
        #expect(try JSONDecoder().decode(TrainingOptions.self, from: Data(text.utf8)) == options)
        options.classWeights = .given([1, 2.5])
        #expect(try JSONDecoder().decode(TrainingOptions.self, from: encoder.encode(options)) == options)
    }

    @Test func `balanced weights make every class count the same`() throws {
        let weights = try ClassWeights.balanced.weights(labels: [0, 0, 0, 1], classes: ["a", "b"])
        #expect(weights == [Float(4.0 / 6), 2])
    }

    @Test func `class weights that do not fit are refused`() {
        func expect(_ weights: ClassWeights, _ error: TrainingError) {
            #expect(throws: error) { try weights.weights(labels: [0, 0], classes: ["a", "b"]) }
        }
        expect(
            .given([1]),
            TrainingError(
                .invalidOption, "'classWeights' has 1 weights for 2 classes", option: "classWeights",
                help: "give one for each of a, b"))
        expect(
            .given([1, -2]),
            TrainingError(
                .invalidOption, "'classWeights' is [1.0, -2.0]; expected weights of zero or more, not all zero",
                option: "classWeights"))
        expect(
            .given([0, 0]),
            TrainingError(
                .invalidOption, "'classWeights' is [0.0, 0.0]; expected weights of zero or more, not all zero",
                option: "classWeights"))
        expect(.balanced, TrainingError(.invalidData, "class 'b' has no example to balance", option: "classWeights"))
    }
}
