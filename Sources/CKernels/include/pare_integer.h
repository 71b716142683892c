// Integer arithmetic of quantized layers, one example at a time: int8 or int16 values times int8 weights in 32-bit sums,
// and from sums to int8 by fixed-point factors.
//
// Every function gives the same integers on every instruction set. That no sum leaves 32 bits is the caller's care.

#ifndef PARE_INTEGER_H
#define PARE_INTEGER_H

#include <stdint.h>

// MARK: - From sums to integers

/// With a divisor `sum 2^shift / divisor`, rounded halves up; without (0) `sum multiplier 2^(shift - 31)`, rounded twice
/// as gemmlowp does. Saturated to 32 bits.
typedef struct {
    int32_t multiplier, shift;
    int64_t divisor;
} pare_rescaling;

/// The rescaled sum plus the zero point, clamped to `lowest ... 127`. A channel's rescaling is `rescalings[channel step]`.
typedef struct {
    const pare_rescaling *rescalings;
    int64_t step;
    int32_t zero_point, lowest;
} pare_integer_output;

/// From `[channels, positions]`.
void pare_integer_write(const pare_integer_output *output, int64_t channels, int64_t positions, const int32_t *sums,
                        int8_t *y);

/// `rescaled[i] = rescale(sums[i]) + offsets[i]`, saturated to 32 bits; the rescaling of i is `rescalings[i step]`.
void pare_integer_rescale(const pare_rescaling *rescalings, int64_t step, int64_t count, const int32_t *sums,
                          const int32_t *offsets_or_null, int32_t *rescaled);

// MARK: - Element by element

/// `y = table[x + 128]` with a table of 256 for each channel, `table_step` apart, or one for all (0).
void pare_integer_map(int64_t channels, int64_t positions, const int8_t *tables, int64_t table_step, const int8_t *x,
                      int8_t *y);

/// `sums += sign rescale((x - zero_point) << places)`; an input with one element a channel (`x_positions` 1) counts for
/// every position.
void pare_integer_add_term(int64_t channels, int64_t positions, const int8_t *x, int64_t x_positions,
                           int32_t zero_point, int32_t sign, int32_t places, const pare_rescaling *rescaling,
                           int32_t *sums);

/// `products = products (x - zero_point)`.
void pare_integer_multiply(int64_t channels, int64_t positions, const int8_t *x, int64_t x_positions,
                           int32_t zero_point, int32_t *products);

// MARK: - Pooling

typedef enum {
    pare_integer_largest,
    /// The mean of the elements inside the image, halves up or away from zero.
    pare_integer_mean_half_up,
    pare_integer_mean_half_away,
} pare_integer_rule;

typedef struct {
    int64_t channels, height, width, output_height, output_width;
    int64_t window_height, window_width, row_stride, column_stride, rows_before, columns_before;
    pare_integer_rule rule;
} pare_integer_pooling;

void pare_integer_pool(const pare_integer_pooling *pooling, const int8_t *x, int8_t *y);

// MARK: - Products

/// Bytes of packed weights of `rows` by `depth`.
int64_t pare_integer_packed_count(int64_t rows, int64_t depth);
void pare_integer_pack(int64_t rows, int64_t depth, const int8_t *weights, int8_t *packed);

/// `sums[c, r] = sum over k of weights[r, k] x[c, k]` for `count` columns of x, which are `whole_pairs(depth)` apart, the
/// odd last one zero; those of sums are `rows` rounded up to 16 apart.
void pare_integer_products(int64_t rows, int64_t depth, int64_t count, const int8_t *packed, const int16_t *x,
                           int32_t *sums);

// MARK: - Convolution

/// As `pare_convolution`, over an input whose elements are `row_spread` and `column_spread` apart, with zeros between
/// them: with filters turned around, a transposed convolution.
typedef struct {
    int64_t channels, height, width;
    int64_t filters, filter_height, filter_width, groups;
    int64_t row_stride, column_stride, row_dilation, column_dilation;
    int64_t rows_before, columns_before, row_spread, column_spread;
    int64_t output_height, output_width;
} pare_integer_convolution;

/// int16 values of packed weights, and of scratch memory.
int64_t pare_integer_convolution_packed(const pare_integer_convolution *convolution);
int64_t pare_integer_convolution_scratch(const pare_integer_convolution *convolution);

/// From weights `[filters, channels / groups, filter_height, filter_width]`.
void pare_integer_convolution_pack(const pare_integer_convolution *convolution, const int8_t *weights,
                                   int16_t *packed);

void pare_integer_convolve(const pare_integer_convolution *convolution, const int8_t *x, int32_t zero_point,
                           const int16_t *packed, const int32_t *bias, const pare_integer_output *output, int8_t *y,
                           int16_t *scratch);

// MARK: - Recurrent layers

/// A function from Q3.12 to Q0.15: its values at 513 points from -8 to 8, between which it is a line.
typedef const int16_t *pare_gate_table;

/// One step of an LSTM. `input` and `recurrent` are the parts of the sums of the gates i, f, g, o in steps of 2^-16; the
/// hidden state is in steps of 2^-15, the cell in steps of `2^(cell_places - 15)`.
void pare_integer_lstm_turn(int64_t units, const int32_t *input, const int32_t *recurrent, pare_gate_table sigmoid,
                            pare_gate_table tangent, int32_t cell_places, int16_t *cell, int16_t *hidden);

/// The gates r and z of a GRU in steps of 2^-15, and for a reset before the product `reset = r hidden`.
void pare_integer_gru_gates(int64_t units, const int32_t *input, const int32_t *recurrent, pare_gate_table sigmoid,
                            const int16_t *hidden, int16_t *gates, int16_t *reset);

/// The rest of a step of a GRU: `input` and `recurrent` are the parts of n, the latter multiplied by r if
/// `multiplies_recurrent`.
void pare_integer_gru_turn(int64_t units, const int32_t *input, const int32_t *recurrent, const int16_t *gates,
                           int64_t multiplies_recurrent, pare_gate_table tangent, int16_t *hidden);

#endif
