// Memory and the machine it is on.

#ifndef PARE_MEMORY_H
#define PARE_MEMORY_H

#include <stdint.h>

/// `count` floats, zero, aligned to 64 bytes; `NULL` if there is no memory.
float *pare_allocate(int64_t count);

/// Gives back what `pare_allocate` returned for the same count.
void pare_free(float *memory, int64_t count);

/// Bytes that are allocated now, and how often memory was allocated since the program began.
int64_t pare_live_bytes(void);
int64_t pare_allocations(void);

/// The instruction set that the kernels chose on this machine, such as `x86-64-v4`.
const char *pare_instruction_set(void);

#endif
