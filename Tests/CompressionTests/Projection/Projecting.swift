import Compression
import Datasets
import Foundation
import Kernels
import Networks
import Tensors
import Testing

extension ProjectionAnalysis.Layer {
    /// Sides of one block.
    init(name: String, input: PrincipalComponents?, output: PrincipalComponents?) {
        self.init(name: name, input: input.map { ProjectionSide([$0]) }, output: output.map { ProjectionSide([$0]) })
    }
}

extension ProjectionAnalysis {
    /// The components of a network's layers on some data.
    init(of network: Network, layers: [String]? = nil, data: Dataset, threads: Int = 1) throws {
        self = try ActivationAnalyzer(network, layers: layers, data: data, pool: WorkerPool(threads: threads)).run()
    }
}

/// Random orthonormal directions with a random mean; all variances equal.
func randomComponents(
    _ dimension: Int, random: inout RandomStream, mean: [Double]? = nil
) throws -> PrincipalComponents {
    var matrix = [Double](repeating: 0, count: dimension * dimension)
    for row in 0..<dimension {
        for column in row..<dimension {
            matrix[row * dimension + column] = Double(random.uniform())
            matrix[column * dimension + row] = matrix[row * dimension + column]
        }
    }
    let directions = try LinearAlgebra.symmetricEigen(matrix, order: dimension).vectors
    return PrincipalComponents(
        mean: mean ?? (0..<dimension).map { _ in Double(random.uniform()) },
        variances: [Double](repeating: 1, count: dimension), directions: directions)
}

/// A plan that projects one layer onto these ranks.
func plan(_ name: String, input: Int?, output: Int?) -> ProjectionPlan {
    let row = ProjectionPlan.Layer(
        name: name, kind: "", inputDimension: 0, outputDimension: 0, inputRank: input, outputRank: output,
        explainedVariance: 1, learnablesBefore: 0, learnablesAfter: 0)
    return ProjectionPlan(layers: [row], level: 1, outcome: .met)
}
