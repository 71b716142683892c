// What the directions of a convolution share: padded planes in which every tap is a shift, and lists of what is summed.
//
// A plane is copied once, with its borders as zeros and split by the remainders of row and column modulo the strides:
// phase (p, q) holds the elements in rows p, p + stride, ... and columns q, q + stride, ... Tap (i, j) then reads one
// phase from a constant offset on, whatever stride, dilation and padding are. The result is computed in units, each some
// consecutive positions of a row: sixteen, or eight where rows are such that sixteen would waste more. A convolution
// over steps is one over images of one row.

#ifndef PARE_CONVOLUTION_H
#define PARE_CONVOLUTION_H

#include <stddef.h>

#include "pare_convolution.h"
#include "vectors.h"

#define LOAD_HALF(address) (*(const half_vector *)(address))
#define STORE_HALF(address, value) (*(half_vector *)(address) = (value))

enum {
    HEIGHT = 4, // planes of a block
    WIDTH = 4,  // vectors of a block
    HALF = LANES / 2,
};

/// The same convolution with its axes swapped where images are one column wide, as vectors lie along rows.
PART pare_convolution along_rows(const pare_convolution *convolution) {
    pare_convolution c = *convolution;
    if (c.width != 1 || c.output_width != 1 || c.filter_width != 1 || c.columns_before != 0) return c;
    c.width = c.height;
    c.output_width = c.output_height;
    c.filter_width = c.filter_height;
    c.column_stride = c.row_stride;
    c.column_dilation = c.row_dilation;
    c.columns_before = c.rows_before;
    c.height = c.output_height = c.filter_height = c.row_stride = c.row_dilation = 1;
    c.rows_before = 0;
    return c;
}

// MARK: - Groups of images

enum {
    GROUP_FLOATS = 1 << 17, // Images are worked on together as long as their copies fit into so many floats,
    GROUP_IMAGES = 16,      // and no more than these.
};

// How many images of `floats` each are worked on together.
PART int64_t group_images(int64_t floats) { return most(1, least(GROUP_IMAGES, GROUP_FLOATS / floats)); }

// The size of parts of at most `most_images` that are as even as can be.
PART int64_t even_part(int64_t images, int64_t most_images) {
    const int64_t parts = (images + most_images - 1) / most_images;
    return (images + parts - 1) / parts;
}

// MARK: - Padded planes

// Element (u, v) of phase (p, q) is
// `plane[row_stride u + p + row_start][column_stride v + q + column_start]`, zero outside of the plane.
typedef struct {
    int64_t height, width; // of a plane
    int64_t row_stride, row_start, column_stride, column_start;
    int64_t row_phases, column_phases;
    int64_t rows, columns; // of a phase
    int64_t area;          // floats of a phase, with zeros behind so that whole vectors can be read
} padding;

PART int64_t padded_plane(const padding *p) { return p->row_phases * p->column_phases * p->area; }

// The padded input that forward and the gradient of the weights read; phases that no tap reads are left out.
PART padding input_padding(const pare_convolution *c) {
    const int64_t row_reach = c->row_dilation * (c->filter_height - 1);
    const int64_t column_reach = c->column_dilation * (c->filter_width - 1);
    padding p = {
        .height = c->height,
        .width = c->width,
        .row_stride = c->row_stride,
        .row_start = -c->rows_before,
        .column_stride = c->column_stride,
        .column_start = -c->columns_before,
        .row_phases = least(c->row_stride, row_reach + 1),
        .column_phases = least(c->column_stride, column_reach + 1),
        .rows = c->output_height + row_reach / c->row_stride,
        .columns = c->output_width + column_reach / c->column_stride,
    };
    p.area = whole_vectors(p.rows * p.columns + LANES);
    return p;
}

// `target[v] = source[stride v]` for rows that are so far apart. What is read and written ends with the last element:
// the last vector overlaps.
PART void copy_rows(int64_t rows, const float *source, int64_t source_step, int64_t stride, int64_t count,
                    float *target, int64_t target_step) {
    if (stride == 1 && count >= LANES) {
        for (int64_t u = 0; u < rows; u++, source += source_step, target += target_step) {
            for (int64_t v = 0; v < count - LANES; v += LANES) STORE(target + v, LOAD(source + v));
            STORE(target + count - LANES, LOAD(source + count - LANES));
        }
    } else if (stride == 1 && count >= HALF) {
        for (int64_t u = 0; u < rows; u++, source += source_step, target += target_step) {
            STORE_HALF(target, LOAD_HALF(source));
            STORE_HALF(target + count - HALF, LOAD_HALF(source + count - HALF));
        }
    } else if (stride == 2 && count >= LANES) {
        for (int64_t u = 0; u < rows; u++, source += source_step, target += target_step) {
            for (int64_t v = 0; v < count; v += LANES) {
                const int64_t start = least(v, count - LANES);
                const vector a = LOAD(source + 2 * start), b = LOAD(source + 2 * start + LANES - 1);
                STORE(target + start,
                      __builtin_shufflevector(a, b, 0, 2, 4, 6, 8, 10, 12, 14, 17, 19, 21, 23, 25, 27, 29, 31));
            }
        }
    } else if (stride == 2 && count >= HALF) {
        for (int64_t u = 0; u < rows; u++, source += source_step, target += target_step) {
            for (int64_t v = 0; v < count; v += HALF) {
                const int64_t start = least(v, count - HALF);
                const half_vector a = LOAD_HALF(source + 2 * start), b = LOAD_HALF(source + 2 * start + HALF - 1);
                STORE_HALF(target + start, __builtin_shufflevector(a, b, 0, 2, 4, 6, 9, 11, 13, 15));
            }
        }
    } else {
        for (int64_t u = 0; u < rows; u++, source += source_step, target += target_step)
            for (int64_t v = 0; v < count; v++) target[v] = source[stride * v];
    }
}

// The elements of a padded row that lie inside of a source of `count` elements.
PART void bounds(int64_t count, int64_t stride, int64_t start, int64_t columns, int64_t *begin, int64_t *end) {
    *begin = least(columns, start >= 0 ? 0 : (-start + stride - 1) / stride);
    *end = count <= start ? *begin : most(*begin, least(columns, (count - 1 - start) / stride + 1));
}

PART void pad_planes(const padding *p, int64_t planes, const float *source, float *target) {
    for (int64_t row_phase = 0; row_phase < p->row_phases; row_phase++) {
        for (int64_t column_phase = 0; column_phase < p->column_phases; column_phase++) {
            const int64_t row_start = p->row_start + row_phase, column_start = p->column_start + column_phase;
            int64_t top, bottom, left, right;
            bounds(p->height, p->row_stride, row_start, p->rows, &top, &bottom);
            bounds(p->width, p->column_stride, column_start, p->columns, &left, &right);
            for (int64_t plane = 0; plane < planes; plane++) {
                const float *from = source + plane * p->height * p->width
                    + (p->row_stride * top + row_start) * p->width + p->column_stride * left + column_start;
                float *phase = target
                    + ((plane * p->row_phases + row_phase) * p->column_phases + column_phase) * p->area;
                for (int64_t i = 0; i < p->area; i += LANES) STORE(phase + i, (vector){0});
                copy_rows(bottom - top, from, p->row_stride * p->width, p->column_stride, right - left,
                          phase + top * p->columns + left, p->columns);
            }
        }
    }
}

// MARK: - Units of the result

// Consecutive positions of a row of the result: where what they are computed from starts in a phase, where they lie in
// a plane, and how many are stored. What a unit stores beyond its row is overwritten by the row's neighbour.
typedef struct {
    int32_t source, result, count;
} unit;

typedef struct {
    int64_t rows, columns; // of the result, rows that lie one behind the other in the source as one
    int64_t pitch;         // from a row of the source to the next
    int64_t lanes;         // of a unit
    int64_t row_units, count;
} units;

PART units lay_out(int64_t rows, int64_t columns, int64_t pitch) {
    units u = {.rows = rows, .columns = columns, .pitch = pitch};
    if (pitch == columns) {
        u.rows = 1;
        u.columns = rows * columns;
    }
    // Joining halves costs a tenth or so.
    const int64_t halves = (u.columns + HALF - 1) / HALF;
    u.lanes = halves % 2 == 1 && halves < 12 ? HALF : LANES;
    u.row_units = (u.columns + u.lanes - 1) / u.lanes;
    u.count = u.rows * u.row_units;
    return u;
}

// Floats of a list of units; one more than there are, so that halves are pairs.
PART int64_t list_floats(const units *u) { return whole_vectors(3 * (u->count + 1)); }

PART void list(const units *u, unit *list) {
    unit *next = list;
    for (int64_t row = 0; row < u->rows; row++) {
        for (int64_t column = 0; column < u->columns; column += u->lanes) {
            const int64_t result = row * u->columns + column;
            *next++ = (unit){(int32_t)(row * u->pitch + column), (int32_t)result,
                             (int32_t)least(u->lanes, u->rows * u->columns - result)};
        }
    }
    *next = next[-1];
}

// Two halves that lie anywhere, as one vector.
PART void join(const float *low, const float *high, vector *joined) {
    const half_vector a = LOAD_HALF(low), b = LOAD_HALF(high);
    *joined = __builtin_shufflevector(a, b, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
}

// MARK: - Taps

// Where its source starts, and which weight of the first plane of the result it multiplies with.
typedef struct {
    int32_t source, weight;
} tap;

// The taps of one group that forward reads.
PART int64_t input_taps(const pare_convolution *c, const padding *p, tap *taps) {
    int64_t count = 0;
    for (int64_t channel = 0; channel < c->channels / c->groups; channel++) {
        for (int64_t i = 0; i < c->filter_height; i++) {
            for (int64_t j = 0; j < c->filter_width; j++, count++) {
                const int64_t row = c->row_dilation * i, column = c->column_dilation * j;
                const int64_t phase = (channel * p->row_phases + row % c->row_stride) * p->column_phases
                    + column % c->column_stride;
                taps[count] = (tap){(int32_t)(phase * p->area + row / c->row_stride * p->columns
                                              + column / c->column_stride),
                                    (int32_t)(channel * c->channel_step + i * c->filter_width + j)};
            }
        }
    }
    return count;
}

PART int64_t tap_floats(const pare_convolution *c) {
    return whole_vectors(2 * most(c->channels, c->filters) / c->groups * c->filter_height * c->filter_width);
}

#endif
