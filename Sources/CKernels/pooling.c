// Pooling over steps; the window of step t covers x[stride t - before ..< stride t - before + size], cut to the row.

#include "pare_layers.h"
#include "vectors.h"

typedef struct {
    int64_t begin, end;
} window;

PART window window_of(const pare_pooling1d *p, int64_t t) {
    const int64_t start = p->stride * t - p->before;
    return (window){most(0, start), least(p->steps, start + p->size)};
}

// The first largest element; a NaN is larger than any number.
PART int64_t index_of_largest(const float *row, window w) {
    int64_t index = w.begin;
    for (int64_t i = w.begin + 1; i < w.end && row[index] == row[index]; i++)
        if (row[i] > row[index] || row[i] != row[i]) index = i;
    return index;
}

KERNEL void pare_max_pooling_forward(const pare_pooling1d *p, int64_t rows, const float *x, float *y) {
    for (int64_t row = 0; row < rows; row++, x += p->steps, y += p->output_steps)
        for (int64_t t = 0; t < p->output_steps; t++) y[t] = x[index_of_largest(x, window_of(p, t))];
}

KERNEL void pare_max_pooling_backward(const pare_pooling1d *p, int64_t rows, const float *x, const float *dy,
                                      float *dx) {
    memset(dx, 0, (size_t)(rows * p->steps) * sizeof(float));
    for (int64_t row = 0; row < rows; row++, x += p->steps, dx += p->steps, dy += p->output_steps)
        for (int64_t t = 0; t < p->output_steps; t++) dx[index_of_largest(x, window_of(p, t))] += dy[t];
}

KERNEL void pare_average_pooling_forward(const pare_pooling1d *p, int64_t rows, const float *x, float *y) {
    for (int64_t row = 0; row < rows; row++, x += p->steps, y += p->output_steps) {
        for (int64_t t = 0; t < p->output_steps; t++) {
            const window w = window_of(p, t);
            vector lanes = {0};
            float rest = 0;
            int64_t i = w.begin;
            for (; i + LANES <= w.end; i += LANES) lanes += LOAD(x + i);
            for (; i < w.end; i++) rest += x[i];
            y[t] = (lane_sum(&lanes) + rest) / (float)(w.end - w.begin);
        }
    }
}

KERNEL void pare_average_pooling_backward(const pare_pooling1d *p, int64_t rows, const float *dy, float *dx) {
    memset(dx, 0, (size_t)(rows * p->steps) * sizeof(float));
    for (int64_t row = 0; row < rows; row++, dx += p->steps, dy += p->output_steps) {
        for (int64_t t = 0; t < p->output_steps; t++) {
            const window w = window_of(p, t);
            const float share = dy[t] / (float)(w.end - w.begin);
            for (int64_t i = w.begin; i < w.end; i++) dx[i] += share;
        }
    }
}
