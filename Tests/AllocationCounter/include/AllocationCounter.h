// Counts the heap allocations of each thread, in tests.

#ifndef PARE_ALLOCATION_COUNTER_H
#define PARE_ALLOCATION_COUNTER_H

#include <stdint.h>

/// How often the calling thread has allocated memory since it began; -1 where that cannot be counted.
int64_t allocations_of_this_thread(void);

#endif
