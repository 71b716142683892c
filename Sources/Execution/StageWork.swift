package import Checkpoints
package import Foundation
package import Planning

/// All that a stage gets: what to do, what to read, where to leave checkpoints and whom to tell.
package struct StageWork: Sendable {
    /// The name of the recipe.
    package let recipe: String
    /// What the recipe asks.
    package let specification: StageSpecification
    /// The content address of what the stage makes.
    package let key: StageKey
    /// The records that it reads, in the order of ``StageSpecification/reads``.
    package let inputs: [StageInput]
    /// Where it leaves how far it came.
    package let checkpointing: Checkpointing
    let cancellation: CancellationToken
    let notify: @Sendable (StageProgress) -> Void

    /// Says how far the stage is.
    package func report(_ progress: StageProgress) { notify(progress) }

    /// Throws ``Interrupted`` if the stage is to stop; it saves a checkpoint before it asks.
    package func checkCancellation() throws { try cancellation.check() }

    /// The first record that is read in a role.
    package func input(_ role: String) -> StageInput? { inputs.first { $0.role == role } }
}

/// A record that a stage reads.
package struct StageInput: Sendable {
    /// What the record is to the reader, such as `network` or `teacher`.
    package let role: String
    /// What the recipe asked of the stage that made it.
    package let specification: StageSpecification
    /// What that stage made.
    package let record: Record
    let store: Store

    /// The id of the stage that made it.
    package var id: String { specification.id }

    /// The bytes of an output, verified.
    ///
    /// - Throws: ``StoreError`` if the record has no such output or its bytes have changed.
    package func output(_ name: String) throws -> Data { try store.output(name, of: record) }
}
