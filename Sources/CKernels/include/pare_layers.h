// Forward and backward of the layers, for a number of examples that lie one after the other.
//
// Gradients of learnables are added to what is there; all other outputs are overwritten.

#ifndef PARE_LAYERS_H
#define PARE_LAYERS_H

#include <stdint.h>

// MARK: - Dense

/// `y = weights x + bias`; weights are `[outputs, inputs]`.
void pare_dense_forward(int64_t examples, int64_t inputs, int64_t outputs, const float *x, const float *weights,
                        const float *bias_or_null, float *y);

void pare_dense_backward(int64_t examples, int64_t inputs, int64_t outputs, const float *x, const float *weights,
                         const float *dy, float *dx_or_null, float *dweights_or_null, float *dbias_or_null);

// MARK: - Batch normalization, of [examples, channels, positions]

/// `(x - mean[c]) factor[c] + offset[c]` of each channel.
typedef struct {
    int64_t channels, positions;
    const float *mean, *factor, *offset;
} pare_normalization;

/// What tells a backward pass where a rectifier behind the normalization let the gradient through.
typedef enum {
    /// There is none.
    PARE_NO_GATE,
    /// Where the normalized input is not zero or below: nothing is added before the rectifier.
    PARE_GATE_OF_INPUT,
    /// Where the output is not.
    PARE_GATE_OF_OUTPUT,
} pare_gate;

/// `sums[c]` is the sum of the channel, `sums[channels + c]` the sum of its squares.
void pare_channel_sums(int64_t examples, int64_t channels, int64_t positions, const float *x, double *sums);

/// `y` is the normalized x, plus `other`, rectified. `y` may be x or other.
void pare_normalize_forward(const pare_normalization *normalization, int64_t examples, const float *x,
                            const float *other_or_null, int rectifies, float *y);

/// With g the gradient that the gate lets through: `sums[c]` is the sum of g, `sums[channels + c]` the sum of
/// `g (x - mean[c])`, and `gated` becomes g, which may overwrite dy.
void pare_normalize_gradient_sums(const pare_normalization *normalization, int64_t examples, const float *x,
                                  const float *dy, const float *y, pare_gate gate, float *gated_or_null,
                                  double *sums);

/// `dx = factor[c] (g - average[c] - (x - mean[c]) slope[c])`; `dx` may be dy.
void pare_normalize_backward(const pare_normalization *normalization, int64_t examples, const float *x,
                             const float *dy, const float *y, pare_gate gate, const float *average,
                             const float *slope, float *dx);

// MARK: - Element by element

/// Functions of one element; some have a parameter (a slope, a ceiling or an alpha).
enum {
    PARE_RELU,
    PARE_LEAKY_RELU,
    PARE_CLIPPED_RELU,
    PARE_ELU,
    PARE_GELU,
    PARE_GELU_TANH,
    PARE_SWISH,
    PARE_TANH,
    PARE_SIGMOID,
    PARE_HARD_SIGMOID,
    PARE_HARD_SWISH,
    PARE_HARD_TANH,
};

/// `y = f(x)`; a NaN stays. y may be x.
void pare_function_forward(int function, float parameter, int64_t count, const float *x, float *y);
/// `dx = f'(x) dy`; at a kink the slope is that of the flatter side. dx may be dy. GELU, swish and hard swish read x, all
/// others `y = f(x)`.
void pare_function_backward(int function, float parameter, int64_t count, const float *x, const float *y,
                            const float *dy, float *dx);

/// `y = a + b`; y may be a or b.
void pare_add(int64_t count, const float *a, const float *b, float *y);

/// `y = (x - mean[c]) / deviation[c]`; without a deviation, `y = x - mean[c]`.
void pare_standardize(int64_t examples, int64_t channels, int64_t positions, const float *x, const float *mean,
                      const float *deviation_or_null, float *y);

/// `y = x scale` where the random word of the element is `threshold` or more, otherwise zero.
///
/// Philox 4x32-10 gives four words a counter `(block, step, stream, stream >> 32)` with the seed as the key; the blocks
/// of an example start at `example * blocks of an example`, so that the words depend on nothing else.
void pare_dropout(int64_t first_example, int64_t examples, int64_t count, uint64_t seed, uint64_t stream,
                  uint32_t step, uint32_t threshold, float scale, const float *x, float *y);

// MARK: - Softmax, over the channels of each position

void pare_softmax_forward(int64_t examples, int64_t channels, int64_t positions, const float *x, float *y);
void pare_softmax_backward(int64_t examples, int64_t channels, int64_t positions, const float *y, const float *dy,
                           float *dx);

// MARK: - Pooling, of images (an image is a channel of an example; a sequence has one row)

typedef struct {
    int64_t rows, columns;
    int64_t size_rows, size_columns, stride_rows, stride_columns, top, left;
    int64_t output_rows, output_columns;
} pare_pooling;

/// The first largest element of each window; a NaN wins. Of each row the first `limit` columns count; a window without
/// elements gives zero.
void pare_max_pooling_forward(const pare_pooling *pooling, int64_t limit, int64_t images, const float *x, float *y);
void pare_max_pooling_backward(const pare_pooling *pooling, int64_t limit, int64_t images, const float *x,
                               const float *dy, float *dx);

/// The mean of the elements of each window that are inside the image and among the columns that count.
void pare_average_pooling_forward(const pare_pooling *pooling, int64_t limit, int64_t images, const float *x, float *y);
void pare_average_pooling_backward(const pare_pooling *pooling, int64_t limit, int64_t images, const float *dy,
                                   float *dx);

// MARK: - Combining inputs

enum { PARE_SUM, PARE_DIFFERENCE, PARE_PRODUCT };

/// `y = a + b`, `a - b` or `a b` by rows of `positions`; an operand has that many or one element a row. y may be an
/// operand of as many.
void pare_combine(int rule, int64_t rows, int64_t positions, const float *a, int64_t a_positions, const float *b,
                  int64_t b_positions, float *y);

/// The sum of each row.
void pare_row_sums(int64_t rows, int64_t positions, const float *x, float *sums);

// MARK: - A learnable slope for each channel

/// `y = x` above zero, `slope[c] x` otherwise.
void pare_prelu_forward(int64_t examples, int64_t channels, int64_t positions, const float *x, const float *slope,
                        float *y);
void pare_prelu_backward(int64_t examples, int64_t channels, int64_t positions, const float *x, const float *slope,
                         const float *dy, float *dx_or_null, float *dslope);

// MARK: - Rounding to whole steps

/// `y = step round(x / step)`, between `lowest` and `highest` steps, halves away from zero; a NaN stays. y may be x.
void pare_rounding_forward(int64_t count, float step, float lowest, float highest, const float *x, float *y);

/// `dx = dy`, zero where the bounds cut x off. dx may be dy.
void pare_rounding_backward(int64_t count, float step, float lowest, float highest, const float *x, const float *dy,
                            float *dx);

// MARK: - Normalization of one example

/// `y = (x - mean) / sqrt(variance + epsilon) scale[c] + offset[c]`, mean and variance over the consecutive channels of
/// each group; of the positions, `valid` count and the others are zero. `statistics` keeps two floats a group.
void pare_group_normalization_forward(int64_t channels, int64_t positions, int64_t groups, int64_t valid,
                                      double epsilon, const float *x, const float *scale, const float *offset,
                                      float *statistics, float *y);
void pare_group_normalization_backward(int64_t channels, int64_t positions, int64_t groups, int64_t valid,
                                       const float *x, const float *scale, const float *statistics, const float *dy,
                                       float *dx_or_null, float *dscale, float *doffset);

/// The same over the channels of each position.
void pare_position_normalization_forward(int64_t channels, int64_t positions, float epsilon, const float *x,
                                         const float *scale, const float *offset, float *y);
void pare_position_normalization_backward(int64_t channels, int64_t positions, float epsilon, const float *x,
                                          const float *scale, const float *dy, float *dx_or_null, float *dscale,
                                          float *doffset);

#endif
