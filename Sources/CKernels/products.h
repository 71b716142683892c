// Products of matrices, for kernels that bring their own memory.
//
// `c[i, j] = start[j] + sum over k of a[i, k] b[k, j]`: every element is one sum in the order of k, so that the result
// depends neither on how many rows there are nor on how they are cut into blocks.

#ifndef PARE_PRODUCTS_H
#define PARE_PRODUCTS_H

#include "vectors.h"

/// The left side: element (i, k) lies at `start[i row + k depth]`.
typedef struct {
    const float *start;
    int64_t row, depth;
} left_matrix;

/// The right side, either as rows with a step, or packed: columns are cut into panels of one to three vectors, and
/// each panel lies row after row; `depth` is how many rows the packed matrix has, 0 if it is not packed. What stands
/// beyond the last column, up to whole vectors, must be readable.
typedef struct {
    const float *start;
    int64_t row, depth;
} right_matrix;

/// Floats of a packed matrix.
int64_t pare_packed_count(int64_t depth, int64_t columns);

/// Packs the rows `first` to `first + count` of a matrix of `depth` rows, every `parts`-th panel, from rows that lie
/// one after the other.
void pare_pack_rows(int64_t depth, int64_t columns, int64_t first, int64_t count, const float *rows, int64_t part,
                    int64_t parts, float *packed);

/// The same, from a matrix that lies transposed: `columns` rows of `count` elements.
void pare_pack_columns(int64_t depth, int64_t columns, int64_t first, int64_t count, const float *matrix,
                       int64_t part, int64_t parts, float *packed);

/// Sums over `depth` rows of b, from `first` on. Overwrites whole vectors of each row of c, which are `c_row` apart.
void pare_product(int64_t rows, int64_t columns, int64_t depth, left_matrix a, right_matrix b, int64_t first,
                  const float *start_or_null, float *c, int64_t c_row);

/// `target[j target_row + i] = source[i source_row + j]`.
void pare_transpose(int64_t rows, int64_t columns, const float *source, int64_t source_row, float *target,
                    int64_t target_row);

#endif
