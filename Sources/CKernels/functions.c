// The functions of functions.h over arrays.

#include "functions.h"

#include "pare_functions.h"

// The last vector is padded with zeros.
#define OVER_ARRAYS(name)                                                    \
    KERNEL void pare_##name(int64_t count, const float *x, float *y) {       \
        for (int64_t i = 0; i < count; i += LANES) {                         \
            const size_t bytes = (size_t)least(LANES, count - i) * sizeof(float); \
            vector values = {0};                                             \
            memcpy(&values, x + i, bytes);                                   \
            vector_##name(&values, &values);                                 \
            memcpy(y + i, &values, bytes);                                   \
        }                                                                    \
    }

OVER_ARRAYS(exp)
OVER_ARRAYS(expm1)
OVER_ARRAYS(sigmoid)
OVER_ARRAYS(tanh)
OVER_ARRAYS(erf)
