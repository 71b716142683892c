// Pooling over windows of rows and columns; a sequence is an image of one row.
//
// The window of output (r, t) covers the rows `stride r - top ..< stride r - top + size` and likewise the columns, cut to
// the image and to the columns that count.

#include "functions.h"
#include "pare_layers.h"
#include "vectors.h"

typedef struct {
    int64_t begin, end;
} window;

PART window rows_of(const pare_pooling *p, int64_t r) {
    const int64_t start = p->stride_rows * r - p->top;
    return (window){most(0, start), least(p->rows, start + p->size_rows)};
}

PART window columns_of(const pare_pooling *p, int64_t limit, int64_t t) {
    const int64_t start = p->stride_columns * t - p->left;
    return (window){most(0, start), least(limit, start + p->size_columns)};
}

// Sixteen elements, one a column of the output: next to each other or with one between. Reads nothing past the last.
PART void load_columns(const float *x, int64_t stride, vector *v) {
    *v = LOAD(x);
    if (stride == 1) return;
    const vector a = *v, b = LOAD(x + LANES - 1);
    *v = __builtin_shufflevector(a, b, 0, 2, 4, 6, 8, 10, 12, 14, 17, 19, 21, 23, 25, 27, 29, 31);
}

// The columns of the output whose windows are whole, if they are worth vectors.
PART window whole_columns(const pare_pooling *p, int64_t limit) {
    if (p->stride_columns > 2 || p->size_columns >= LANES) return (window){0, 0};
    const int64_t begin = (p->left + p->stride_columns - 1) / p->stride_columns;
    const int64_t room = limit - p->size_columns + p->left;
    return (window){begin, room < 0 ? 0 : least(p->output_columns, room / p->stride_columns + 1)};
}

// MARK: - Largest

// The first largest element of some columns of some rows; a NaN is larger than any number. -1 if there is none.
PART int64_t index_of_largest(const pare_pooling *p, const float *x, window rows, window columns) {
    int64_t index = -1;
    for (int64_t r = rows.begin; r < rows.end; r++) {
        for (int64_t i = r * p->columns + columns.begin; i < r * p->columns + columns.end; i++) {
            if (index < 0) index = i;
            if (x[index] != x[index]) return index;
            if (x[i] > x[index] || x[i] != x[i]) index = i;
        }
    }
    return index;
}

KERNEL void pare_max_pooling_forward(const pare_pooling *p, int64_t limit, int64_t images, const float *x, float *y) {
    const window whole = whole_columns(p, limit);
    for (int64_t image = 0; image < images; image++, x += p->rows * p->columns) {
        for (int64_t r = 0; r < p->output_rows; r++, y += p->output_columns) {
            const window rows = rows_of(p, r);
            int64_t t = 0;
            while (t < p->output_columns) {
                if (t < whole.begin || t + LANES > whole.end) {
                    const int64_t index = index_of_largest(p, x, rows, columns_of(p, limit, t));
                    y[t++] = index < 0 ? 0 : x[index];
                    continue;
                }
                const float *corner = x + rows.begin * p->columns + t * p->stride_columns - p->left;
                vector best, v;
                load_columns(corner, p->stride_columns, &best);
                for (int64_t i = 0; i < rows.end - rows.begin; i++) {
                    for (int64_t j = 0; j < p->size_columns; j++) {
                        load_columns(corner + i * p->columns + j, p->stride_columns, &v);
                        best = SELECT((v > best) | (v != v), v, best);
                    }
                }
                STORE(y + t, best);
                t += LANES;
            }
        }
    }
}

KERNEL void pare_max_pooling_backward(const pare_pooling *p, int64_t limit, int64_t images, const float *x,
                                      const float *dy, float *dx) {
    const int64_t area = p->rows * p->columns;
    memset(dx, 0, (size_t)(images * area) * sizeof(float));
    for (int64_t image = 0; image < images; image++, x += area, dx += area) {
        for (int64_t r = 0; r < p->output_rows; r++, dy += p->output_columns) {
            const window rows = rows_of(p, r);
            for (int64_t t = 0; t < p->output_columns; t++) {
                const int64_t index = index_of_largest(p, x, rows, columns_of(p, limit, t));
                if (index >= 0) dx[index] += dy[t];
            }
        }
    }
}

// MARK: - Mean

PART float sum_of(const pare_pooling *p, const float *x, window rows, window columns) {
    vector lanes = {0};
    float rest = 0;
    for (int64_t r = rows.begin; r < rows.end; r++) {
        const float *row = x + r * p->columns;
        int64_t i = columns.begin;
        for (; i + LANES <= columns.end; i += LANES) lanes += LOAD(row + i);
        for (; i < columns.end; i++) rest += row[i];
    }
    return lane_sum(&lanes) + rest;
}

PART int64_t elements_of(window rows, window columns) {
    return most(0, rows.end - rows.begin) * most(0, columns.end - columns.begin);
}

KERNEL void pare_average_pooling_forward(const pare_pooling *p, int64_t limit, int64_t images, const float *x,
                                         float *y) {
    const window whole = whole_columns(p, limit);
    for (int64_t image = 0; image < images; image++, x += p->rows * p->columns) {
        for (int64_t r = 0; r < p->output_rows; r++, y += p->output_columns) {
            const window rows = rows_of(p, r);
            int64_t t = 0;
            while (t < p->output_columns) {
                if (t < whole.begin || t + LANES > whole.end) {
                    const window columns = columns_of(p, limit, t);
                    y[t++] = sum_of(p, x, rows, columns) / (float)most(1, elements_of(rows, columns));
                    continue;
                }
                const float *corner = x + rows.begin * p->columns + t * p->stride_columns - p->left;
                vector sum = {0}, v;
                for (int64_t i = 0; i < rows.end - rows.begin; i++) {
                    for (int64_t j = 0; j < p->size_columns; j++) {
                        load_columns(corner + i * p->columns + j, p->stride_columns, &v);
                        sum += v;
                    }
                }
                STORE(y + t, sum / (float)((rows.end - rows.begin) * p->size_columns));
                t += LANES;
            }
        }
    }
}

KERNEL void pare_average_pooling_backward(const pare_pooling *p, int64_t limit, int64_t images, const float *dy,
                                          float *dx) {
    const int64_t area = p->rows * p->columns;
    memset(dx, 0, (size_t)(images * area) * sizeof(float));
    for (int64_t image = 0; image < images; image++, dx += area) {
        for (int64_t r = 0; r < p->output_rows; r++, dy += p->output_columns) {
            const window rows = rows_of(p, r);
            for (int64_t t = 0; t < p->output_columns; t++) {
                const window columns = columns_of(p, limit, t);
                const float share = dy[t] / (float)most(1, elements_of(rows, columns));
                for (int64_t h = rows.begin; h < rows.end; h++)
                    for (int64_t i = columns.begin; i < columns.end; i++) dx[h * p->columns + i] += share;
            }
        }
    }
}
