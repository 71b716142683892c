internal import Checkpoints
internal import Compression
internal import Documents
package import Execution
internal import Foundation
internal import Interchange
package import Kernels
internal import Networks
internal import Planning
internal import Training

/// What a running stage has beside its work: its situation in the recipe and the pool of threads.
struct StageEnvironment: Sendable {
    let situation: StageSituation
    let pool: WorkerPool

    /// The data that the stage looks at.
    ///
    /// - Precondition: resolving has made sure that there are data.
    var data: DataSource.Splits {
        guard let data = situation.data else { preconditionFailure("a stage that needs data resolves without") }
        return data.splits
    }
}

/// A network as a record holds it.
enum StageNetwork: Sendable {
    case float(Network)
    /// With parameters that are rounded to bfloat16, and stored so.
    case bfloat16(Network)
    case int8(QuantizedNetwork)

    /// The name of the output in a record and in a run's folder.
    static let fileName = "network.safetensors"

    /// Reads the network that a stage made.
    init(_ input: StageInput) throws {
        let data = try input.output(Self.fileName)
        switch try SafetensorsFile(decoding: data).metadata[NetworkFile.formKey] {
        case QuantizedNetworkFile.form: self = .int8(try QuantizedNetworkFile.decode(data))
        case NetworkFile.Form.bfloat16.rawValue: self = .bfloat16(try NetworkFile.decode(data, as: .bfloat16))
        default: self = .float(try NetworkFile.decode(data))
        }
    }

    /// The float32 network that a stage takes.
    ///
    /// - Precondition: resolving has refused quantized networks, here and of teachers.
    static func float(_ work: StageWork) throws -> Network {
        guard let network = try float("network", of: work) else {
            preconditionFailure("stage '\(work.specification.id)' takes a network")
        }
        return network
    }

    /// The network that teaches a training, if one does.
    ///
    /// - Parameter options: Where the training options stand in the stage's, such as `retrain`.
    static func teacher(_ work: StageWork, of options: String = "") throws -> Network? {
        try float(options.isEmpty ? "teacher" : "\(options).teacher", of: work)
    }

    private static func float(_ role: String, of work: StageWork) throws -> Network? {
        guard let input = work.input(role) else { return nil }
        guard case .float(let network) = try StageNetwork(input) else {
            preconditionFailure("stage '\(work.specification.id)' takes a float32 network")
        }
        return network
    }
}

/// Runs the stages of resolved recipes.
package final class ModelStageRunner: StageRunner {
    private let situations: [String: [String: StageSituation]]
    private let pool: WorkerPool

    /// - Parameters:
    ///   - recipes: Every recipe of the run, under its name.
    ///   - pool: The threads that all stages share.
    package init(recipes: [ResolvedRecipe], pool: WorkerPool) {
        situations = Dictionary(
            recipes.map { ($0.stages.name, $0.situations) }, uniquingKeysWith: { first, _ in first })
        self.pool = pool
    }

    package func run(_ work: StageWork) throws -> StageOutcome {
        guard let situation = situations[work.recipe]?[work.specification.id] else {
            preconditionFailure("stage '\(work.specification.id)' of '\(work.recipe)' was not resolved")
        }
        let environment = StageEnvironment(situation: situation, pool: pool)
        do {
            return try pool.hosting { try StageKinds.maker(work.specification.kind).run(work, in: environment) }
        } catch let error as TrainingError {
            throw TrainingFailure(error, options: work.specification.options)
        }
    }
}
