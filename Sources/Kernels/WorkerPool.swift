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

    /// Calls the body once for every index below `chunks`, on any thread and in any order, and returns after the last.
    ///
    /// The calling thread takes part. Several threads may call at once, and a body may call again.
    package func run(chunks: Int, _ body: (Int) -> Void) {
        withoutActuallyEscaping(body) { body in
            var task = Task(body: body)
            withUnsafeMutablePointer(to: &task) { task in
                pare_pool_run(
                    pool, Int64(chunks),
                    { context, chunk in context?.assumingMemoryBound(to: Task.self).pointee.body(Int(chunk)) }, task)
            }
        }
    }

    /// Holds a closure as it is: a bare closure in memory would be wrapped, which allocates.
    private struct Task {
        let body: (Int) -> Void
    }
}
