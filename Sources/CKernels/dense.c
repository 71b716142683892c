// Fully connected layers: dot products along the inputs forward, sums of rows backward.

#include "pare_layers.h"
#include "vectors.h"

enum { BLOCK = 4 };

KERNEL void pare_dense_forward(int64_t examples, int64_t inputs, int64_t outputs, const float *x, const float *weights,
                               const float *bias, float *y) {
    const int64_t whole = inputs / LANES * LANES;
    for (int64_t example = 0; example < examples; example++, x += inputs, y += outputs) {
        for (int64_t first = 0; first < outputs; first += BLOCK) {
            const float *rows[BLOCK];
            vector sums[BLOCK] = {0};
            float rests[BLOCK] = {0};
            // Rows that are not there repeat the last one and are not stored.
            for (int row = 0; row < BLOCK; row++) rows[row] = weights + least(first + row, outputs - 1) * inputs;
            for (int64_t i = 0; i < whole; i += LANES) {
                const vector values = LOAD(x + i);
                for (int row = 0; row < BLOCK; row++) sums[row] += values * LOAD(rows[row] + i);
            }
            for (int64_t i = whole; i < inputs; i++)
                for (int row = 0; row < BLOCK; row++) rests[row] += x[i] * rows[row][i];
            for (int64_t row = 0; row < least(BLOCK, outputs - first); row++)
                y[first + row] = (lane_sum(&sums[row]) + rests[row]) + (bias ? bias[first + row] : 0.0f);
        }
    }
}

// `dx[i ..< i + width LANES] = sum over o of dy[o] weights[o, i]`.
PART void add_rows(const int width, int64_t inputs, int64_t outputs, const float *weights, const float *dy, float *dx,
                   int64_t i) {
    vector sums[BLOCK] = {0};
    for (int64_t o = 0; o < outputs; o++)
        for (int v = 0; v < width; v++) sums[v] += dy[o] * LOAD(weights + o * inputs + i + v * LANES);
    for (int v = 0; v < width; v++) STORE(dx + i + v * LANES, sums[v]);
}

KERNEL void pare_dense_backward(int64_t examples, int64_t inputs, int64_t outputs, const float *x,
                                const float *weights, const float *dy, float *dx, float *dweights, float *dbias) {
    for (int64_t example = 0; dx && example < examples; example++) {
        const float *gradient = dy + example * outputs;
        float *target = dx + example * inputs;
        int64_t i = 0;
        for (; i + BLOCK * LANES <= inputs; i += BLOCK * LANES)
            add_rows(BLOCK, inputs, outputs, weights, gradient, target, i);
        for (; i + LANES <= inputs; i += LANES) add_rows(1, inputs, outputs, weights, gradient, target, i);
        for (int64_t rest = i; rest < inputs; rest++) target[rest] = 0;
        for (int64_t o = 0; o < outputs; o++)
            for (int64_t rest = i; rest < inputs; rest++) target[rest] += gradient[o] * weights[o * inputs + rest];
    }
    for (int64_t o = 0; o < outputs; o++) {
        float *row = dweights + o * inputs;
        int64_t i = 0;
        for (; i + LANES <= inputs; i += LANES) {
            vector sum = LOAD(row + i);
            for (int64_t e = 0; e < examples; e++) sum += dy[e * outputs + o] * LOAD(x + e * inputs + i);
            STORE(row + i, sum);
        }
        for (; i < inputs; i++)
            for (int64_t e = 0; e < examples; e++) row[i] += dy[e * outputs + o] * x[e * inputs + i];
    }
    for (int64_t e = 0; dbias && e < examples; e++)
        for (int64_t o = 0; o < outputs; o++) dbias[o] += dy[e * outputs + o];
}
