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
        for (epoch, rate) in rates.enumerated() { #expect(abs(options.learnRate(epoch: epoch) - rate) < 1e-15) }
    }

    @Test func `options have the names of recipes`() throws {
        var options = TrainingOptions()
        options.classWeights = .balanced
        options.gradientThreshold = 2
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        let text = String(decoding: try encoder.encode(options), as: UTF8.self)
        #expect(
            text == #"{"GradientThreshold":2,"InitialLearnRate":0.001,"L2Regularization":0.0001,"#
                + #""LearnRateDropFactor":0.1,"LearnRateDropPeriod":10,"LearnRateSchedule":"none","MaxEpochs":30,"#
                + #""MiniBatchSize":128,"Momentum":0.9,"ObjectiveMetricName":"loss","OutputNetwork":"last-iteration","#
                + #""Shuffle":"every-epoch","classWeights":"balanced","solver":"adam"}"#)
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
        expect(.given([1]), TrainingError(.invalidOption, "'classWeights' has 1 weights for 2 classes"))
        expect(
            .given([1, -2]),
            TrainingError(
                .invalidOption, "'classWeights' is [1.0, -2.0]; expected weights of zero or more, not all zero"))
        expect(
            .given([0, 0]),
            TrainingError(
                .invalidOption, "'classWeights' is [0.0, 0.0]; expected weights of zero or more, not all zero"))
        expect(.balanced, TrainingError(.invalidData, "class 'b' has no example to balance"))
    }
}
