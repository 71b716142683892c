import Compression
import Networks
import Tensors
import TestSupport
import Testing

@Suite struct ProjectionPlanTests {
    /// Components of random variances; directions do not matter to a plan.
    private func components(_ dimension: Int, random: inout RandomStream) -> PrincipalComponents {
        let variances = (0..<dimension).map { _ in Double(random.uniform()) * Double(random.uniform()) }.sorted(by: >)
        let directions = (0..<dimension).map { row in (0..<dimension).map { $0 == row ? 1.0 : 0.0 } }
        return PrincipalComponents(
            mean: [Double](repeating: 0, count: dimension), variances: variances, directions: directions)
    }

    private func analysis(of network: Network, seed: UInt64) -> ProjectionAnalysis {
        var random = RandomStream(seed: seed, name: "analysis")
        return ProjectionAnalysis(
            layers: network.projectableLayers.compactMap { name in
                guard let node = network.node(name), let output = network.shape(of: name) else { return nil }
                return ProjectionAnalysis.Layer(
                    name: name, input: components(network.inputShapes(of: node)[0][0], random: &random),
                    output: components(output[0], random: &random))
            })
    }

    private func small(seed: UInt64) throws -> Network {
        try RandomNetworks.randomized(ExampleNetworks.road(filters: [7, 13], steps: 12), seed: seed)
    }

    // MARK: Counts

    @Test(
        arguments: [
            (1, nil, 32 + 13 + 32), (2, nil, 90 + 32), (nil, 3, 135 + 32),
        ] as [(Int?, Int?, Int)])
    func `a dense layer at rank r has r (in + out) + out learnables`(input: Int?, output: Int?, learnables: Int) throws
    {
        let plan = plan("fc_1", input: input, output: output)
        let network = try small(seed: 1)
        let projected = try network.projected(by: plan, analysis: analysis(of: network, seed: 1))
        #expect(own(projected, "fc_1").learnables == learnables)
        #expect(own(projected, "fc_1").names == ["fc_1_proj_in", "fc_1_proj_out"])
    }

    @Test(
        arguments: [
            (2, 4, 2 * 7 + 3 * 2 * 4 + 4 * 13 + 13, ["conv1d_2_proj_in", "conv1d_2", "conv1d_2_proj_out"]),
            (2, nil, 2 * 7 + 3 * 2 * 13 + 13, ["conv1d_2_proj_in", "conv1d_2"]),
            (nil, 4, 3 * 7 * 4 + 4 * 13 + 13, ["conv1d_2", "conv1d_2_proj_out"]),
        ] as [(Int?, Int?, Int, [String])])
    func `a convolution has p C + k p q + q F + F learnables`(
        input: Int?, output: Int?, learnables: Int, names: [String]
    ) throws {
        let plan = plan("conv1d_2", input: input, output: output)
        let network = try small(seed: 1)
        let projected = try network.projected(by: plan, analysis: analysis(of: network, seed: 1))
        #expect(own(projected, "conv1d_2").learnables == learnables)
        #expect(own(projected, "conv1d_2").names == names)
        #expect(projected.node("bn_2")?.inputs == [names[names.count - 1]])
        #expect(projected.isComplete)
    }

    private func own(_ network: Network, _ layer: String) -> (learnables: Int, names: [String]) {
        let nodes = network.nodes.filter { $0.projectedFrom == layer }
        return (nodes.map { network.counts(of: $0).learnables }.reduce(0, +), nodes.map(\.name))
    }

    // MARK: Goals

    @Test func `the road network of 7 and 13 filters gets below its budget`() throws {
        for seed in UInt64(0)..<20 {
            let network = try small(seed: seed)
            let analysis = analysis(of: network, seed: seed)
            let plan = try ProjectionPlan(network, analysis: analysis, goal: .totalParameters(383))
            let projected = try network.projected(by: plan, analysis: analysis)
            #expect(plan.isMet)
            #expect(projected.counts.totalParameters <= 383, "seed \(seed)")
            let sum = plan.layers.map { $0.learnablesBefore - $0.learnablesAfter }.reduce(0, +)
            #expect(projected.counts.learnables == network.counts.learnables - sum)
            // The input of one channel is never projected, and no layer grows.
            #expect(plan.layers.allSatisfy { $0.learnablesAfter <= $0.learnablesBefore })
            #expect(plan.layers.first?.inputRank == nil)
        }
    }

    /// Tries every level there is, and one beside each.
    @Test func `no higher level meets the goal`() throws {
        for seed in UInt64(0)..<30 {
            let network = try small(seed: seed)
            let analysis = analysis(of: network, seed: seed)
            let minimum = network.minimumTotalParameters(projecting: network.projectableLayers)
            var random = RandomStream(seed: seed, name: "goal")
            let goal = minimum + random.below(network.counts.totalParameters - minimum)
            let plan = try ProjectionPlan(network, analysis: analysis, goal: .totalParameters(goal))
            #expect(plan.isMet, "seed \(seed)")
            let levels = analysis.layers.flatMap { ($0.input?.explained ?? []) + ($0.output?.explained ?? []) }
            for level in levels where level > plan.level {
                let other = try ProjectionPlan(network, analysis: analysis, goal: .explainedVariance(level))
                #expect(total(other, of: network) > goal, "seed \(seed), level \(level) over \(plan.level)")
            }
            let same = try ProjectionPlan(network, analysis: analysis, goal: .explainedVariance(plan.level))
            #expect(same.layers == plan.layers)
        }
    }

    private func total(_ plan: ProjectionPlan, of network: Network) -> Int {
        plan.layers.reduce(network.counts.totalParameters) { $0 - $1.learnablesBefore + $1.learnablesAfter }
    }

    @Test func `each layer takes the cheapest ranks that reach the level`() throws {
        for seed in UInt64(0)..<10 {
            let network = try small(seed: seed)
            let analysis = analysis(of: network, seed: seed)
            let level = 0.3 + 0.07 * Double(seed)
            let plan = try ProjectionPlan(network, analysis: analysis, goal: .explainedVariance(level))
            for (row, components) in zip(plan.layers, analysis.layers) {
                let filterSize = row.kind == Dense.kind ? nil : 3
                var cheapest = row.learnablesBefore
                for p in [nil] + (1...row.inputDimension).map(Optional.some) {
                    for q in [nil] + (1...row.outputDimension).map(Optional.some) {
                        if let p, (components.input?.explainedVariance(rank: p) ?? 0) < level { continue }
                        if let q, (components.output?.explainedVariance(rank: q) ?? 0) < level { continue }
                        guard let cost = cost(row, p, q, filterSize: filterSize) else { continue }
                        cheapest = min(cheapest, cost)
                    }
                }
                #expect(row.learnablesAfter == cheapest, "seed \(seed), layer \(row.name)")
                #expect(row.explainedVariance >= level)
            }
        }
    }

    private func cost(_ row: ProjectionPlan.Layer, _ p: Int?, _ q: Int?, filterSize: Int?) -> Int? {
        let (input, output) = (row.inputDimension, row.outputDimension)
        guard p != nil || q != nil else { return nil }
        guard let filterSize else {
            guard p == nil || q == nil else { return nil }
            return (p ?? q ?? 0) * (input + output) + output
        }
        return (p ?? 0) * input + filterSize * (p ?? input) * (q ?? output) + (q ?? 0) * output + output
    }

    @Test func `a goal beyond the maximum gives the maximum and is not met`() throws {
        let network = try small(seed: 3)
        let analysis = analysis(of: network, seed: 3)
        let minimum = network.minimumTotalParameters(projecting: network.projectableLayers)
        // conv1d_1 q = 1: 3 + 7 + 7; conv1d_2: 7 + 3 + 13 + 13; fc_1: 13 + 32 + 32; fc_2: 34 + 2; batch norm 80.
        #expect(minimum == 17 + 36 + 77 + 36 + 80)
        let plan = try ProjectionPlan(network, analysis: analysis, goal: .totalParameters(minimum - 1))
        #expect(!plan.isMet && plan.outcome == .largest)
        #expect(total(plan, of: network) == minimum)
        #expect(try ProjectionPlan(network, analysis: analysis, goal: .totalParameters(minimum)).isMet)
        #expect(try !ProjectionPlan(network, analysis: analysis, goal: .learnablesReduction(1)).isMet)
    }

    @Test func `a goal that is met already changes nothing`() throws {
        let network = try small(seed: 4)
        let analysis = analysis(of: network, seed: 4)
        for goal in [ProjectionGoal.totalParameters(908), .learnablesReduction(0)] {
            let plan = try ProjectionPlan(network, analysis: analysis, goal: goal)
            #expect(plan.isEmpty && plan.outcome == .nothingToDo && plan.level == 1)
            #expect(try network.projected(by: plan, analysis: analysis) == network)
        }
    }

    @Test func `a reduction is of all learnables and at least what was asked`() throws {
        let network = try small(seed: 5)
        let plan = try ProjectionPlan(
            network, analysis: analysis(of: network, seed: 5), goal: .learnablesReduction(0.6048))
        #expect(plan.isMet)
        #expect(868 - total(plan, of: network) + 40 >= 525)
    }

    @Test func `what costs no variance is removed beyond the goal`() throws {
        let network = try small(seed: 6)
        let directions = (0..<13).map { row in (0..<13).map { $0 == row ? 1.0 : 0.0 } }
        let flat = PrincipalComponents(
            mean: [Double](repeating: 0, count: 13), variances: [2, 1] + [Double](repeating: 0, count: 11),
            directions: directions)
        let analysis = ProjectionAnalysis(layers: [ProjectionAnalysis.Layer(name: "fc_1", input: flat, output: nil)])
        let plan = try ProjectionPlan(network, analysis: analysis, goal: .learnablesReduction(0.01))
        #expect(plan.level == 1 && plan.outcome == .free)
        #expect(plan.layers.map(\.inputRank) == [2])
        #expect(plan.layers.map(\.explainedVariance) == [1])
    }

    // MARK: Refusals

    @Test func `a projected network is unpacked before it is projected again`() throws {
        let network = try small(seed: 7)
        let analysis = analysis(of: network, seed: 7)
        let plan = try ProjectionPlan(network, analysis: analysis, goal: .totalParameters(500))
        let projected = try network.projected(by: plan, analysis: analysis)
        let first = try #require(projected.nodes.first { $0.projectedFrom != nil })
        let message =
            "is a part of the projection of '\(first.projectedFrom ?? "")'; unpack the network first (stage 'unpack', "
            + "or 'UnpackProjectedLayers: true' where it was projected)"
        #expect(throws: CompressionError(.notApplicable, layer: first.name, message)) {
            try projected.projectableLayers(matching: nil)
        }
        let unpacked = projected.unpacked
        #expect(try !unpacked.projectableLayers(matching: nil).isEmpty)
        #expect(unpacked.nodes.allSatisfy { $0.projectedFrom == nil })
        #expect(unpacked.parameters == projected.parameters)
    }

    @Test func `layers that cannot be projected are refused with those that can`() throws {
        let message =
            "'relu_1' matches no layer that can be projected (of convolution1d, convolution2d, dense, lstm, bilstm, gru, "
            + "bigru, without groups); "
            + "there are: conv1d_1, conv1d_2, fc_1, fc_2"
        #expect(throws: CompressionError(.unmatchedPattern, message)) {
            try ExampleNetworks.road().projectableLayers(matching: ["conv1d_*", "relu_1"])
        }
        #expect(try ExampleNetworks.digits().projectableLayers(matching: nil) == ["conv_1", "conv_2", "conv_3", "fc"])
    }
}
