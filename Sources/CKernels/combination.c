// Two operands that become one, element by element, and what their gradients need.

#include "functions.h"
#include "pare_layers.h"
#include "vectors.h"

// The operands may be the result: each vector is read before it is written.
PART void combine_rows(const int rule, int64_t rows, int64_t positions, const float *a, int64_t a_positions,
                       const float *b, int64_t b_positions, float *y) {
    if (a_positions == positions && b_positions == positions) {
        positions = a_positions = b_positions = rows * positions;
        rows = 1;
    }
    for (int64_t row = 0; row < rows; row++, a += a_positions, b += b_positions, y += positions) {
        const float first = a[0], second = b[0];
        const int a_varies = a_positions == positions, b_varies = b_positions == positions;
        int64_t i = 0;
        for (; i + LANES <= positions; i += LANES) {
            const vector left = a_varies ? LOAD(a + i) : first - (vector){0};
            const vector right = b_varies ? LOAD(b + i) : second - (vector){0};
            STORE(y + i, rule == PARE_SUM ? left + right : rule == PARE_DIFFERENCE ? left - right : left * right);
        }
        for (; i < positions; i++) {
            const float left = a_varies ? a[i] : first, right = b_varies ? b[i] : second;
            y[i] = rule == PARE_SUM ? left + right : rule == PARE_DIFFERENCE ? left - right : left * right;
        }
    }
}

KERNEL void pare_combine(int rule, int64_t rows, int64_t positions, const float *a, int64_t a_positions,
                         const float *b, int64_t b_positions, float *y) {
    switch (rule) {
    case PARE_SUM: combine_rows(PARE_SUM, rows, positions, a, a_positions, b, b_positions, y); break;
    case PARE_DIFFERENCE: combine_rows(PARE_DIFFERENCE, rows, positions, a, a_positions, b, b_positions, y); break;
    default: combine_rows(PARE_PRODUCT, rows, positions, a, a_positions, b, b_positions, y);
    }
}

KERNEL void pare_row_sums(int64_t rows, int64_t positions, const float *x, float *sums) {
    for (int64_t row = 0; row < rows; row++, x += positions) {
        vector lanes = {0};
        float rest = 0;
        int64_t i = 0;
        for (; i + LANES <= positions; i += LANES) lanes += LOAD(x + i);
        for (; i < positions; i++) rest += x[i];
        sums[row] = lane_sum(&lanes) + rest;
    }
}

// MARK: - A slope for each channel

KERNEL void pare_prelu_forward(int64_t examples, int64_t channels, int64_t positions, const float *restrict x,
                               const float *slope, float *restrict y) {
    for (int64_t example = 0; example < examples; example++) {
        for (int64_t channel = 0; channel < channels; channel++, x += positions, y += positions) {
            const float a = slope[channel];
            for (int64_t i = 0; i < positions; i++) y[i] = x[i] <= 0 ? a * x[i] : x[i];
        }
    }
}

KERNEL void pare_prelu_backward(int64_t examples, int64_t channels, int64_t positions, const float *restrict x,
                                const float *slope, const float *restrict dy, float *restrict dx, float *dslope) {
    for (int64_t example = 0; example < examples; example++) {
        for (int64_t channel = 0; channel < channels; channel++, x += positions, dy += positions) {
            const float a = slope[channel];
            vector lanes = {0};
            float rest = 0;
            int64_t i = 0;
            for (; i + LANES <= positions; i += LANES) {
                const vector v = LOAD(x + i), zero = {0};
                lanes += SELECT(v <= 0, v * LOAD(dy + i), zero);
            }
            for (; i < positions; i++) rest += x[i] <= 0 ? x[i] * dy[i] : 0;
            dslope[channel] += lane_sum(&lanes) + rest;
            for (int64_t j = 0; dx && j < positions; j++) dx[j] = x[j] <= 0 ? a * dy[j] : dy[j];
            if (dx) dx += positions;
        }
    }
}
