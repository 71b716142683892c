// Convolution forward and the gradient of its input: correlations of copied planes with the weights as they lie.

#include "convolution.h"

// MARK: - Layout

// The gradient of the input is computed apart for its rows and columns of each remainder modulo the stride: those of
// remainder r, `stride q + r`, are read by the taps with `dilation i = r + before` modulo the stride, from row
// `q + (before - dilation i) / stride`, rounded up, of the gradient of the output.
PART int64_t remainder_rows(const pare_convolution *c) { return ceiling(c->height, c->row_stride); }
PART int64_t remainder_columns(const pare_convolution *c) { return ceiling(c->width, c->column_stride); }

PART int64_t first_gradient_row(const pare_convolution *c, int64_t i) {
    return ceiling(c->rows_before - c->row_dilation * i, c->row_stride);
}

// The copies of the gradient of the output that the gradient of the input reads.
PART copying gradient_copies(const pare_convolution *c) {
    const int64_t start = first_gradient_row(c, c->filter_height - 1);
    copying copies = {
        .height = c->output_height,
        .width = c->output_width,
        .rows = remainder_rows(c) + first_gradient_row(c, 0) - start,
        .columns = remainder_columns(c),
        .phases = 1,
        .copies = c->filter_width,
        .row_stride = 1,
        .row_start = start,
        .column_stride = 1,
        .column_start = c->columns_before,
        .column_step = -c->column_dilation,
        .column_divisor = c->column_stride,
    };
    copies.area = whole_vectors(copies.rows * copies.columns + LANES - 1);
    return copies;
}

// One row of the gradient of the input, up to whole vectors.
PART int64_t line_count(const pare_convolution *c) {
    return whole_vectors(c->column_stride * remainder_columns(c)) + LANES;
}

int64_t pare_convolution_scratch(const pare_convolution *c) {
    const copying inputs = input_copies(c), gradients = gradient_copies(c);
    const int64_t x = c->channels * copied_plane(&inputs), dy = c->filters * copied_plane(&gradients);
    const int64_t plain_dy = c->filters * whole_vectors(c->output_height * c->output_width);
    const int64_t parts = c->column_stride * c->channels * remainder_rows(c) * remainder_columns(c);
    const int64_t taps = 2 * most(c->channels, c->filters) / c->groups * c->filter_height * c->filter_width;
    return taps
        + most(group_images(x) * (x + plain_dy),
               group_images(dy) * (dy + parts) + 2 * LANES * c->column_stride + line_count(c));
}

// MARK: - Correlation

// A result of `images` times `planes` planes of `positions`, `plane_step` apart, computed from copied images that are
// `source_step` apart.
typedef struct {
    int64_t images, source_step, result_step;
    int64_t planes, positions, plane_step;
} correlation;

PART void store(float *target, const vector *value, int64_t count) {
    if (count >= LANES) {
        STORE(target, *value);
    } else {
        float lanes[LANES];
        memcpy(lanes, value, sizeof lanes);
        for (int64_t i = 0; i < count; i++) target[i] = lanes[i];
    }
}

// `planes` (at most `height`) planes of `width` vectors. `height` and `width` are constants.
PART void correlate_block(const int height, const int width, int64_t planes, const float *const *sources, const tap *taps,
                          int64_t tap_count, const float *weights, int64_t weight_step, const float *bias,
                          float *const *results, const int64_t *counts, int64_t plane_step) {
    const float *rows[HEIGHT];
    vector sums[HEIGHT][WIDTH];
    for (int row = 0; row < height; row++) {
        // Planes that are not there repeat the last one and are not stored.
        const int64_t index = least(row, planes - 1);
        rows[row] = weights + index * weight_step;
        for (int v = 0; v < width; v++) sums[row][v] = (vector){0} + (bias ? bias[index] : 0.0f);
    }
    for (int64_t i = 0; i < tap_count; i++) {
        const int64_t source = taps[i].source, weight = taps[i].weight;
        vector values[WIDTH];
        for (int v = 0; v < width; v++) values[v] = LOAD(sources[v] + source);
        for (int row = 0; row < height; row++) {
            const float factor = rows[row][weight];
            for (int v = 0; v < width; v++) sums[row][v] += values[v] * factor;
        }
    }
    // Unrolled, or the sums would have addresses and lie in memory all along.
#pragma clang loop unroll(full)
    for (int row = 0; row < height; row++) {
#pragma clang loop unroll(full)
        for (int v = 0; v < width; v++)
            if (row < planes) store(results[v] + row * plane_step, &sums[row][v], counts[v]);
    }
}

// `result[m, p] = bias[m] + sum over taps of weights[m, tap.weight] source[tap.source + p]` for every image, in blocks of
// `width` vectors, a constant.
PART void correlate_blocks(const int width, const correlation *c, const float *source, const tap *taps,
                           int64_t tap_count, const float *weights, int64_t weight_step, const float *bias,
                           float *result) {
    const int64_t image_vectors = (c->positions + LANES - 1) / LANES;
    const int64_t vectors = c->images * image_vectors;
    for (int64_t first = 0; first < vectors; first += width) {
        const float *sources[WIDTH];
        float *results[WIDTH];
        int64_t counts[WIDTH];
        for (int v = 0; v < width; v++) {
            // Vectors that are not there repeat the last one.
            const int64_t index = least(first + v, vectors - 1);
            const int64_t image = index / image_vectors, p = index % image_vectors * LANES;
            sources[v] = source + image * c->source_step + p;
            results[v] = result + image * c->result_step + p;
            counts[v] = c->positions - p;
        }
        for (int64_t m = 0; m < c->planes;) {
            float *targets[WIDTH];
            for (int v = 0; v < width; v++) targets[v] = results[v] + m * c->plane_step;
            const float *w = weights + m * weight_step, *b = bias ? bias + m : NULL;
            const int64_t planes = c->planes - m;
#define BLOCK(height) \
    correlate_block(height, width, planes, sources, taps, tap_count, w, weight_step, b, targets, counts, c->plane_step)
            if (planes == 1) {
                BLOCK(1);
            } else if (planes == 2) {
                BLOCK(2);
            } else {
                BLOCK(HEIGHT);
            }
#undef BLOCK
            m += HEIGHT;
        }
    }
}

PART void correlate(const correlation *c, const float *source, const tap *taps, int64_t tap_count,
                    const float *weights, int64_t weight_step, const float *bias, float *result) {
    // Thirty-two registers of a whole vector each hold the widest block, all others one vector of it.
    if (has_wide_registers()) {
        correlate_blocks(WIDTH, c, source, taps, tap_count, weights, weight_step, bias, result);
    } else {
        correlate_blocks(1, c, source, taps, tap_count, weights, weight_step, bias, result);
    }
}

// MARK: - Forward

KERNEL void pare_convolution_forward(const pare_convolution *c, int64_t examples, const float *x,
                                     const float *weights, const float *bias, float *y, float *scratch) {
    const copying copies = input_copies(c);
    const int64_t channels = c->channels / c->groups, filters = c->filters / c->groups;
    const int64_t positions = c->output_height * c->output_width;
    const int64_t image = c->channels * copied_plane(&copies);
    const int64_t most_images = group_images(image);
    float *padded = scratch;
    tap *taps = (tap *)(scratch + most_images * image);
    const int64_t tap_count = input_taps(c, &copies, taps);
    for (int64_t first = 0; first < examples; first += most_images) {
        const correlation part = {
            .images = least(most_images, examples - first),
            .source_step = image,
            .result_step = c->filters * positions,
            .planes = filters,
            .positions = positions,
            .plane_step = positions,
        };
        copy_planes(&copies, part.images * c->channels, x + first * c->channels * c->height * c->width, padded);
        for (int64_t group = 0; group < c->groups; group++)
            correlate(&part, padded + group * channels * copied_plane(&copies), taps, tap_count,
                      weights + group * filters * tap_count, c->filter_step, bias ? bias + group * filters : NULL,
                      y + (first * c->filters + group * filters) * positions);
    }
}

// MARK: - The gradient of the input

// The taps of one group that rows and columns of the given remainders are computed from.
PART int64_t gradient_taps(const pare_convolution *c, const copying *copies, int64_t row, int64_t column, tap *taps) {
    int64_t count = 0;
    for (int64_t filter = 0; filter < c->filters / c->groups; filter++) {
        for (int64_t i = 0; i < c->filter_height; i++) {
            if ((c->row_dilation * i - c->rows_before - row) % c->row_stride != 0) continue;
            const int64_t shift = first_gradient_row(c, i) - copies->row_start;
            for (int64_t j = 0; j < c->filter_width; j++) {
                if ((c->column_dilation * j - c->columns_before - column) % c->column_stride != 0) continue;
                taps[count++] = (tap){
                    (int32_t)((filter * copies->copies + j) * copies->area + shift * copies->columns),
                    (int32_t)(filter * c->filter_step + i * c->filter_width + j)};
            }
        }
    }
    return count;
}

// `line[stride v + r] = parts[r part_step + v]`.
PART void interleave(int64_t stride, int64_t columns, const float *parts, int64_t part_step, float *line) {
    if (stride == 2) {
        for (int64_t v = 0; v < columns; v += LANES / 2) {
            const half_vector a = *(const half_vector *)(parts + v), b = *(const half_vector *)(parts + part_step + v);
            STORE(line + 2 * v, __builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11, 4, 12, 5, 13, 6, 14, 7, 15));
        }
    } else {
        for (int64_t r = 0; r < stride; r++)
            for (int64_t v = 0; v < columns; v++) line[stride * v + r] = parts[r * part_step + v];
    }
}

// Puts the rows of one remainder, of which each column remainder is a part, where they belong in the planes.
PART void scatter(const pare_convolution *c, int64_t planes, const float *parts, int64_t part_step, int64_t remainder,
                  float *dx, float *line) {
    const int64_t columns = remainder_columns(c), stride = c->column_stride;
    const int isWhole = stride * columns == c->width && columns % LANES == 0;
    for (int64_t plane = 0; plane < planes; plane++, dx += c->height * c->width) {
        const float *source = parts + plane * remainder_rows(c) * columns;
        for (int64_t row = remainder; row < c->height; row += c->row_stride, source += columns) {
            float *target = dx + row * c->width;
            if (c->width == 1) {
                *target = *source;
            } else {
                interleave(stride, columns, source, part_step, isWhole ? target : line);
                if (!isWhole) copy_any_rows(1, 1, line, 0, 0, c->width, c->width, target);
            }
        }
    }
}

KERNEL void pare_convolution_data_gradient(const pare_convolution *c, int64_t examples, const float *dy,
                                           const float *weights, const float *bias, float *dx, float *scratch) {
    const copying copies = gradient_copies(c);
    const int64_t channels = c->channels / c->groups, filters = c->filters / c->groups;
    const int64_t size = c->filter_height * c->filter_width;
    const int64_t positions = remainder_rows(c) * remainder_columns(c);
    const int64_t image = c->filters * copied_plane(&copies);
    const int64_t most_images = group_images(image);
    const int isWhole = c->row_stride == 1 && c->column_stride == 1;
    const int64_t part_step = isWhole ? 0 : whole_vectors(most_images * c->channels * positions) + LANES;
    float *padded = scratch, *parts = scratch + most_images * image, *line = parts + c->column_stride * part_step;
    tap *taps = (tap *)(line + line_count(c));
    for (int64_t first = 0; first < examples; first += most_images) {
        const correlation part = {
            .images = least(most_images, examples - first),
            .source_step = image,
            .result_step = c->channels * positions,
            .planes = channels,
            .positions = positions,
            .plane_step = positions,
        };
        float *target = dx + first * c->channels * c->height * c->width;
        copy_planes(&copies, part.images * c->filters, dy + first * c->filters * c->output_height * c->output_width,
                    padded);
        for (int64_t row = 0; row < c->row_stride; row++) {
            for (int64_t column = 0; column < c->column_stride; column++) {
                float *result = isWhole ? target : parts + column * part_step;
                const int64_t tap_count = gradient_taps(c, &copies, row, column, taps);
                for (int64_t group = 0; group < c->groups; group++)
                    correlate(&part, padded + group * filters * copied_plane(&copies), taps, tap_count,
                              weights + group * filters * channels * size, c->channel_step,
                              bias ? bias + group * channels : NULL, result + group * channels * positions);
            }
            if (!isWhole) scatter(c, part.images * c->channels, parts, part_step, row, target, line);
        }
    }
}
