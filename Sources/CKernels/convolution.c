// Convolution forward and the gradient of its input: correlations of padded planes with the weights as they lie.

#include "correlation.h"
#include "row_pairs.h"

// MARK: - Layout

// The gradient of the input is computed by the phases of its rows and columns: row stride q + phase - before for
// q = first and on, as many as the phase with the most of them has. It is row k = 0, 1, ... of every phase for which
// stride k + (phase - before) mod stride is inside.
PART int64_t first_of_phase(int64_t before, int64_t stride, int64_t phase) {
    return before > phase ? (before - phase + stride - 1) / stride : 0;
}

typedef struct {
    int64_t rows, columns;
} phase_grid;

PART phase_grid input_phases(const pare_convolution *c) {
    return (phase_grid){(c->height + c->row_stride - 1) / c->row_stride,
                        (c->width + c->column_stride - 1) / c->column_stride};
}

// The padded gradient of the output that the gradient of the input reads: element (u, v) is that of row
// u + before / stride - reach, with the reach of the last tap, and so along columns.
PART padding gradient_padding(const pare_convolution *c, const phase_grid *grid) {
    const int64_t row_reach = c->row_dilation * (c->filter_height - 1) / c->row_stride;
    const int64_t column_reach = c->column_dilation * (c->filter_width - 1) / c->column_stride;
    padding p = {
        .height = c->output_height,
        .width = c->output_width,
        .row_stride = 1,
        .row_start = c->rows_before / c->row_stride - row_reach,
        .column_stride = 1,
        .column_start = c->columns_before / c->column_stride - column_reach,
        .row_phases = 1,
        .column_phases = 1,
        // The phases' first rows differ by one at most.
        .rows = grid->rows + row_reach + (c->row_stride > 1),
        .columns = grid->columns + column_reach + (c->column_stride > 1),
    };
    p.area = whole_vectors(p.rows * p.columns + LANES);
    return p;
}

PART int isWhole(const pare_convolution *c) { return c->row_stride == 1 && c->column_stride == 1; }

int64_t pare_convolution_scratch(const pare_convolution *convolution) {
    const pare_convolution c = along_rows(convolution);
    if (has_row_pairs(&c)) return pare_row_pairs_scratch(&c);
    const phase_grid grid = input_phases(&c);
    const padding inputs = input_padding(&c), gradients = gradient_padding(&c, &grid);
    const units forward = lay_out(c.output_height, c.output_width, inputs.columns);
    const units backward = lay_out(grid.rows, grid.columns, gradients.columns);
    const int64_t x = c.channels * padded_plane(&inputs), dy = c.filters * padded_plane(&gradients);
    const int64_t phases = isWhole(&c) ? 0 : whole_vectors(group_images(dy) * c.channels * grid.rows * grid.columns);
    const int64_t units_of_dy = group_images(x) * c.filters * whole_vectors(forward.count * forward.lanes);
    return most(group_images(x) * x + units_of_dy + list_floats(&forward),
                group_images(dy) * dy + c.column_stride * phases + list_floats(&backward))
        + tap_floats(&c);
}

// MARK: - Forward

KERNEL void pare_convolution_forward(const pare_convolution *convolution, int64_t examples, const float *x,
                                     const float *weights, const float *bias, float *y, float *scratch) {
    const pare_convolution c = along_rows(convolution);
    if (has_row_pairs(&c)) return pare_row_pairs_forward(&c, examples, x, weights, bias, y, scratch);
    const padding padding = input_padding(&c);
    const int64_t channels = c.channels / c.groups, filters = c.filters / c.groups;
    const int64_t positions = c.output_height * c.output_width;
    const int64_t image = c.channels * padded_plane(&padding);
    const int64_t most_images = even_part(examples, group_images(image));
    correlation part = {
        .source_step = image,
        .result_step = c.filters * positions,
        .groups = c.groups,
        .group_source = channels * padded_plane(&padding),
        .group_weights = filters * channels * c.filter_height * c.filter_width,
        .planes = filters,
        .positions = positions,
        .units = lay_out(c.output_height, c.output_width, padding.columns),
    };
    float *padded = scratch;
    tap *taps = (tap *)(padded + most_images * image);
    unit *units = (unit *)((float *)taps + tap_floats(&c));
    const int64_t tap_count = input_taps(&c, &padding, taps);
    list(&part.units, units);
    part.list = units;
    for (int64_t first = 0; first < examples; first += most_images) {
        part.images = least(most_images, examples - first);
        pad_planes(&padding, part.images * c.channels, x + first * c.channels * c.height * c.width, padded);
        correlate(&part, padded, taps, tap_count, weights, c.filter_step, bias, y + first * c.filters * positions);
    }
}

// MARK: - The gradient of the input

// The taps of one group that reach one phase of the input: its row q is read by row q - shift / stride of the output.
PART int64_t gradient_taps(const pare_convolution *c, const padding *p, int64_t row_phase, int64_t column_phase,
                           tap *taps) {
    // Where the first row and the first column of the phase lie in padded planes for a shift of none.
    const int64_t first_row = first_of_phase(c->rows_before, c->row_stride, row_phase) - c->rows_before / c->row_stride
        + c->row_dilation * (c->filter_height - 1) / c->row_stride;
    const int64_t first_column = first_of_phase(c->columns_before, c->column_stride, column_phase)
        - c->columns_before / c->column_stride + c->column_dilation * (c->filter_width - 1) / c->column_stride;
    int64_t count = 0;
    for (int64_t filter = 0; filter < c->filters / c->groups; filter++) {
        for (int64_t i = 0; i < c->filter_height; i++) {
            if (c->row_dilation * i % c->row_stride != row_phase) continue;
            const int64_t row = first_row - c->row_dilation * i / c->row_stride;
            for (int64_t j = 0; j < c->filter_width; j++) {
                if (c->column_dilation * j % c->column_stride != column_phase) continue;
                const int64_t column = first_column - c->column_dilation * j / c->column_stride;
                taps[count++] = (tap){(int32_t)(filter * p->area + row * p->columns + column),
                                      (int32_t)(filter * c->filter_step + i * c->filter_width + j)};
            }
        }
    }
    return count;
}

// `target[2 v] = even[v]`, `target[2 v + 1] = odd[v]`, `width` elements.
PART void interleave(const float *even, const float *odd, int64_t width, float *target) {
    int64_t v = 0;
    for (; 2 * v + LANES <= width; v += HALF) {
        const half_vector a = LOAD_HALF(even + v), b = LOAD_HALF(odd + v);
        STORE(target + 2 * v, __builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11, 4, 12, 5, 13, 6, 14, 7, 15));
    }
    for (int64_t k = 2 * v; k < width; k++) target[k] = k % 2 ? odd[k / 2] : even[k / 2];
}

// Puts the rows of one phase, computed for each phase of columns, where they belong in the gradient of the input.
PART void merge(const pare_convolution *c, const phase_grid *grid, int64_t planes, const float *phases,
                int64_t phase_step, int64_t row_phase, float *dx) {
    const int64_t stride = c->column_stride, before = c->columns_before;
    const int64_t first = c->row_stride * first_of_phase(c->rows_before, c->row_stride, row_phase) + row_phase
        - c->rows_before;
    for (int64_t plane = 0; plane < planes; plane++) {
        const float *row = phases + plane * grid->rows * grid->columns;
        for (int64_t i = first; i < c->height; i += c->row_stride, row += grid->columns) {
            float *target = dx + (plane * c->height + i) * c->width;
            if (stride == 2) {
                interleave(row + before % 2 * phase_step, row + (before + 1) % 2 * phase_step, c->width, target);
            } else {
                for (int64_t j = 0; j < c->width; j++) target[j] = row[(j + before) % stride * phase_step + j / stride];
            }
        }
    }
}

KERNEL void pare_convolution_data_gradient(const pare_convolution *convolution, int64_t examples, const float *dy,
                                           const float *weights, const float *bias, float *dx, float *scratch) {
    const pare_convolution c = along_rows(convolution);
    if (has_row_pairs(&c)) return pare_row_pairs_data_gradient(&c, examples, dy, weights, bias, dx, scratch);
    const phase_grid grid = input_phases(&c);
    const padding padding = gradient_padding(&c, &grid);
    const int64_t channels = c.channels / c.groups, filters = c.filters / c.groups;
    const int64_t plane = c.height * c.width, positions = grid.rows * grid.columns;
    const int64_t image = c.filters * padded_plane(&padding);
    const int64_t most_images = even_part(examples, group_images(image));
    const int64_t phase_step = isWhole(&c) ? 0 : whole_vectors(most_images * c.channels * positions);
    correlation part = {
        .source_step = image,
        .result_step = c.channels * positions,
        .groups = c.groups,
        .group_source = filters * padded_plane(&padding),
        .group_weights = filters * channels * c.filter_height * c.filter_width,
        .planes = channels,
        .positions = positions,
        .units = lay_out(grid.rows, grid.columns, padding.columns),
    };
    float *padded = scratch, *phases = scratch + most_images * image;
    tap *taps = (tap *)(phases + c.column_stride * phase_step);
    unit *units = (unit *)((float *)taps + tap_floats(&c));
    list(&part.units, units);
    part.list = units;
    for (int64_t first = 0; first < examples; first += most_images) {
        part.images = least(most_images, examples - first);
        pad_planes(&padding, part.images * c.filters, dy + first * c.filters * c.output_height * c.output_width, padded);
        for (int64_t row_phase = 0; row_phase < c.row_stride; row_phase++) {
            for (int64_t column_phase = 0; column_phase < c.column_stride; column_phase++) {
                float *result = isWhole(&c) ? dx + first * c.channels * plane : phases + column_phase * phase_step;
                const int64_t tap_count = gradient_taps(&c, &padding, row_phase, column_phase, taps);
                correlate(&part, padded, taps, tap_count, weights, c.channel_step, bias, result);
            }
            if (!isWhole(&c))
                merge(&c, &grid, part.images * c.channels, phases, phase_step, row_phase,
                      dx + first * c.channels * plane);
        }
    }
}
