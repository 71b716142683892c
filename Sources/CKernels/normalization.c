// Batch normalization. Sums are taken in double precision: the sum of squares of float32 numbers then loses nothing
// that matters, however far the mean is from zero.

#include "pare_layers.h"
#include "vectors.h"

KERNEL void pare_channel_sums(int64_t examples, int64_t channels, int64_t positions, const float *x, double *sums) {
    for (int64_t channel = 0; channel < channels; channel++) {
        double_vector sum = {0}, squares = {0};
        double rest = 0, rest_squares = 0;
        for (int64_t example = 0; example < examples; example++) {
            const float *row = x + (example * channels + channel) * positions;
            int64_t i = 0;
            for (; i + 8 <= positions; i += 8) {
                const double_vector v = LOAD_DOUBLES(row + i);
                sum += v;
                squares += v * v;
            }
            for (; i < positions; i++) {
                rest += row[i];
                rest_squares += (double)row[i] * row[i];
            }
        }
        sums[channel] = double_lane_sum(&sum) + rest;
        sums[channels + channel] = double_lane_sum(&squares) + rest_squares;
    }
}

KERNEL void pare_channel_gradient_sums(int64_t examples, int64_t channels, int64_t positions, const float *x,
                                       const float *dy, const float *mean, double *sums) {
    for (int64_t channel = 0; channel < channels; channel++) {
        double_vector sum = {0}, products = {0};
        double rest = 0, rest_products = 0;
        const double center = mean[channel];
        for (int64_t example = 0; example < examples; example++) {
            const int64_t start = (example * channels + channel) * positions;
            int64_t i = 0;
            for (; i + 8 <= positions; i += 8) {
                const double_vector gradient = LOAD_DOUBLES(dy + start + i);
                sum += gradient;
                products += gradient * (LOAD_DOUBLES(x + start + i) - center);
            }
            for (; i < positions; i++) {
                rest += dy[start + i];
                rest_products += dy[start + i] * (x[start + i] - center);
            }
        }
        sums[channel] = double_lane_sum(&sum) + rest;
        sums[channels + channel] = double_lane_sum(&products) + rest_products;
    }
}

KERNEL void pare_normalize_forward(int64_t examples, int64_t channels, int64_t positions, const float *restrict x,
                                   const float *mean, const float *factor, const float *offset, float *restrict y) {
    for (int64_t example = 0; example < examples; example++) {
        for (int64_t channel = 0; channel < channels; channel++, x += positions, y += positions) {
            const float center = mean[channel], scale = factor[channel], shift = offset[channel];
            for (int64_t i = 0; i < positions; i++) y[i] = (x[i] - center) * scale + shift;
        }
    }
}

KERNEL void pare_normalize_backward(int64_t examples, int64_t channels, int64_t positions, const float *restrict x,
                                    const float *restrict dy, const float *mean, const float *factor,
                                    const float *average, const float *slope, float *restrict dx) {
    for (int64_t example = 0; example < examples; example++) {
        for (int64_t channel = 0; channel < channels; channel++, x += positions, dy += positions, dx += positions) {
            const float center = mean[channel], scale = factor[channel];
            const float mean_gradient = average[channel], tilt = slope[channel];
            for (int64_t i = 0; i < positions; i++)
                dx[i] = scale * (dy[i] - mean_gradient - (x[i] - center) * tilt);
        }
    }
}
