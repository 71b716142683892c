// The kernels of Pare: plain C on float32 memory in row-major order.
//
// Every function works on the memory of one thread: nothing here starts a thread but the worker pool. Unless said
// otherwise, outputs may not overlap inputs. No function allocates but `pare_allocate` and `pare_pool_create`.
// Non-finite numbers pass through as IEEE 754 has them.

#ifndef PARE_CKERNELS_H
#define PARE_CKERNELS_H

#include <stdint.h>

#include "pare_functions.h"
#include "pare_integer.h"
#include "pare_convolution.h"
#include "pare_layers.h"
#include "pare_loss.h"
#include "pare_memory.h"
#include "pare_pool.h"
#include "pare_recurrent.h"
#include "pare_solver.h"

#endif
