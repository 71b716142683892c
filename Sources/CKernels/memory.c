#include "pare_memory.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

static _Atomic int64_t live_bytes;
static _Atomic int64_t allocations;

static size_t byte_count(int64_t count) { return ((size_t)count * sizeof(float) + 64) / 64 * 64; }

float *pare_allocate(int64_t count) {
    void *memory = NULL;
    if (posix_memalign(&memory, 64, byte_count(count)) != 0) return NULL;
    memset(memory, 0, byte_count(count));
    atomic_fetch_add_explicit(&live_bytes, count * (int64_t)sizeof(float), memory_order_relaxed);
    atomic_fetch_add_explicit(&allocations, 1, memory_order_relaxed);
    return memory;
}

void pare_free(float *memory, int64_t count) {
    free(memory);
    atomic_fetch_sub_explicit(&live_bytes, count * (int64_t)sizeof(float), memory_order_relaxed);
}

int64_t pare_live_bytes(void) { return atomic_load(&live_bytes); }
int64_t pare_allocations(void) { return atomic_load(&allocations); }

const char *pare_instruction_set(void) {
#if defined(__x86_64__) && defined(__linux__)
    // The order and the names of `KERNEL` in vectors.h.
    if (__builtin_cpu_supports("x86-64-v4")) return "x86-64-v4";
    if (__builtin_cpu_supports("x86-64-v3")) return "x86-64-v3";
    return "x86-64";
#elif defined(__x86_64__)
    return "x86-64";
#elif defined(__aarch64__)
    return "aarch64";
#else
    return "portable";
#endif
}
