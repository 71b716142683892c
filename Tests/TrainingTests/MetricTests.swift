import Datasets
import Foundation
import Tensors
import Testing
import Training

@Suite struct MetricTests {
    private static func data(_ targets: Targets) -> Dataset {
        Dataset(
            name: "some", channels: ["x"], shape: [1, 1], targets: targets,
            examples: [Float](repeating: 0, count: targets.count))
    }

    private static func evaluation(_ scores: [Float], labels: [Int], classes: [String]) -> Evaluation {
        Evaluation(scores: scores, areProbabilities: false, of: data(.classes(names: classes, labels: labels)))
    }

    /// Taken for 0, 1, 0, 0 and 2; the last class but one has no example.
    private static let scores: [Float] = [
        3, 1, 0, 0, 0, 5, 1, 0, 2, 1, 0, 1, 4, 0, 3, 0, 0, 0, 2, 1,
    ]
    private static let few = evaluation(scores, labels: [0, 1, 1, 0, 2], classes: ["a", "b", "c", "d"])

    @Test func `means over classes are of each class alike`() throws {
        #expect(Self.few.predictions == [0, 1, 0, 0, 2])
        #expect(Self.few.value(of: .accuracy) == 0.8)
        // Of a: 2 of 3 taken, 2 of 2 found; of b: 1 of 1 and 1 of 2; of c all; d has none to be found.
        #expect(Self.few.precision == [2.0 / 3, 1, 1, nil])
        #expect(Self.few.recall == [1, 0.5, 1, nil])
        #expect(Self.few.f1 == [0.8, 2.0 / 3, 1, nil])
        func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }
        #expect(Self.few.value(of: .precision) == mean([2.0 / 3, 1, 1]))
        #expect(Self.few.value(of: .recall) == mean([1, 0.5, 1]))
        #expect(Self.few.value(of: .f1) == mean([0.8, 2.0 / 3, 1]))
    }

    @Test func `a class that nothing is taken for has no precision and counts as zero in the mean`() {
        let evaluation = Self.evaluation([1, 0, 1, 0], labels: [0, 1], classes: ["a", "b"])
        #expect(evaluation.precision == [0.5, nil])
        #expect(evaluation.value(of: .precision) == 0.25)
        #expect(evaluation.value(of: .f1) == 1.0 / 3)
    }

    @Test(arguments: [(1, 0.8), (2, 0.8), (3, 1.0), (4, 1.0)])
    func `the class is among the highest scores`(k: Int, share: Double) {
        // The third example has its class behind two others.
        let scores: [Float] = [3, 1, 0, 0, 0, 5, 1, 0, 2, 1, 1.5, 1, 4, 0, 3, 0, 0, 0, 2, 1]
        let evaluation = Self.evaluation(scores, labels: [0, 1, 1, 0, 2], classes: ["a", "b", "c", "d"])
        #expect(evaluation.value(of: .topK, k: k) == share)
        #expect(evaluation.value(of: .topK, k: 1) == evaluation.accuracy)
    }

    /// The share of pairs in order, half of those that are equal: the definition.
    private static func pairs(_ scores: [Double], _ isPositive: [Bool]) -> Double {
        var (sum, count) = (0.0, 0.0)
        for (one, other) in zip(scores, isPositive) where other {
            for (rival, isPositive) in zip(scores, isPositive) where !isPositive {
                sum += one > rival ? 1 : one == rival ? 0.5 : 0
                count += 1
            }
        }
        return sum / count
    }

    @Test(arguments: UInt64(0)..<6)
    func `the area under the curve is the share of pairs in order, with ties exact`(seed: UInt64) throws {
        var random = RandomStream(seed: seed, name: "scores")
        let labels = (0..<60).map { $0 < 2 ? $0 : Int(2 * random.uniform()) }
        // Eight levels: many are equal.
        let scores = labels.flatMap { label -> [Float] in
            [0, (8 * random.uniform()).rounded(.down) / 8 + Float(label) / 4]
        }
        let evaluation = Self.evaluation(scores, labels: labels, classes: ["no", "yes"])
        let expected = Self.pairs(
            labels.indices.map { Double(scores[2 * $0 + 1]) }, labels.map { $0 == 1 })
        #expect(abs(try #require(evaluation.value(of: .auc)) - expected) < 1e-14, "seed \(seed)")
        // One output is the score of the second class.
        let single = Self.evaluation(
            labels.indices.map { scores[2 * $0 + 1] }, labels: labels, classes: ["no", "yes"])
        #expect(single.value(of: .auc) == evaluation.value(of: .auc))
        #expect(single.predictions == evaluation.predictions && abs(single.loss - evaluation.loss) < 1e-12)
    }

    @Test func `of several classes the area is the mean of each beside the rest, by probability`() throws {
        var random = RandomStream(seed: 3, name: "scores")
        let labels = (0..<30).map { $0 % 3 }
        let scores = labels.flatMap { label in (0..<3).map { 2 * random.uniform() + ($0 == label ? 0.5 : 0) } }
        let probabilities = labels.indices.map { example -> [Double] in
            let powers = scores[3 * example..<3 * example + 3].map { exp(Double($0)) }
            return powers.map { $0 / powers.reduce(0, +) }
        }
        let areas = (0..<3).map { label in
            Self.pairs(probabilities.map { $0[label] }, labels.map { $0 == label })
        }
        let evaluation = Self.evaluation(scores, labels: labels, classes: ["a", "b", "c"])
        #expect(abs(try #require(evaluation.value(of: .auc)) - areas.reduce(0, +) / 3) < 1e-12)
    }

    @Test func `errors of values`() throws {
        let data = Self.data(.values(names: ["p", "q"], values: [1, 10, 2, 10, 3, 10]))
        let evaluation = Evaluation(scores: [1, 10, 3, 12, 3, 9], areProbabilities: false, of: data)
        // Errors 0, 0, 1, 2, 0, -1.
        #expect(evaluation.value(of: .rmse) == 1)
        #expect(evaluation.value(of: .mae) == 4.0 / 6)
        #expect(evaluation.loss == 1 && evaluation.value(of: .loss) == 1)
        // Of p 1 - 1 / 2; q never changes, and has none.
        #expect(evaluation.value(of: .r2) == 0.5)
        #expect(evaluation.count == 3 && evaluation.predictions.isEmpty && evaluation.confusion.isEmpty)
    }

    @Test func `a metric that is not defined has no value`() {
        let one = Self.evaluation([1, 2, 0, 1], labels: [1, 1], classes: ["a", "b"])
        #expect(one.value(of: .auc) == nil && one.value(of: .rmse) == nil && one.value(of: .r2) == nil)
        let same = Evaluation(
            scores: [1, 2], areProbabilities: false, of: Self.data(.values(names: ["p"], values: [3, 3])))
        #expect(same.value(of: .r2) == nil && same.value(of: .accuracy) == nil && same.value(of: .auc) == nil)
        #expect(same.value(of: .topK) == nil && same.value(of: .f1) == nil)
    }

    @Test func `a metric of other targets is refused with those that fit`() {
        let classes = Targets.classes(names: ["a", "b"], labels: [0])
        let values = Targets.values(names: ["p"], values: [0])
        func fault(_ metric: Metric, _ targets: Targets, topK: Int = 2) -> TrainingError? {
            metric.fault(on: targets, named: "some", topK: topK, option: "Metrics")
        }
        #expect(
            fault(.accuracy, values)
                == TrainingError(
                    .invalidOption, "metric 'accuracy' is of classes, and the targets of 'some' are values",
                    option: "Metrics", help: "choose of rmse, mae, r2, loss"))
        #expect(
            fault(.r2, classes)
                == TrainingError(
                    .invalidOption, "metric 'r2' is of values, and the targets of 'some' are classes",
                    option: "Metrics", help: "choose of accuracy, topK, precision, recall, f1, auc, loss"))
        #expect(
            fault(.topK, classes, topK: 3)
                == TrainingError(
                    .invalidOption, "'topK' is 3, and 'some' has 2 classes", option: "Metrics",
                    help: "set 'topK' to less than 2"))
        #expect(fault(.topK, classes) == nil && fault(.loss, classes) == nil && fault(.loss, values) == nil)
    }
}
