// Batch normalization, alone or with the addition and the rectifier behind it. Sums are taken in double precision: the
// sum of squares of float32 numbers then loses nothing that matters, however far the mean is from zero. Those of
// gradients, which are taken around the mean, begin in single precision.

#include "pare_layers.h"
#include "vectors.h"

// Two sums of a channel. Four sums of eight lanes hide how long an addition takes.
typedef struct {
    double_vector low, high, products_low, products_high;
    double rest, rest_products;
} channel_sums;

PART void add_products(channel_sums *s, const double_vector *low, const double_vector *high,
                       const double_vector *other_low, const double_vector *other_high) {
    s->low += *low;
    s->high += *high;
    s->products_low += *low * *other_low;
    s->products_high += *high * *other_high;
}

PART void store_sums(const channel_sums *s, int64_t channel, int64_t channels, double *sums) {
    const double_vector sum = s->low + s->high, products = s->products_low + s->products_high;
    sums[channel] = double_lane_sum(&sum) + s->rest;
    sums[channels + channel] = double_lane_sum(&products) + s->rest_products;
}

KERNEL void pare_channel_sums(int64_t examples, int64_t channels, int64_t positions, const float *x, double *sums) {
    for (int64_t channel = 0; channel < channels; channel++) {
        channel_sums s = {{0}, {0}, {0}, {0}, 0, 0};
        for (int64_t example = 0; example < examples; example++) {
            const float *row = x + (example * channels + channel) * positions;
            int64_t i = 0;
            for (; i + LANES <= positions; i += LANES) {
                const double_vector low = LOAD_DOUBLES(row + i), high = LOAD_DOUBLES(row + i + 8);
                add_products(&s, &low, &high, &low, &high);
            }
            for (; i < positions; i++) {
                s.rest += row[i];
                s.rest_products += (double)row[i] * row[i];
            }
        }
        store_sums(&s, channel, channels, sums);
    }
}

typedef int32_t mask_vector __attribute__((vector_size(64), aligned(64)));

// Zero where the gate's value is zero or below; a NaN lets through what comes.
PART void close_gate(vector *v, const vector *gate) {
    const mask_vector closed = *gate <= 0;
    *v = (vector)((mask_vector)*v & ~closed);
}

// `y = (x - mean) factor + offset`; a rectifier behind it lets through what is not zero or below.
#define NORMALIZED(x) (((x) - center) * scale + shift)

PART void forward_rows(const int adds, const int rectifies, const pare_normalization *n, int64_t examples,
                       const float *x, const float *other, float *y) {
    const int64_t positions = n->positions;
    for (int64_t row = 0; row < examples * n->channels; row++) {
        const int64_t channel = row % n->channels;
        const float center = n->mean[channel], scale = n->factor[channel], shift = n->offset[channel];
        EACH_ELEMENT(int64_t i = 0; i < positions; i++) {
            const float v = adds ? NORMALIZED(x[i]) + other[i] : NORMALIZED(x[i]);
            y[i] = rectifies && v <= 0 ? 0 : v;
        }
        x += positions, y += positions;
        if (adds) other += positions;
    }
}

KERNEL void pare_normalize_forward(const pare_normalization *n, int64_t examples, const float *x, const float *other,
                                   int rectifies, float *y) {
    if (other && rectifies) forward_rows(1, 1, n, examples, x, other, y);
    else if (other) forward_rows(1, 0, n, examples, x, other, y);
    else if (rectifies) forward_rows(0, 1, n, examples, x, other, y);
    else forward_rows(0, 0, n, examples, x, other, y);
}

// The gradient that the gate lets through.
#define GATED(dy, x, y)                                                                       \
    (gate != PARE_NO_GATE && (gate == PARE_GATE_OF_INPUT ? NORMALIZED(x) : (y)) <= 0 ? 0 : (dy))

// How many vectors are added in single precision before the sums go on in double.
enum { RUN = 64 };

PART void sum_gradients(const pare_gate gate, const int writes, const pare_normalization *n, int64_t examples,
                        const float *x, const float *dy, const float *y, float *gated, double *sums) {
    for (int64_t channel = 0; channel < n->channels; channel++) {
        channel_sums s = {{0}, {0}, {0}, {0}, 0, 0};
        const float center = n->mean[channel], scale = n->factor[channel], shift = n->offset[channel];
        for (int64_t example = 0; example < examples; example++) {
            const int64_t start = (example * n->channels + channel) * n->positions, end = start + n->positions;
            int64_t i = start;
            while (i + LANES <= end) {
                const int64_t last = least(i + RUN * LANES, end) - LANES;
                vector run = {0}, products = {0};
                for (; i <= last; i += LANES) {
                    const vector values = LOAD(x + i);
                    vector gradient = LOAD(dy + i);
                    const vector output = gate == PARE_GATE_OF_OUTPUT ? LOAD(y + i) : NORMALIZED(values);
                    if (gate != PARE_NO_GATE) close_gate(&gradient, &output);
                    if (writes) STORE(gated + i, gradient);
                    run += gradient;
                    products += gradient * (values - center);
                }
                const half_vector *sum = (const half_vector *)&run, *product = (const half_vector *)&products;
                s.low += __builtin_convertvector(sum[0], double_vector);
                s.high += __builtin_convertvector(sum[1], double_vector);
                s.products_low += __builtin_convertvector(product[0], double_vector);
                s.products_high += __builtin_convertvector(product[1], double_vector);
            }
            for (; i < end; i++) {
                const float gradient = GATED(dy[i], x[i], y[i]);
                if (writes) gated[i] = gradient;
                s.rest += gradient;
                s.rest_products += gradient * ((double)x[i] - center);
            }
        }
        store_sums(&s, channel, n->channels, sums);
    }
}

KERNEL void pare_normalize_gradient_sums(const pare_normalization *n, int64_t examples, const float *x,
                                         const float *dy, const float *y, pare_gate gate, float *gated,
                                         double *sums) {
    switch (gate) {
    case PARE_GATE_OF_INPUT:
        if (gated) sum_gradients(PARE_GATE_OF_INPUT, 1, n, examples, x, dy, y, gated, sums);
        else sum_gradients(PARE_GATE_OF_INPUT, 0, n, examples, x, dy, y, gated, sums);
        break;
    case PARE_GATE_OF_OUTPUT:
        if (gated) sum_gradients(PARE_GATE_OF_OUTPUT, 1, n, examples, x, dy, y, gated, sums);
        else sum_gradients(PARE_GATE_OF_OUTPUT, 0, n, examples, x, dy, y, gated, sums);
        break;
    case PARE_NO_GATE:
        if (gated) sum_gradients(PARE_NO_GATE, 1, n, examples, x, dy, y, gated, sums);
        else sum_gradients(PARE_NO_GATE, 0, n, examples, x, dy, y, gated, sums);
        break;
    }
}

PART void backward_rows(const pare_gate gate, const pare_normalization *n, int64_t examples, const float *x,
                        const float *dy, const float *y, const float *average, const float *slope, float *dx) {
    const int64_t positions = n->positions;
    for (int64_t row = 0; row < examples * n->channels; row++) {
        const int64_t channel = row % n->channels;
        const float center = n->mean[channel], scale = n->factor[channel], shift = n->offset[channel];
        const float mean_gradient = average[channel], tilt = slope[channel];
        EACH_ELEMENT(int64_t i = 0; i < positions; i++)
            dx[i] = scale * (GATED(dy[i], x[i], y[i]) - mean_gradient - (x[i] - center) * tilt);
        x += positions, dy += positions, y += positions, dx += positions;
    }
}

KERNEL void pare_normalize_backward(const pare_normalization *n, int64_t examples, const float *x, const float *dy,
                                    const float *y, pare_gate gate, const float *average, const float *slope,
                                    float *dx) {
    switch (gate) {
    case PARE_GATE_OF_INPUT: backward_rows(PARE_GATE_OF_INPUT, n, examples, x, dy, y, average, slope, dx); break;
    case PARE_GATE_OF_OUTPUT: backward_rows(PARE_GATE_OF_OUTPUT, n, examples, x, dy, y, average, slope, dx); break;
    case PARE_NO_GATE: backward_rows(PARE_NO_GATE, n, examples, x, dy, y, average, slope, dx); break;
    }
}
