// Convolution over steps as correlations with stride one.
//
// An example is first copied to scratch memory, with its borders as zeros and split into `stride` phases: phase p holds
// the elements p, p + stride, p + 2 stride, ... Then tap j of the filter reads phase (dilation j) mod stride, shifted by
// (dilation j) / stride, one element a step: every stride, dilation and padding runs through the same inner loop,
// which keeps four filters times two vectors of steps in registers. The gradient of the input is the same loop over the
// padded gradient of the output with taps reversed; that of the weights are dot products along the steps.

#include <stddef.h>

#include "pare_layers.h"
#include "vectors.h"

// Where everything lies in scratch memory, in floats.
typedef struct {
    int64_t reach;        // how far the last tap is shifted: dilation (size - 1) / stride
    int64_t x_row;        // one phase of one channel of the padded input
    int64_t first_q;      // the input's gradient is computed for q = (i + before) / stride from here,
    int64_t q_count;      // so many
    int64_t dy_front;     // zeros before the gradient of the output
    int64_t dy_row;       // one filter of the padded gradient of the output
    int64_t x, dy, phase; // starts of the three areas
    int64_t taps;         // start of the list of taps: two 32-bit integers each, filled anew for each direction
    int64_t phase_starts; // start of the list of the first tap of each phase
    int64_t total;
} layout;

PART layout lay_out(const pare_convolution1d *c) {
    layout l;
    const int64_t t_count = whole_vectors(c->output_steps);
    l.reach = c->dilation * (c->size - 1) / c->stride;
    l.x_row = t_count + whole_vectors(l.reach + 1);
    l.first_q = c->before / c->stride;
    l.q_count = (c->steps - 1 + c->before) / c->stride - l.first_q + 1;
    l.dy_front = whole_vectors(most(0, l.reach - l.first_q));
    l.dy_row = l.dy_front + most(t_count, l.first_q + whole_vectors(l.q_count));
    l.x = 0;
    l.dy = whole_vectors(l.x + c->channels * c->stride * l.x_row);
    l.phase = whole_vectors(l.dy + c->filters * l.dy_row);
    l.taps = whole_vectors(l.phase + c->channels * whole_vectors(l.q_count));
    l.phase_starts = whole_vectors(l.taps + 2 * most(c->channels, c->filters) * c->size);
    l.total = whole_vectors(l.phase_starts + c->stride + 1);
    return l;
}

int64_t pare_convolution1d_scratch(const pare_convolution1d *convolution) { return lay_out(convolution).total; }

// A tap: where its source starts, and which weight of the first output it multiplies with.
typedef struct {
    int32_t source, weight;
} tap;

// MARK: - Padding

PART void pad_input(const pare_convolution1d *c, const layout *l, const float *x, float *padded) {
    for (int64_t channel = 0; channel < c->channels; channel++) {
        for (int64_t phase = 0; phase < c->stride; phase++) {
            float *row = padded + (channel * c->stride + phase) * l->x_row;
            const float *source = x + channel * c->steps;
            // Element u of the row is x[stride u + shift].
            const int64_t shift = phase - c->before;
            const int64_t begin = least(l->x_row, shift >= 0 ? 0 : (-shift + c->stride - 1) / c->stride);
            const int64_t end = c->steps <= shift ? begin : most(begin, least(l->x_row, (c->steps - 1 - shift) / c->stride + 1));
            memset(row, 0, (size_t)begin * sizeof(float));
            if (c->stride == 1) {
                memcpy(row + begin, source + begin + shift, (size_t)(end - begin) * sizeof(float));
            } else {
                for (int64_t u = begin; u < end; u++) row[u] = source[c->stride * u + shift];
            }
            memset(row + end, 0, (size_t)(l->x_row - end) * sizeof(float));
        }
    }
}

PART void pad_gradient(const pare_convolution1d *c, const layout *l, const float *dy, float *padded) {
    for (int64_t filter = 0; filter < c->filters; filter++) {
        float *row = padded + filter * l->dy_row;
        memset(row, 0, (size_t)l->dy_front * sizeof(float));
        memcpy(row + l->dy_front, dy + filter * c->output_steps, (size_t)c->output_steps * sizeof(float));
        memset(row + l->dy_front + c->output_steps, 0,
               (size_t)(l->dy_row - l->dy_front - c->output_steps) * sizeof(float));
    }
}

// MARK: - Correlation

enum { BLOCK = 4 };

PART void store(float *target, const vector *value, int64_t count) {
    if (count >= LANES) {
        STORE(target, *value);
    } else {
        float lanes[LANES];
        memcpy(lanes, value, sizeof lanes);
        for (int64_t i = 0; i < count; i++) target[i] = lanes[i];
    }
}

// `rows` (at most `height`) outputs of `width` vectors from step t on. `height` and `width` are constants.
PART void correlate_block(const int height, const int width, int64_t rows, int64_t t, int64_t steps,
                          const float *source, const tap *taps, int64_t tap_count, const float *weights,
                          int64_t weight_step, const float *bias, float *output, int64_t output_step) {
    const float *row_weights[BLOCK];
    vector sums[BLOCK][2];
    for (int row = 0; row < height; row++) {
        // Rows that are not there repeat the last one and are not stored.
        const int64_t index = least(row, rows - 1);
        row_weights[row] = weights + index * weight_step;
        for (int v = 0; v < width; v++) sums[row][v] = (vector){0} + (bias ? bias[index] : 0.0f);
    }
    for (int64_t i = 0; i < tap_count; i++) {
        vector values[2];
        for (int v = 0; v < width; v++) values[v] = LOAD(source + taps[i].source + t + v * LANES);
        for (int row = 0; row < height; row++) {
            const float weight = row_weights[row][taps[i].weight];
            for (int v = 0; v < width; v++) sums[row][v] += values[v] * weight;
        }
    }
    for (int row = 0; row < height; row++) {
        if (row >= rows) break;
        for (int v = 0; v < width; v++)
            store(output + row * output_step + t + v * LANES, &sums[row][v], steps - t - v * LANES);
    }
}

// `output[m, t] = bias[m] + sum over taps of weights[m, tap.weight] source[tap.source + t]`.
PART void correlate(int64_t outputs, int64_t steps, const float *source, const tap *taps, int64_t tap_count,
                    const float *weights, int64_t weight_step, const float *bias, float *output,
                    int64_t output_step) {
    for (int64_t m = 0; m < outputs;) {
        const int64_t rows = outputs - m;
        const float *w = weights + m * weight_step;
        const float *b = bias ? bias + m : NULL;
        float *y = output + m * output_step;
        if (rows == 1) {
            for (int64_t t = 0; t < steps; t += LANES)
                correlate_block(1, 1, 1, t, steps, source, taps, tap_count, w, weight_step, b, y, output_step);
            m += 1;
        } else {
            int64_t t = 0;
            for (; steps - t > LANES; t += 2 * LANES)
                correlate_block(BLOCK, 2, rows, t, steps, source, taps, tap_count, w, weight_step, b, y, output_step);
            if (t < steps)
                correlate_block(BLOCK, 1, rows, t, steps, source, taps, tap_count, w, weight_step, b, y, output_step);
            m += BLOCK;
        }
    }
}

// MARK: - Forward

KERNEL void pare_convolution1d_forward(const pare_convolution1d *c, int64_t examples, const float *x,
                                       const float *weights, const float *bias, float *y, float *scratch) {
    const layout l = lay_out(c);
    float *padded = scratch + l.x;
    tap *taps = (tap *)(scratch + l.taps);
    for (int64_t channel = 0; channel < c->channels; channel++) {
        for (int64_t j = 0; j < c->size; j++) {
            const int64_t k = c->dilation * j;
            const int64_t row = channel * c->stride + k % c->stride;
            taps[channel * c->size + j] =
                (tap){(int32_t)(row * l.x_row + k / c->stride), (int32_t)(channel * c->size + j)};
        }
    }
    const int64_t tap_count = c->channels * c->size;
    for (int64_t example = 0; example < examples; example++) {
        pad_input(c, &l, x + example * c->channels * c->steps, padded);
        correlate(c->filters, c->output_steps, padded, taps, tap_count, weights, tap_count, bias,
                  y + example * c->filters * c->output_steps, c->output_steps);
    }
}

// MARK: - Backward

// The lane sums of sixteen vectors, each in its lane, by adding halves, quarters, pairs and neighbours.
PART void lane_sums(const vector *v, vector *sums) {
    vector a[8], b[4], c[2];
    for (int i = 0; i < 8; i++)
        a[i] = __builtin_shufflevector(v[i], v[i + 8], 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23)
            + __builtin_shufflevector(v[i], v[i + 8], 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31);
    for (int i = 0; i < 4; i++)
        b[i] = __builtin_shufflevector(a[i], a[i + 4], 0, 1, 2, 3, 16, 17, 18, 19, 8, 9, 10, 11, 24, 25, 26, 27)
            + __builtin_shufflevector(a[i], a[i + 4], 4, 5, 6, 7, 20, 21, 22, 23, 12, 13, 14, 15, 28, 29, 30, 31);
    for (int i = 0; i < 2; i++)
        c[i] = __builtin_shufflevector(b[i], b[i + 2], 0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29)
            + __builtin_shufflevector(b[i], b[i + 2], 2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31);
    *sums = __builtin_shufflevector(c[0], c[1], 0, 16, 2, 18, 4, 20, 6, 22, 8, 24, 10, 26, 12, 28, 14, 30)
        + __builtin_shufflevector(c[0], c[1], 1, 17, 3, 19, 5, 21, 7, 23, 9, 25, 11, 27, 13, 29, 15, 31);
}

// `dweights[o, tap] += sum over t of dy[o, t] x[tap.source + t]`, four filters times four taps at once.
PART void add_weight_gradients(const pare_convolution1d *c, const layout *l, const float *padded_x,
                               const float *padded_dy, const tap *taps, float *dweights, float *dbias) {
    const int64_t tap_count = c->channels * c->size;
    const int64_t t_count = whole_vectors(c->output_steps);
    for (int64_t filter = 0; filter < c->filters; filter += BLOCK) {
        const float *dy[BLOCK];
        for (int i = 0; i < BLOCK; i++)
            dy[i] = padded_dy + least(filter + i, c->filters - 1) * l->dy_row + l->dy_front;
        for (int64_t first = 0; first < tap_count; first += BLOCK) {
            const float *x[BLOCK];
            for (int i = 0; i < BLOCK; i++) x[i] = padded_x + taps[least(first + i, tap_count - 1)].source;
            vector products[BLOCK * BLOCK] = {0};
            for (int64_t t = 0; t < t_count; t += LANES) {
                vector values[BLOCK];
                for (int i = 0; i < BLOCK; i++) values[i] = LOAD(x[i] + t);
                for (int o = 0; o < BLOCK; o++) {
                    const vector gradient = LOAD(dy[o] + t);
                    for (int i = 0; i < BLOCK; i++) products[o * BLOCK + i] += gradient * values[i];
                }
            }
            vector sums;
            lane_sums(products, &sums);
            float lanes[LANES];
            memcpy(lanes, &sums, sizeof lanes);
            for (int64_t o = 0; o < least(BLOCK, c->filters - filter); o++)
                for (int64_t i = 0; i < least(BLOCK, tap_count - first); i++)
                    dweights[(filter + o) * tap_count + first + i] += lanes[o * BLOCK + i];
        }
    }
    for (int64_t filter = 0; dbias && filter < c->filters; filter++) {
        vector sum = {0};
        const float *dy = padded_dy + filter * l->dy_row + l->dy_front;
        for (int64_t t = 0; t < t_count; t += LANES) sum += LOAD(dy + t);
        dbias[filter] += lane_sum(&sum);
    }
}

KERNEL void pare_convolution1d_backward(const pare_convolution1d *c, int64_t examples, const float *x,
                                        const float *weights, const float *dy, float *dx, float *dweights,
                                        float *dbias, float *scratch) {
    const layout l = lay_out(c);
    float *padded_x = scratch + l.x, *padded_dy = scratch + l.dy, *phase_output = scratch + l.phase;
    tap *taps = (tap *)(scratch + l.taps);
    int32_t *phase_starts = (int32_t *)(scratch + l.phase_starts);

    for (int64_t example = 0; example < examples; example++) {
        const int64_t input = example * c->channels * c->steps;
        pad_input(c, &l, x + input, padded_x);
        pad_gradient(c, &l, dy + example * c->filters * c->output_steps, padded_dy);

        for (int64_t channel = 0; channel < c->channels; channel++) {
            for (int64_t j = 0; j < c->size; j++) {
                const int64_t k = c->dilation * j;
                const int64_t row = channel * c->stride + k % c->stride;
                taps[channel * c->size + j] = (tap){(int32_t)(row * l.x_row + k / c->stride), 0};
            }
        }
        add_weight_gradients(c, &l, padded_x, padded_dy, taps, dweights, dbias);

        if (!dx) continue;
        // The taps that reach inputs of each phase: input stride q + phase - before is read by step q - k / stride.
        int32_t tap_count = 0;
        for (int64_t phase = 0; phase < c->stride; phase++) {
            phase_starts[phase] = tap_count;
            for (int64_t filter = 0; filter < c->filters; filter++) {
                for (int64_t j = 0; j < c->size; j++) {
                    const int64_t k = c->dilation * j;
                    if (k % c->stride != phase) continue;
                    taps[tap_count++] =
                        (tap){(int32_t)(filter * l.dy_row + l.dy_front + l.first_q - k / c->stride),
                              (int32_t)(filter * c->channels * c->size + j)};
                }
            }
        }
        phase_starts[c->stride] = tap_count;

        if (c->stride == 1) {
            correlate(c->channels, c->steps, padded_dy, taps, tap_count, weights, c->size, NULL, dx + input, c->steps);
            continue;
        }
        const int64_t phase_row = whole_vectors(l.q_count);
        for (int64_t phase = 0; phase < c->stride; phase++) {
            const int32_t start = phase_starts[phase];
            correlate(c->channels, l.q_count, padded_dy, taps + start, phase_starts[phase + 1] - start, weights,
                      c->size, NULL, phase_output, phase_row);
            for (int64_t channel = 0; channel < c->channels; channel++) {
                for (int64_t q = 0; q < l.q_count; q++) {
                    const int64_t i = c->stride * (l.first_q + q) + phase - c->before;
                    if (i >= 0 && i < c->steps) dx[input + channel * c->steps + i] = phase_output[channel * phase_row + q];
                }
            }
        }
    }
}
