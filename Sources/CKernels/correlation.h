// Sums over taps: what forward and the gradient of the input are made of.

#ifndef PARE_CORRELATION_H
#define PARE_CORRELATION_H

#include "convolution.h"

// MARK: - Correlation

// A result of `images` times `groups` times `planes` planes of `positions`, computed from padded images.
typedef struct {
    int64_t images, source_step, result_step;
    int64_t groups, group_source, group_weights; // how far apart the sources and the weights of two groups are
    int64_t planes, positions;
    units units;
    const unit *list;
} correlation;

PART void store_some(float *target, const vector *value, int64_t first, int64_t count) {
    float lanes[LANES];
    memcpy(lanes, value, sizeof lanes);
    for (int64_t i = 0; i < count; i++) target[i] = lanes[first + i];
}

// `height` planes of `width` vectors, each of one unit or of two halves; `height`, `width` and `halves` are constants.
PART void correlate_block(const int height, const int width, const int halves, const float *source, const int64_t *offsets,
                          const tap *taps, int64_t tap_count, const float *weights, int64_t weight_step,
                          const float *bias, float *result, const int64_t *results, const int64_t *counts,
                          int64_t plane_step) {
    const float *sources[2 * WIDTH];
    for (int v = 0; v < (halves ? 2 * width : width); v++) sources[v] = source + offsets[v];
    vector sums[HEIGHT][WIDTH];
    for (int row = 0; row < height; row++)
        for (int v = 0; v < width; v++) sums[row][v] = (vector){0} + (bias ? bias[row] : 0.0f);
    for (int64_t i = 0; i < tap_count; i++) {
        const int64_t shift = taps[i].source;
        const float *factor = weights + taps[i].weight;
        vector values[WIDTH];
        for (int v = 0; v < width; v++) {
            if (halves) join(sources[2 * v] + shift, sources[2 * v + 1] + shift, &values[v]);
            else values[v] = LOAD(sources[v] + shift);
        }
        for (int row = 0; row < height; row++)
            for (int v = 0; v < width; v++) sums[row][v] += values[v] * factor[row * weight_step];
    }
    // Unrolled, or the sums would have addresses and lie in memory all along.
#pragma clang loop unroll(full)
    for (int row = 0; row < height; row++) {
#pragma clang loop unroll(full)
        for (int v = 0; v < width; v++) {
            const vector sum = sums[row][v];
            if (!halves) {
                float *target = result + results[v] + row * plane_step;
                if (counts[v] == LANES) STORE(target, sum);
                else store_some(target, &sum, 0, counts[v]);
            } else {
                float *low = result + results[2 * v] + row * plane_step;
                float *high = result + results[2 * v + 1] + row * plane_step;
                if (counts[2 * v] == HALF) STORE_HALF(low, __builtin_shufflevector(sum, sum, 0, 1, 2, 3, 4, 5, 6, 7));
                else store_some(low, &sum, 0, counts[2 * v]);
                if (counts[2 * v + 1] == HALF)
                    STORE_HALF(high, __builtin_shufflevector(sum, sum, 8, 9, 10, 11, 12, 13, 14, 15));
                else store_some(high, &sum, HALF, counts[2 * v + 1]);
            }
        }
    }
}

// `result[m, p] = bias[m] + sum over taps of weights[m, tap.weight] source[tap.source + p]` for every image and group.
PART void correlate_units(const int width, const int halves, const correlation *c, const float *source, const tap *taps,
                          int64_t tap_count, const float *weights, int64_t weight_step, const float *bias,
                          float *result) {
    const int block = halves ? 2 * width : width;
    int64_t image = 0, next = 0;
    while (image < c->images) {
        int64_t sources[2 * WIDTH], results[2 * WIDTH], counts[2 * WIDTH];
        for (int v = 0; v < block; v++) {
            // Units that are not there repeat the last one.
            const int64_t at = least(image, c->images - 1);
            const unit u = c->list[image < c->images ? next : c->units.count - 1];
            sources[v] = at * c->source_step + u.source;
            results[v] = at * c->result_step + u.result;
            counts[v] = u.count;
            if (++next == c->units.count) {
                next = 0;
                image++;
            }
        }
        for (int64_t group = 0; group < c->groups; group++) {
            for (int64_t m = 0; m < c->planes; m += HEIGHT) {
                const float *w = weights + group * c->group_weights + m * weight_step;
                const float *b = bias ? bias + group * c->planes + m : NULL;
                float *target = result + (group * c->planes + m) * c->positions;
#define BLOCK(height)                                                                                               \
    correlate_block(height, width, halves, source + group * c->group_source, sources, taps, tap_count, w, weight_step, b, \
                    target, results, counts, c->positions)
                switch (c->planes - m) {
                case 1: BLOCK(1); break;
                case 2: BLOCK(2); break;
                case 3: BLOCK(3); break;
                default: BLOCK(HEIGHT); break;
                }
#undef BLOCK
            }
        }
    }
}

PART void correlate(const correlation *c, const float *source, const tap *taps, int64_t tap_count,
                    const float *weights, int64_t weight_step, const float *bias, float *result) {
#define UNITS(width, halves) \
    correlate_units(width, halves, c, source, taps, tap_count, weights, weight_step, bias, result)
    // Thirty-two registers of a whole vector each hold the widest block, all others one vector of it.
    if (c->units.lanes == HALF) {
        if (has_wide_registers()) UNITS(WIDTH, 1);
        else UNITS(1, 1);
    } else {
        if (has_wide_registers()) UNITS(WIDTH, 0);
        else UNITS(1, 0);
    }
#undef UNITS
}

#endif
