#include "products.h"

enum { PANEL = 3, HEIGHT = 8, NARROW_HEIGHT = 2 };

// MARK: - Transposition

// One round of a butterfly: exchanges, between vectors `distance` apart, the lanes of that distance.
#define EXCHANGE(distance, low, high)                                      \
    for (int i = 0; i < LANES; i++) {                                      \
        if (i & (distance)) continue;                                      \
        const vector a = lanes[i], b = lanes[i + (distance)];              \
        lanes[i] = __builtin_shufflevector(a, b, low);                     \
        lanes[i + (distance)] = __builtin_shufflevector(a, b, high);       \
    }

PART void transpose_block(const float *source, int64_t source_row, float *target, int64_t target_row) {
    vector lanes[LANES];
    for (int i = 0; i < LANES; i++) lanes[i] = LOAD(source + i * source_row);
#define LOW1 0, 16, 2, 18, 4, 20, 6, 22, 8, 24, 10, 26, 12, 28, 14, 30
#define HIGH1 1, 17, 3, 19, 5, 21, 7, 23, 9, 25, 11, 27, 13, 29, 15, 31
#define LOW2 0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29
#define HIGH2 2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31
#define LOW4 0, 1, 2, 3, 16, 17, 18, 19, 8, 9, 10, 11, 24, 25, 26, 27
#define HIGH4 4, 5, 6, 7, 20, 21, 22, 23, 12, 13, 14, 15, 28, 29, 30, 31
#define LOW8 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23
#define HIGH8 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31
    EXCHANGE(1, LOW1, HIGH1)
    EXCHANGE(2, LOW2, HIGH2)
    EXCHANGE(4, LOW4, HIGH4)
    EXCHANGE(8, LOW8, HIGH8)
    for (int i = 0; i < LANES; i++) STORE(target + i * target_row, lanes[i]);
}

KERNEL void pare_transpose(int64_t rows, int64_t columns, const float *source, int64_t source_row, float *target,
                           int64_t target_row) {
    const int64_t whole_rows = rows / LANES * LANES, whole_columns = columns / LANES * LANES;
    for (int64_t i = 0; i < whole_rows; i += LANES)
        for (int64_t j = 0; j < whole_columns; j += LANES)
            transpose_block(source + i * source_row + j, source_row, target + j * target_row + i, target_row);
    for (int64_t j = 0; j < columns; j++)
        for (int64_t i = j < whole_columns ? whole_rows : 0; i < rows; i++)
            target[j * target_row + i] = source[i * source_row + j];
}

// MARK: - Panels

// How the vectors of all columns are cut: into as few panels as possible, whose widths differ by at most one.
typedef struct {
    int64_t vectors, count;
} panels;

PART panels panels_of(int64_t columns) {
    const int64_t vectors = whole_vectors(columns) / LANES;
    return (panels){vectors, (vectors + PANEL - 1) / PANEL};
}

// The first vector of a panel; the panel after the last begins after the last vector.
PART int64_t panel_start(panels p, int64_t panel) {
    return panel * (p.vectors / p.count) + least(panel, p.vectors % p.count);
}

int64_t pare_packed_count(int64_t depth, int64_t columns) { return depth * whole_vectors(columns); }

KERNEL void pare_pack_rows(int64_t depth, int64_t columns, int64_t first, int64_t count, const float *rows,
                           int64_t part, int64_t parts, float *packed) {
    const panels p = panels_of(columns);
    for (int64_t panel = part; panel < p.count; panel += parts) {
        const int64_t begin = panel_start(p, panel), width = (panel_start(p, panel + 1) - begin) * LANES;
        const size_t bytes = (size_t)least(width, columns - begin * LANES) * sizeof(float);
        float *target = packed + begin * LANES * depth + first * width;
        for (int64_t k = 0; k < count; k++) memcpy(target + k * width, rows + k * columns + begin * LANES, bytes);
    }
}

KERNEL void pare_pack_columns(int64_t depth, int64_t columns, int64_t first, int64_t count, const float *matrix,
                              int64_t part, int64_t parts, float *packed) {
    const panels p = panels_of(columns);
    for (int64_t panel = part; panel < p.count; panel += parts) {
        const int64_t begin = panel_start(p, panel), width = (panel_start(p, panel + 1) - begin) * LANES;
        pare_transpose(least(width, columns - begin * LANES), count, matrix + begin * LANES * count, count,
                       packed + begin * LANES * depth + first * width, width);
    }
}

// MARK: - Products

// A block of the result in registers; `height` and `width` are constants.
PART void product_block(const int height, const int width, int64_t depth, const float *a, int64_t a_row,
                        int64_t a_depth, const float *b, int64_t b_row, const float *start, float *c,
                        int64_t c_row) {
    vector sums[HEIGHT][PANEL];
    const float *rows[HEIGHT];
    for (int row = 0; row < height; row++) {
        rows[row] = a + row * a_row;
        for (int v = 0; v < width; v++) sums[row][v] = start ? LOAD(start + v * LANES) : (vector){0};
    }
    for (int64_t k = 0, at = 0; k < depth; k++, at += a_depth, b += b_row) {
        vector values[PANEL];
        for (int v = 0; v < width; v++) values[v] = LOAD(b + v * LANES);
        for (int row = 0; row < height; row++) {
            const float factor = rows[row][at];
            for (int v = 0; v < width; v++) sums[row][v] += values[v] * factor;
        }
    }
    for (int row = 0; row < height; row++)
        for (int v = 0; v < width; v++) STORE(c + row * c_row + v * LANES, sums[row][v]);
}

#define BLOCKS(height)                                                                                        \
    case height:                                                                                              \
        if (width == 3) product_block(height, 3, depth, a, a_row, a_depth, b, b_row, start, c, c_row);        \
        else if (width == 2) product_block(height, 2, depth, a, a_row, a_depth, b, b_row, start, c, c_row);   \
        else product_block(height, 1, depth, a, a_row, a_depth, b, b_row, start, c, c_row);                   \
        break;

PART void product_rows(int64_t height, int64_t width, int64_t depth, const float *a, int64_t a_row, int64_t a_depth,
                       const float *b, int64_t b_row, const float *start, float *c, int64_t c_row) {
    switch (height) {
        BLOCKS(1)
        BLOCKS(2)
        BLOCKS(3)
        BLOCKS(4)
        BLOCKS(5)
        BLOCKS(6)
        BLOCKS(7)
        BLOCKS(8)
    }
}

// Sixteen registers hold blocks of two rows, thirty-two hold blocks of eight.
static int64_t tallest_block(void) {
#if defined(__x86_64__) && defined(__linux__)
    return __builtin_cpu_supports("x86-64-v4") ? HEIGHT : NARROW_HEIGHT;
#else
    return NARROW_HEIGHT;
#endif
}

KERNEL void pare_product(int64_t rows, int64_t columns, int64_t depth, left_matrix a, right_matrix b, int64_t first,
                         const float *start, float *c, int64_t c_row) {
    const panels p = panels_of(columns);
    const int64_t tallest = tallest_block();
    const int64_t blocks = (rows + tallest - 1) / tallest;
    for (int64_t panel = 0; panel < p.count; panel++) {
        const int64_t begin = panel_start(p, panel), width = panel_start(p, panel + 1) - begin;
        const int64_t b_row = b.depth > 0 ? width * LANES : b.row;
        const float *b_start = b.start + begin * LANES * (b.depth > 0 ? b.depth : 1) + first * b_row;
        for (int64_t block = 0, row = 0; block < blocks; block++) {
            const int64_t height = rows / blocks + (block < rows % blocks);
            product_rows(height, width, depth, a.start + row * a.row, a.row, a.depth, b_start, b_row,
                         start ? start + begin * LANES : NULL, c + row * c_row + begin * LANES, c_row);
            row += height;
        }
    }
}
