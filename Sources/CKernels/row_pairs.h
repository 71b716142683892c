// Convolution by pairs of rows: see row_pairs.c.

#ifndef PARE_ROW_PAIRS_H
#define PARE_ROW_PAIRS_H

#include "convolution.h"

enum { FEWEST_PLANES = 8 }; // With fewer channels or filters transforming costs more than it saves.

/// Whether the functions below compute a convolution: filters of three by three over all channels, one row and one
/// column a step, none of the input left out, and borders that are not wider than rows are at least.
PART int has_row_pairs(const pare_convolution *c) {
    const int64_t rows_after = c->output_height + 2 - c->height - c->rows_before;
    const int64_t columns_after = c->output_width + 2 * c->column_dilation - c->width - c->columns_before;
    return c->filter_height == 3 && c->filter_width == 3 && c->groups == 1 && c->row_stride == 1
        && c->column_stride == 1 && c->row_dilation == 1 && 2 * c->column_dilation <= HALF && c->channels >= FEWEST_PLANES
        && c->filters >= FEWEST_PLANES && c->output_height > 1 && c->height > 1 && c->width >= HALF
        && c->output_width >= HALF && 0 <= c->rows_before && c->rows_before <= 2 && 0 <= rows_after
        && rows_after <= 2 && 0 <= c->columns_before && c->columns_before <= 2 * c->column_dilation
        && 0 <= columns_after && columns_after <= 2 * c->column_dilation;
}

int64_t pare_row_pairs_scratch(const pare_convolution *convolution);

void pare_row_pairs_forward(const pare_convolution *convolution, int64_t examples, const float *x,
                            const float *weights, const float *bias_or_null, float *y, float *scratch);

void pare_row_pairs_data_gradient(const pare_convolution *convolution, int64_t examples, const float *dy,
                                  const float *weights, const float *bias_or_null, float *dx, float *scratch);

void pare_row_pairs_weight_gradient(const pare_convolution *convolution, int64_t examples, const float *x,
                                    const float *dy, float *dweights, float *scratch);

#endif
