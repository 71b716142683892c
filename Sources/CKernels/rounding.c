// Real values as the integers that stand for them.

#include "pare_layers.h"
#include "vectors.h"

KERNEL void pare_rounding_forward(int64_t count, float step, float lowest, float highest, const float *x, float *y) {
    for (int64_t i = 0; i < count; i++) {
        const float steps = x[i] / step;
        const float bounded = steps > lowest ? (steps < highest ? steps : highest) : lowest;
        const float whole = (float)(int32_t)(bounded + (bounded < 0 ? -0.5f : 0.5f));
        y[i] = x[i] == x[i] ? whole * step : x[i];
    }
}

KERNEL void pare_rounding_backward(int64_t count, float step, float lowest, float highest, const float *x,
                                   const float *dy, float *dx) {
    for (int64_t i = 0; i < count; i++) {
        const float steps = x[i] / step;
        dx[i] = steps < lowest - 0.5f || steps > highest + 0.5f ? 0 : dy[i];
    }
}
