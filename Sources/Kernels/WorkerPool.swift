internal import CKernels

/// The threads that kernels run on: the program has one pool, sized by `--threads`, that all stages share.
///
/// Work is cut by index alone, never by the number of threads, so that results are the same on any number of them.
package final class WorkerPool: Sendable {
    /// How many threads work on one task, the asking thread included.
    package let threads: Int
    /// Its functions take their own lock.
    nonisolated(unsafe) private let pool: OpaquePointer

    /// - Parameter threads: One or more.
    package init(threads: Int) {
        precondition(threads >= 1, "a pool of \(threads) threads")
        guard let pool = pare_pool_create(Int64(threads)) else { fatalError("cannot start \(threads) threads") }
        self.threads = threads
        self.pool = pool
    }

    deinit { pare_pool_destroy(pool) }

    /// Runs work that keeps the calling thread busy beside what it asks of the pool.
    ///
    /// While several threads are in such work, that many fewer threads of the pool help them: together they are no more
    /// than ``threads``, and none helps where the guests alone are as many.
    package func hosting<Result>(_ work: () throws -> Result) rethrows -> Result {
        pare_pool_enter(pool)
        defer { pare_pool_leave(pool) }
        return try work()
    }

    /// Calls the body once for every index below `chunks`, on any thread and in any order, and returns after the last.
    ///
    /// The calling thread takes part. Several threads may call at once, and a body may call again. A task that is run
    /// often is better prepared as a ``PoolTask``.
    package func run(chunks: Int, _ body: (Int) -> Void) {
        withoutActuallyEscaping(body) { run(chunks: chunks, PoolTask($0)) }
    }

    /// The same for a task that was made before; allocates nothing.
    package func run(chunks: Int, _ task: PoolTask) {
        withExtendedLifetime(task) {
            pare_pool_run(
                pool, Int64(chunks),
                { context, chunk in
                    guard let context else { return }
                    Unmanaged<PoolTask>.fromOpaque(context)._withUnsafeGuaranteedRef { $0.body(Int(chunk)) }
                }, Unmanaged.passUnretained(task).toOpaque())
        }
    }
}

/// Work that is cut by index, ready to be run by a ``WorkerPool``.
package final class PoolTask {
    fileprivate let body: (Int) -> Void

    /// - Parameter body: Called with every index; calls on several threads must not get into each other's way.
    package init(_ body: @escaping (Int) -> Void) { self.body = body }
}
