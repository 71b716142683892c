// Softmax over the channels of each position.

#include <math.h>

#include "functions.h"
#include "pare_layers.h"
#include "vectors.h"

// Up to sixteen elements; those that are not there are `filling`.
PART void load_part(const float *x, int64_t count, float filling, vector *v) {
    *v = filling - (vector){0};
    memcpy(v, x, (size_t)least(LANES, count) * sizeof(float));
}

PART void store_part(float *y, int64_t count, const vector *v) {
    memcpy(y, v, (size_t)least(LANES, count) * sizeof(float));
}

// MARK: - A vector, along its channels

PART void vector_forward(int64_t channels, const float *x, float *y) {
    float largest = x[0];
    for (int64_t i = 1; i < channels; i++)
        if (x[i] > largest) largest = x[i];
    vector sums = {0}, v;
    for (int64_t i = 0; i < channels; i += LANES) {
        // What is not there adds nothing to the sum.
        load_part(x + i, channels - i, -INFINITY, &v);
        v -= largest;
        vector_exp(&v, &v);
        sums += v;
        store_part(y + i, channels - i, &v);
    }
    const float sum = lane_sum(&sums);
    for (int64_t i = 0; i < channels; i++) y[i] /= sum;
}

PART void vector_backward(int64_t channels, const float *y, const float *dy, float *dx) {
    vector sums = {0}, v, gradient;
    for (int64_t i = 0; i < channels; i += LANES) {
        load_part(y + i, channels - i, 0, &v);
        load_part(dy + i, channels - i, 0, &gradient);
        sums += v * gradient;
    }
    const float sum = lane_sum(&sums);
    for (int64_t i = 0; i < channels; i++) dx[i] = y[i] * (dy[i] - sum);
}

// MARK: - Sixteen positions at a time

PART void block_forward(int64_t channels, int64_t positions, int64_t count, const float *x, float *y) {
    vector largest, sum = {0}, v;
    load_part(x, count, 0, &largest);
    for (int64_t c = 1; c < channels; c++) {
        load_part(x + c * positions, count, 0, &v);
        largest = SELECT(v > largest, v, largest);
    }
    for (int64_t c = 0; c < channels; c++) {
        load_part(x + c * positions, count, 0, &v);
        v -= largest;
        vector_exp(&v, &v);
        sum += v;
        store_part(y + c * positions, count, &v);
    }
    for (int64_t c = 0; c < channels; c++) {
        load_part(y + c * positions, count, 0, &v);
        v /= sum;
        store_part(y + c * positions, count, &v);
    }
}

PART void block_backward(int64_t channels, int64_t positions, int64_t count, const float *y, const float *dy,
                         float *dx) {
    vector sum = {0}, v, gradient;
    for (int64_t c = 0; c < channels; c++) {
        load_part(y + c * positions, count, 0, &v);
        load_part(dy + c * positions, count, 0, &gradient);
        sum += v * gradient;
    }
    for (int64_t c = 0; c < channels; c++) {
        load_part(y + c * positions, count, 0, &v);
        load_part(dy + c * positions, count, 0, &gradient);
        v *= gradient - sum;
        store_part(dx + c * positions, count, &v);
    }
}

// MARK: - Examples

KERNEL void pare_softmax_forward(int64_t examples, int64_t channels, int64_t positions, const float *x, float *y) {
    for (int64_t example = 0; example < examples; example++, x += channels * positions, y += channels * positions) {
        if (positions == 1) {
            vector_forward(channels, x, y);
            continue;
        }
        for (int64_t i = 0; i < positions; i += LANES) block_forward(channels, positions, positions - i, x + i, y + i);
    }
}

KERNEL void pare_softmax_backward(int64_t examples, int64_t channels, int64_t positions, const float *y,
                                  const float *dy, float *dx) {
    const int64_t count = channels * positions;
    for (int64_t example = 0; example < examples; example++, y += count, dy += count, dx += count) {
        if (positions == 1) {
            vector_backward(channels, y, dy, dx);
            continue;
        }
        for (int64_t i = 0; i < positions; i += LANES)
            block_backward(channels, positions, positions - i, y + i, dy + i, dx + i);
    }
}
