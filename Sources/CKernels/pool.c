#include "pare_pool.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>

// How often a thread looks again before it sleeps: some ten microseconds, about what sleeping and waking cost.
enum { SPINS = 400 };

// A task lives on the stack of the thread that asked for it. It is in the pool's list while it may have chunks left;
// `workers` counts the pool's threads that have taken it up, and the asking thread leaves when there are none.
typedef struct task {
    void (*body)(void *, int64_t);
    void *context;
    int64_t chunks;
    _Atomic int64_t next_chunk;
    _Atomic int64_t workers;
    struct task *next;
} task;

struct pare_pool {
    pthread_mutex_t mutex;
    pthread_cond_t work_arrived;
    pthread_cond_t worker_left;
    task *tasks;
    _Atomic uint64_t arrivals;
    // Threads of others that work all the time, and the pool's own that are at a task.
    _Atomic int64_t guests;
    int64_t working;
    bool ending;
    int64_t thread_count;
    pthread_t threads[];
};

static inline void pause_briefly(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

// How many of the pool's threads may work now. Tasks come from one thread at least, and each guest is at work whether
// it asks for help or not: one more thread than there are cores, and a task waits for one that does not run.
static int64_t helper_limit(pare_pool *pool) {
    int64_t guests = atomic_load_explicit(&pool->guests, memory_order_relaxed);
    return pool->thread_count + 1 - (guests > 1 ? guests : 1);
}

static void work_on(task *task) {
    for (;;) {
        int64_t chunk = atomic_fetch_add_explicit(&task->next_chunk, 1, memory_order_relaxed);
        if (chunk >= task->chunks) return;
        task->body(task->context, chunk);
    }
}

// The first task with chunks left; the mutex is held.
static task *open_task(pare_pool *pool) {
    for (task *task = pool->tasks; task; task = task->next)
        if (atomic_load_explicit(&task->next_chunk, memory_order_relaxed) < task->chunks) return task;
    return NULL;
}

static void *worker(void *argument) {
    pare_pool *pool = argument;
    pthread_mutex_lock(&pool->mutex);
    while (!pool->ending) {
        task *task = pool->working < helper_limit(pool) ? open_task(pool) : NULL;
        if (task) {
            pool->working++;
            atomic_fetch_add(&task->workers, 1);
            pthread_mutex_unlock(&pool->mutex);
            work_on(task);
            pthread_mutex_lock(&pool->mutex);
            pool->working--;
            if (atomic_fetch_sub(&task->workers, 1) == 1) pthread_cond_broadcast(&pool->worker_left);
            continue;
        }
        uint64_t seen = atomic_load(&pool->arrivals);
        pthread_mutex_unlock(&pool->mutex);
        for (int spin = 0; spin < SPINS && atomic_load(&pool->arrivals) == seen; spin++) pause_briefly();
        pthread_mutex_lock(&pool->mutex);
        if (atomic_load(&pool->arrivals) == seen && !pool->ending)
            pthread_cond_wait(&pool->work_arrived, &pool->mutex);
    }
    pthread_mutex_unlock(&pool->mutex);
    return NULL;
}

pare_pool *pare_pool_create(int64_t threads) {
    int64_t others = threads > 1 ? threads - 1 : 0;
    pare_pool *pool = calloc(1, sizeof(pare_pool) + (size_t)others * sizeof(pthread_t));
    if (!pool) return NULL;
    pthread_mutex_init(&pool->mutex, NULL);
    pthread_cond_init(&pool->work_arrived, NULL);
    pthread_cond_init(&pool->worker_left, NULL);
    for (int64_t i = 0; i < others; i++) {
        if (pthread_create(&pool->threads[i], NULL, worker, pool) != 0) {
            pare_pool_destroy(pool);
            return NULL;
        }
        pool->thread_count++;
    }
    return pool;
}

void pare_pool_destroy(pare_pool *pool) {
    pthread_mutex_lock(&pool->mutex);
    pool->ending = true;
    atomic_fetch_add(&pool->arrivals, 1);
    pthread_cond_broadcast(&pool->work_arrived);
    pthread_mutex_unlock(&pool->mutex);
    for (int64_t i = 0; i < pool->thread_count; i++) pthread_join(pool->threads[i], NULL);
    pthread_cond_destroy(&pool->worker_left);
    pthread_cond_destroy(&pool->work_arrived);
    pthread_mutex_destroy(&pool->mutex);
    free(pool);
}

void pare_pool_enter(pare_pool *pool) { atomic_fetch_add(&pool->guests, 1); }

void pare_pool_leave(pare_pool *pool) { atomic_fetch_sub(&pool->guests, 1); }

void pare_pool_run(pare_pool *pool, int64_t chunks, void (*body)(void *, int64_t), void *context) {
    task task = {.body = body, .context = context, .chunks = chunks};
    // Where none may help none is woken.
    bool shared = chunks > 1 && helper_limit(pool) > 0;
    if (shared) {
        pthread_mutex_lock(&pool->mutex);
        struct task **last = &pool->tasks;
        while (*last) last = &(*last)->next;
        *last = &task;
        atomic_fetch_add(&pool->arrivals, 1);
        pthread_cond_broadcast(&pool->work_arrived);
        pthread_mutex_unlock(&pool->mutex);
    }
    work_on(&task);
    if (!shared) return;

    for (int spin = 0; spin < SPINS && atomic_load(&task.workers) > 0; spin++) pause_briefly();
    pthread_mutex_lock(&pool->mutex);
    struct task **link = &pool->tasks;
    while (*link != &task) link = &(*link)->next;
    *link = task.next;
    while (atomic_load(&task.workers) > 0) pthread_cond_wait(&pool->worker_left, &pool->mutex);
    pthread_mutex_unlock(&pool->mutex);
}
