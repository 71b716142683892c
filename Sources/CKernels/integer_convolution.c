// Packing and layout of integer convolutions; see integer_convolution.h.

#include "integer_convolution.h"

int64_t pare_integer_convolution_packed(const pare_integer_convolution *c) {
    const convolution_layout l = layout_of(c);
    return c->groups * l.blocks * l.pairs * l.taps * FILTERS * 2;
}

int64_t pare_integer_convolution_scratch(const pare_integer_convolution *c) { return layout_of(c).scratch; }

// `[groups][blocks][pairs][taps][four filters][2]`, zero where there is no weight.
void pare_integer_convolution_pack(const pare_integer_convolution *c, const int8_t *weights, int16_t *packed) {
    const convolution_layout l = layout_of(c);
    memset(packed, 0, (size_t)pare_integer_convolution_packed(c) * sizeof(int16_t));
    for (int64_t filter = 0; filter < c->filters; filter++) {
        const int64_t group = filter / l.filters, own = filter % l.filters;
        for (int64_t channel = 0; channel < l.channels; channel++)
            for (int64_t tap = 0; tap < l.taps; tap++) {
                const int64_t block = (group * l.blocks + own / FILTERS) * l.pairs + channel / 2;
                packed[((block * l.taps + tap) * FILTERS + own % FILTERS) * 2 + channel % 2] =
                    weights[(filter * l.channels + channel) * l.taps + tap];
            }
    }
}

typedef uint32_t loose_pair __attribute__((aligned(2), may_alias));

// The elements of two channels less the zero point, the even one in the lower half; a channel that is not there is
// masked.
PART uint32_t pair_at(const int8_t *even, const int8_t *odd, uint32_t mask, int32_t zero_point, int64_t i) {
    return (uint16_t)(even[i] - zero_point) | ((uint32_t)(odd[i] - zero_point) << 16 & mask);
}

// One row of two channels to its places in the phases of the row.
PART void lay_row(const pare_integer_convolution *c, const convolution_layout *l, const int8_t *even,
                  const int8_t *odd, uint32_t mask, int32_t zero_point, loose_pair *row) {
    const int64_t before = c->columns_before, step = c->column_stride;
    if (step == 1 && c->column_spread == 1) {
        const int64_t first = most(0, -before), end = least(c->width, l->columns - before);
        EACH_ELEMENT(int64_t i = first; i < end; i++) row[i + before] = pair_at(even, odd, mask, zero_point, i);
        return;
    }
    if (step == 1) {
        for (int64_t i = 0; i < c->width; i++) {
            const int64_t column = i * c->column_spread + before;
            if (column >= 0 && column < l->columns) row[column] = pair_at(even, odd, mask, zero_point, i);
        }
        return;
    }
    // Only transposed convolutions spread their input, and those have no stride.
    for (int64_t phase = 0; phase < l->column_phases; phase++, row += l->rows * l->columns) {
        const int64_t first = ((phase - before) % step + step) % step;
        int64_t column = (first + before) / step;
        for (int64_t i = first; i < c->width && column < l->columns; i += step, column++)
            if (column >= 0) row[column] = pair_at(even, odd, mask, zero_point, i);
    }
}

KERNEL void pare_integer_lay_input(const pare_integer_convolution *c, const int8_t *x, int32_t zero_point,
                                   int16_t *input) {
    const convolution_layout l = layout_of(c);
    memset(input, 0, (size_t)l.input * sizeof(int16_t));
    loose_pair *pairs = (loose_pair *)(void *)input;
    for (int64_t pair = 0; pair < c->groups * l.pairs; pair++, pairs += l.plane) {
        const int64_t own = pair % l.pairs * 2, channel = pair / l.pairs * l.channels + own;
        const int64_t has_odd = own + 1 < l.channels;
        for (int64_t i = 0; i < c->height; i++) {
            const int64_t row = i * c->row_spread + c->rows_before;
            if (row < 0 || row / c->row_stride >= l.rows || row % c->row_stride >= l.row_phases) continue;
            const int64_t phase = row % c->row_stride * l.column_phases;
            const int8_t *even = x + (channel * c->height + i) * c->width;
            lay_row(c, &l, even, has_odd ? even + c->height * c->width : even, has_odd ? UINT32_MAX : 0, zero_point,
                    pairs + (phase * l.rows + row / c->row_stride) * l.columns);
        }
    }
}

KERNEL void pare_integer_write_filters(const pare_integer_convolution *c, int64_t filter, int64_t count, const int32_t *sums,
                               int64_t sums_step, const pare_integer_output *output, int8_t *y) {
    const convolution_layout l = layout_of(c);
    for (int64_t f = 0; f < count; f++)
        for (int64_t row = 0; row < c->output_height; row++)
            write_row(output, filter + f, c->output_width, sums + f * sums_step + row * l.columns,
                      y + ((filter + f) * c->output_height + row) * c->output_width);
}
