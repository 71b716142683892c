// Fully connected layers: dot products along the inputs forward, sums of rows backward. Blocks of rows and examples are
// done at once, so that weights are read once for several examples; each number is summed in the same order in any.

#include "pare_layers.h"
#include "vectors.h"

enum { BLOCK = 4 };

// `y[e, o]` for `count` examples and up to BLOCK outputs from `first` on. Rows that are not there repeat the last one
// and are not stored.
PART void dot_products(const int count, int64_t inputs, int64_t outputs, int64_t first, const float *x,
                       const float *weights, const float *bias, float *y) {
    const int64_t whole = inputs / LANES * LANES;
    const float *rows[BLOCK];
    vector sums[BLOCK][BLOCK] = {0};
    float rests[BLOCK][BLOCK] = {0};
    for (int row = 0; row < BLOCK; row++) rows[row] = weights + least(first + row, outputs - 1) * inputs;
    for (int64_t i = 0; i < whole; i += LANES) {
        for (int e = 0; e < count; e++) {
            const vector values = LOAD(x + e * inputs + i);
            for (int row = 0; row < BLOCK; row++) sums[e][row] += values * LOAD(rows[row] + i);
        }
    }
    for (int64_t i = whole; i < inputs; i++)
        for (int e = 0; e < count; e++)
            for (int row = 0; row < BLOCK; row++) rests[e][row] += x[e * inputs + i] * rows[row][i];
    for (int e = 0; e < count; e++)
        for (int row = 0; row < BLOCK; row++)
            if (first + row < outputs)
                y[e * outputs + first + row] =
                    (lane_sum(&sums[e][row]) + rests[e][row]) + (bias ? bias[first + row] : 0.0f);
}

KERNEL void pare_dense_forward(int64_t examples, int64_t inputs, int64_t outputs, const float *x, const float *weights,
                               const float *bias, float *y) {
    int64_t e = 0;
    for (; e + BLOCK <= examples; e += BLOCK)
        for (int64_t first = 0; first < outputs; first += BLOCK)
            dot_products(BLOCK, inputs, outputs, first, x + e * inputs, weights, bias, y + e * outputs);
    for (; e < examples; e++)
        for (int64_t first = 0; first < outputs; first += BLOCK)
            dot_products(1, inputs, outputs, first, x + e * inputs, weights, bias, y + e * outputs);
}

// A block of a product of matrices: `y[r, i ..< i + width LANES] (+)= sum over k of a[r, k] x[k, i ...]`, for `rows`
// rows r; a row of `a` begins `row_step` after the one before, its elements lie `step` apart.
PART void add_products(const int rows, const int width, const int adds, int64_t terms, const float *a,
                       int64_t row_step, int64_t step, const float *x, float *y, int64_t columns, int64_t i) {
    vector sums[BLOCK][BLOCK];
    for (int r = 0; r < rows; r++)
        for (int v = 0; v < width; v++)
            sums[r][v] = adds ? LOAD(y + r * columns + i + v * LANES) : (vector){0};
    for (int64_t k = 0; k < terms; k++) {
        vector values[BLOCK];
        for (int v = 0; v < width; v++) values[v] = LOAD(x + k * columns + i + v * LANES);
        for (int r = 0; r < rows; r++)
            for (int v = 0; v < width; v++) sums[r][v] += a[r * row_step + k * step] * values[v];
    }
    for (int r = 0; r < rows; r++)
        for (int v = 0; v < width; v++) STORE(y + r * columns + i + v * LANES, sums[r][v]);
}

PART void add_product_rows(const int rows, const int adds, int64_t terms, const float *a, int64_t row_step,
                           int64_t step, const float *x, float *y, int64_t columns) {
    int64_t i = 0;
    for (; i + BLOCK * LANES <= columns; i += BLOCK * LANES)
        add_products(rows, BLOCK, adds, terms, a, row_step, step, x, y, columns, i);
    for (; i + LANES <= columns; i += LANES)
        add_products(rows, 1, adds, terms, a, row_step, step, x, y, columns, i);
    for (; i < columns; i++) {
        for (int r = 0; r < rows; r++) {
            float sum = adds ? y[r * columns + i] : 0;
            for (int64_t k = 0; k < terms; k++) sum += a[r * row_step + k * step] * x[k * columns + i];
            y[r * columns + i] = sum;
        }
    }
}

// `y[r, ...] (+)= sum over k of a[r, k] x[k, ...]` for all rows.
PART void product(const int adds, int64_t rows, int64_t terms, const float *a, int64_t row_step, int64_t step,
                  const float *x, float *y, int64_t columns) {
    int64_t r = 0;
    for (; r + BLOCK <= rows; r += BLOCK)
        add_product_rows(BLOCK, adds, terms, a + r * row_step, row_step, step, x, y + r * columns, columns);
    for (; r < rows; r++)
        add_product_rows(1, adds, terms, a + r * row_step, row_step, step, x, y + r * columns, columns);
}

KERNEL void pare_dense_backward(int64_t examples, int64_t inputs, int64_t outputs, const float *x,
                                const float *weights, const float *dy, float *dx, float *dweights, float *dbias) {
    if (dx) product(0, examples, outputs, dy, outputs, 1, weights, dx, inputs);
    if (dweights) product(1, outputs, examples, dy, 1, outputs, x, dweights, inputs);
    for (int64_t e = 0; dbias && e < examples; e++)
        for (int64_t o = 0; o < outputs; o++) dbias[o] += dy[e * outputs + o];
}
