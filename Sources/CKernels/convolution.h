// What the directions of a convolution share: copies of planes in which every tap is a shift, and correlation.
//
// A plane is copied once for each column of the filter, moved and strided so that the copy has exactly the columns of
// the result, with zeros for what lies outside; its rows are split by their remainder modulo the stride. Tap (i, j) then
// reads copy j from a constant offset on, one element for each element of the result: the result is computed along one
// axis of positions, all rows of an image one after the other, for every stride, dilation and padding by the same inner
// loop, which keeps four planes of the result times four vectors of positions in registers. A convolution over steps
// is one over images that are one column wide.

#ifndef PARE_CONVOLUTION_H
#define PARE_CONVOLUTION_H

#include <stddef.h>

#include "pare_convolution.h"
#include "vectors.h"

enum {
    HEIGHT = 4, // planes of a block
    WIDTH = 4,  // vectors of a block
};

// MARK: - Groups of images

enum {
    GROUP_FLOATS = 1 << 17, // Images are worked on together as long as their copies fit into so many floats,
    GROUP_IMAGES = 16,      // and no more than these.
};

// How many images of `floats` each are worked on together.
PART int64_t group_images(int64_t floats) { return most(1, least(GROUP_IMAGES, GROUP_FLOATS / floats)); }

// MARK: - Copies

// How planes are copied: element (u, v) of phase p of copy j is
// `plane[row_stride u + p + row_start][column_stride v + (column_start + j column_step) / column_divisor]`, rounded up.
typedef struct {
    int64_t height, width; // of a plane
    int64_t rows, columns; // of a copy
    int64_t phases, copies;
    int64_t row_stride, row_start;
    int64_t column_stride, column_start, column_step, column_divisor;
    int64_t area; // floats of a copy, with zeros behind so that whole vectors can be read
} copying;

// `a / b` rounded up, for b above zero.
PART int64_t ceiling(int64_t a, int64_t b) { return a >= 0 ? (a + b - 1) / b : -(-a / b); }

PART int64_t copied_plane(const copying *c) { return c->phases * c->copies * c->area; }

// The copies of the input that forward and the gradient of the weights read.
PART copying input_copies(const pare_convolution *c) {
    copying copies = {
        .height = c->height,
        .width = c->width,
        .rows = c->output_height + c->row_dilation * (c->filter_height - 1) / c->row_stride,
        .columns = c->output_width,
        .phases = c->row_stride,
        .copies = c->filter_width,
        .row_stride = c->row_stride,
        .row_start = -c->rows_before,
        .column_stride = c->column_stride,
        .column_start = -c->columns_before,
        .column_step = c->column_dilation,
        .column_divisor = 1,
    };
    copies.area = whole_vectors(copies.rows * copies.columns + LANES - 1);
    return copies;
}

typedef float quarter_vector __attribute__((vector_size(16), aligned(4), may_alias));
#define QUARTER(address) (*(quarter_vector *)(address))

// `size` elements `stride` apart; both are constants.
PART void move(const int size, const int stride, int64_t any_stride, const float *source, float *target) {
    if (stride == 1) {
        memcpy(target, source, (size_t)size * sizeof(float));
    } else if (stride == 2 && size == 8) {
        const half_vector a = *(const half_vector *)source, b = *(const half_vector *)(source + 7);
        *(half_vector *)target = __builtin_shufflevector(a, b, 0, 2, 4, 6, 9, 11, 13, 15);
    } else if (stride == 2 && size == 4) {
        const quarter_vector a = *(const quarter_vector *)source, b = *(const quarter_vector *)(source + 3);
        *(quarter_vector *)target = __builtin_shufflevector(a, b, 0, 2, 5, 7);
    } else {
        for (int i = 0; i < size; i++) target[i] = source[any_stride * i];
    }
}

// Rows of which the elements left ..< right are copied, in pieces of `size`; the last overlaps the one before. `size`, at
// most right - left, and `stride` are constants.
PART void copy_rows(const int size, const int stride, int64_t any_stride, int64_t rows, const float *source,
                    int64_t source_step, int64_t left, int64_t right, int64_t columns, float *target) {
    for (int64_t row = 0; row < rows; row++, source += source_step, target += columns) {
        for (int64_t v = 0; v < left; v++) target[v] = 0;
        for (int64_t v = left; v < right - size; v += size)
            move(size, stride, any_stride, source + any_stride * (v - left), target + v);
        move(size, stride, any_stride, source + any_stride * (right - size - left), target + right - size);
        for (int64_t v = right; v < columns; v++) target[v] = 0;
    }
}

// Rows of elements `stride` apart from `source` on, where the target is inside left ..< right, and zero elsewhere.
PART void copy_any_rows(int64_t stride, int64_t rows, const float *source, int64_t source_step, int64_t left,
                        int64_t right, int64_t columns, float *target) {
    const int64_t count = right - left;
#define COPY(SIZE, STRIDE) copy_rows(SIZE, STRIDE, stride, rows, source, source_step, left, right, columns, target)
    if (count <= 0) {
        for (int64_t i = 0; i < rows * columns; i++) target[i] = 0;
    } else if (stride == 1) {
        if (count >= LANES) COPY(LANES, 1);
        else if (count >= 8) COPY(8, 1);
        else if (count >= 4) COPY(4, 1);
        else COPY(1, 1);
    } else if (stride == 2 && count >= 4) {
        if (count >= 8) COPY(8, 2);
        else COPY(4, 2);
    } else {
        COPY(1, 0);
    }
#undef COPY
}

// The elements of a copied row that lie inside of a source of `count` elements.
PART void bounds(int64_t count, int64_t stride, int64_t start, int64_t columns, int64_t *begin, int64_t *end) {
    *begin = least(columns, start >= 0 ? 0 : (-start + stride - 1) / stride);
    *end = count <= start ? *begin : most(*begin, least(columns, (count - 1 - start) / stride + 1));
}

PART void copy_planes(const copying *c, int64_t planes, const float *source, float *target) {
    for (int64_t plane = 0; plane < planes; plane++, source += c->height * c->width) {
        for (int64_t copy = 0; copy < c->copies; copy++) {
            const int64_t column_start =
                ceiling(c->column_start + copy * c->column_step, c->column_divisor);
            for (int64_t phase = 0; phase < c->phases; phase++, target += c->area) {
                const int64_t row_start = c->row_start + phase;
                int64_t top, bottom, left, right;
                bounds(c->height, c->row_stride, row_start, c->rows, &top, &bottom);
                bounds(c->width, c->column_stride, column_start, c->columns, &left, &right);
                const float *first = source + (c->row_stride * top + row_start) * c->width;
                if (c->width == 1 && c->columns == 1 && right > left) {
                    // A column of a plane that is one column wide is a row.
                    copy_any_rows(c->row_stride, 1, first, 0, top, bottom, c->area, target);
                } else {
                    for (int64_t i = 0; i < top * c->columns; i++) target[i] = 0;
                    copy_any_rows(c->column_stride, bottom - top, first + c->column_stride * left + column_start,
                                  c->row_stride * c->width, left, right, c->columns, target + top * c->columns);
                    for (int64_t i = bottom * c->columns; i < c->area; i++) target[i] = 0;
                }
            }
        }
    }
}

// MARK: - Taps

// Where its source starts, and which weight of the first plane of the result it multiplies with.
typedef struct {
    int32_t source, weight;
} tap;

// The taps of one group that forward reads.
PART int64_t input_taps(const pare_convolution *c, const copying *copies, tap *taps) {
    int64_t count = 0;
    for (int64_t channel = 0; channel < c->channels / c->groups; channel++) {
        for (int64_t i = 0; i < c->filter_height; i++) {
            for (int64_t j = 0; j < c->filter_width; j++, count++) {
                const int64_t shift = c->row_dilation * i;
                const int64_t copy = (channel * copies->copies + j) * copies->phases + shift % c->row_stride;
                taps[count] = (tap){
                    (int32_t)(copy * copies->area + shift / c->row_stride * copies->columns),
                    (int32_t)(channel * c->channel_step + i * c->filter_width + j)};
            }
        }
    }
    return count;
}

#endif
