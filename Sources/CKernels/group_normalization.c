// Normalization of each example by itself: of groups of channels, or of the channels of each position.
//
// With the gradient g of the output, r = 1 / sqrt(variance + epsilon) and n elements that are normalized together, the
// gradient of the input is `r (scale g - sum(scale g) / n - (x - mean) r^2 sum(scale g (x - mean)) / n)`, that of the
// scale `r sum(g (x - mean))`, that of the offset `sum(g)`.

#include "pare_layers.h"
#include "vectors.h"

// MARK: - Groups of channels of one example

PART void sums_of(int64_t count, const float *x, double *sum, double *squares) {
    double_vector lanes = {0}, square_lanes = {0};
    double rest = 0, rest_squares = 0;
    int64_t i = 0;
    for (; i + 8 <= count; i += 8) {
        const double_vector v = LOAD_DOUBLES(x + i);
        lanes += v;
        square_lanes += v * v;
    }
    for (; i < count; i++) {
        rest += x[i];
        rest_squares += (double)x[i] * x[i];
    }
    *sum = double_lane_sum(&lanes) + rest;
    *squares = double_lane_sum(&square_lanes) + rest_squares;
}

KERNEL void pare_group_normalization_forward(int64_t channels, int64_t positions, int64_t groups, int64_t valid,
                                             double epsilon, const float *restrict x, const float *scale,
                                             const float *offset, float *statistics, float *restrict y) {
    const int64_t members = channels / groups;
    for (int64_t group = 0; group < groups; group++, x += members * positions, y += members * positions) {
        double sum, squares;
        sums_of(members * positions, x, &sum, &squares);
        const double count = (double)most(1, members * valid), mean = sum / count;
        const double spread = squares / count - mean * mean;
        // Rounding may leave a little less than zero; a NaN stays.
        const double variance = spread < 0 ? 0 : spread;
        const float center = (float)mean, inverse = (float)(1 / __builtin_elementwise_sqrt(variance + epsilon));
        statistics[2 * group] = center;
        statistics[2 * group + 1] = inverse;
        const float *scales = scale + group * members, *offsets = offset + group * members;
        if (positions == 1) {
            for (int64_t c = 0; c < members; c++) y[c] = (x[c] - center) * (inverse * scales[c]) + offsets[c];
            continue;
        }
        for (int64_t c = 0; c < members; c++) {
            const float factor = inverse * scales[c], shift = offsets[c];
            const float *row = x + c * positions;
            float *target = y + c * positions;
            for (int64_t i = 0; i < positions; i++) target[i] = (row[i] - center) * factor + shift;
        }
    }
}

KERNEL void pare_group_normalization_backward(int64_t channels, int64_t positions, int64_t groups, int64_t valid,
                                              const float *restrict x, const float *scale, const float *statistics,
                                              const float *restrict dy, float *restrict dx, float *dscale,
                                              float *doffset) {
    const int64_t members = channels / groups;
    for (int64_t group = 0; group < groups; group++, x += members * positions, dy += members * positions) {
        const float center = statistics[2 * group], inverse = statistics[2 * group + 1];
        double total = 0, total_products = 0;
        for (int64_t c = 0; c < members; c++) {
            double_vector lanes = {0}, product_lanes = {0};
            double rest = 0, rest_products = 0;
            int64_t i = 0;
            for (; i + 8 <= positions; i += 8) {
                const double_vector gradient = LOAD_DOUBLES(dy + c * positions + i);
                lanes += gradient;
                product_lanes += gradient * (LOAD_DOUBLES(x + c * positions + i) - (double)center);
            }
            for (; i < positions; i++) {
                rest += dy[c * positions + i];
                rest_products += dy[c * positions + i] * ((double)x[c * positions + i] - center);
            }
            const double sum = double_lane_sum(&lanes) + rest;
            const double products = double_lane_sum(&product_lanes) + rest_products;
            const int64_t channel = group * members + c;
            doffset[channel] += (float)sum;
            dscale[channel] += (float)(products * inverse);
            total += scale[channel] * sum;
            total_products += scale[channel] * products;
        }
        if (!dx) continue;
        const double count = (double)most(1, members * valid);
        const float average = (float)(total / count);
        const float tilt = (float)(total_products / count * inverse * inverse);
        for (int64_t c = 0; c < members; c++, dx += positions) {
            const float factor = scale[group * members + c];
            const float *row = x + c * positions, *gradient = dy + c * positions;
            for (int64_t i = 0; i < positions; i++)
                dx[i] = inverse * (factor * gradient[i] - average - (row[i] - center) * tilt);
        }
    }
}

// MARK: - The channels of each position of one example

// Up to sixteen positions of a channel; those that are not there are zero.
PART void load_positions(const float *x, int64_t count, vector *v) {
    if (count == LANES) *v = LOAD(x);
    else load_first(x, count, v);
}

PART void store_positions(float *y, int64_t count, const vector *v) {
    if (count == LANES) STORE(y, *v);
    else store_first(y, count, v);
}

// Mean and `1 / sqrt(variance + epsilon)` of each position.
PART void statistics_of(int64_t channels, int64_t positions, int64_t count, float epsilon, const float *x,
                        vector *mean, vector *inverse) {
    vector sum = {0}, squares = {0}, v;
    for (int64_t c = 0; c < channels; c++) {
        load_positions(x + c * positions, count, &v);
        sum += v;
    }
    *mean = sum / (float)channels;
    for (int64_t c = 0; c < channels; c++) {
        load_positions(x + c * positions, count, &v);
        squares += (v - *mean) * (v - *mean);
    }
    *inverse = 1 / __builtin_elementwise_sqrt(squares / (float)channels + epsilon);
}

KERNEL void pare_position_normalization_forward(int64_t channels, int64_t positions, float epsilon,
                                                const float *restrict x, const float *scale, const float *offset,
                                                float *restrict y) {
    for (int64_t first = 0; first < positions; first += LANES) {
        const int64_t count = least(LANES, positions - first);
        vector mean, inverse;
        statistics_of(channels, positions, count, epsilon, x + first, &mean, &inverse);
        for (int64_t c = 0; c < channels; c++) {
            const int64_t start = c * positions + first;
            vector v;
            load_positions(x + start, count, &v);
            v = (v - mean) * inverse * scale[c] + offset[c];
            store_positions(y + start, count, &v);
        }
    }
}

KERNEL void pare_position_normalization_backward(int64_t channels, int64_t positions, float epsilon,
                                                 const float *restrict x, const float *scale,
                                                 const float *restrict dy, float *restrict dx, float *dscale,
                                                 float *doffset) {
    for (int64_t first = 0; first < positions; first += LANES) {
        const int64_t count = least(LANES, positions - first);
        vector mean, inverse, sum = {0}, products = {0};
        statistics_of(channels, positions, count, epsilon, x + first, &mean, &inverse);
        for (int64_t c = 0; c < channels; c++) {
            const int64_t start = c * positions + first;
            vector gradient, v;
            load_positions(dy + start, count, &gradient);
            load_positions(x + start, count, &v);
            const vector product = gradient * (v - mean) * inverse;
            sum += gradient * scale[c];
            products += product * scale[c];
            dscale[c] += lane_sum(&product);
            doffset[c] += lane_sum(&gradient);
        }
        sum /= (float)channels;
        products /= (float)channels;
        for (int64_t c = 0; dx && c < channels; c++) {
            const int64_t start = c * positions + first;
            vector gradient, v;
            load_positions(dy + start, count, &gradient);
            load_positions(x + start, count, &v);
            v = inverse * (gradient * scale[c] - sum - (v - mean) * inverse * products);
            store_positions(dx + start, count, &v);
        }
    }
}
