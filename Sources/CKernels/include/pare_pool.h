// The worker pool: threads that share the chunks of a task with the thread that asks.

#ifndef PARE_POOL_H
#define PARE_POOL_H

#include <stdint.h>

typedef struct pare_pool pare_pool;

/// A pool in which a task runs on up to `threads` threads, the asking one included; `NULL` if a thread cannot start.
pare_pool *pare_pool_create(int64_t threads);

/// Ends the threads; no task may be running.
void pare_pool_destroy(pare_pool *pool);

/// Says that the calling thread works on its own from now on until it leaves, and asks now and then. With several such
/// guests that many fewer of the pool's threads help, so that guests and helpers together are no more than `threads`
/// (or no helper, with as many guests): two stages that run at once do not fight for cores.
void pare_pool_enter(pare_pool *pool);
void pare_pool_leave(pare_pool *pool);

/// Calls `body(context, i)` once for every `i` below `chunks`, on any thread and in any order, and returns after the
/// last. Several threads may ask at once. A body may ask too: the asking thread always works on its own task.
void pare_pool_run(pare_pool *pool, int64_t chunks, void (*body)(void *context, int64_t chunk), void *context);

#endif
