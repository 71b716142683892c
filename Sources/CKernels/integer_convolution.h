// How integer convolutions lay out their input.
//
// Output positions lie in lanes. The input is laid out with its borders, the channels of a pair side by side, and
// strided positions apart: phase (r, c) has every row r + i row_stride and column c + j column_stride. Phases that the
// filter does not reach are left out. For every tap the inputs of all outputs then follow each other, and a row of
// outputs ends with some that are not wanted.

#ifndef PARE_INTEGER_CONVOLUTION_H
#define PARE_INTEGER_CONVOLUTION_H

#include "integer.h"

PART int64_t pairs_of(int64_t depth) { return (depth + 1) / 2; }

enum { FILTERS = 4, VECTORS = 4 };

typedef struct {
    int64_t channels, filters;       // of a group
    int64_t pairs, taps, blocks;     // of a group: pairs of channels, blocks of filters
    int64_t row_phases, column_phases;
    int64_t rows, columns;           // of a phase
    int64_t plane;                   // pairs of all phases
    int64_t sums;                    // outputs with the unwanted ones, in whole vectors
    int64_t input, scratch;          // int16 values
} convolution_layout;

PART convolution_layout layout_of(const pare_integer_convolution *c) {
    convolution_layout l;
    l.channels = c->channels / c->groups;
    l.filters = c->filters / c->groups;
    l.pairs = pairs_of(l.channels);
    l.taps = c->filter_height * c->filter_width;
    l.blocks = (l.filters + FILTERS - 1) / FILTERS;
    const int64_t last_row = c->row_dilation * (c->filter_height - 1);
    const int64_t last_column = c->column_dilation * (c->filter_width - 1);
    l.row_phases = least(c->row_stride, last_row + 1);
    l.column_phases = least(c->column_stride, last_column + 1);
    l.rows = c->output_height + last_row / c->row_stride;
    l.columns = c->output_width + last_column / c->column_stride;
    l.plane = l.row_phases * l.column_phases * l.rows * l.columns;
    l.sums = (c->output_height * l.columns + VECTORS * LANES - 1) / (VECTORS * LANES) * VECTORS * LANES;
    l.input = (c->groups * l.pairs * l.plane + l.columns + VECTORS * LANES) * 2;
    l.input = (l.input + 31) / 32 * 32;
    l.scratch = l.input + FILTERS * l.sums * 2;
    return l;
}

// Where a tap's inputs begin in a plane.
PART int64_t tap_offset(const pare_integer_convolution *c, const convolution_layout *l, int64_t tap) {
    const int64_t row = tap / c->filter_width * c->row_dilation, column = tap % c->filter_width * c->column_dilation;
    const int64_t phase = row % c->row_stride * l->column_phases + column % c->column_stride;
    return (phase * l->rows + row / c->row_stride) * l->columns + column / c->column_stride;
}

/// Lays the input out, less the zero point.
void pare_integer_lay_input(const pare_integer_convolution *convolution, const int8_t *x, int32_t zero_point,
                            int16_t *input);

/// Writes the wanted outputs of some filters from their sums, whose rows are `sums_step` apart.
void pare_integer_write_filters(const pare_integer_convolution *convolution, int64_t filter, int64_t count,
                                const int32_t *sums, int64_t sums_step, const pare_integer_output *output, int8_t *y);

#endif
