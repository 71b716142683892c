// Forward and backward of the layers, for a number of examples that lie one after the other.
//
// Gradients of learnables are added to what is there; all other outputs are overwritten.

#ifndef PARE_LAYERS_H
#define PARE_LAYERS_H

#include <stdint.h>

// MARK: - Convolution over steps

/// `y[o, t] = bias[o] + sum over c, j of weights[o, c, j] x[c, stride t + dilation j - before]`, zero outside of x.
typedef struct {
    int64_t channels, steps;
    int64_t filters, size, stride, dilation, before;
    int64_t output_steps;
} pare_convolution1d;

/// Floats of scratch memory that forward and backward need.
int64_t pare_convolution1d_scratch(const pare_convolution1d *convolution);

void pare_convolution1d_forward(const pare_convolution1d *convolution, int64_t examples, const float *x,
                                const float *weights, const float *bias_or_null, float *y, float *scratch);

void pare_convolution1d_backward(const pare_convolution1d *convolution, int64_t examples, const float *x,
                                 const float *weights, const float *dy, float *dx_or_null,
                                 float *dweights, float *dbias_or_null, float *scratch);

// MARK: - Dense

/// `y = weights x + bias`; weights are `[outputs, inputs]`.
void pare_dense_forward(int64_t examples, int64_t inputs, int64_t outputs, const float *x, const float *weights,
                        const float *bias_or_null, float *y);

void pare_dense_backward(int64_t examples, int64_t inputs, int64_t outputs, const float *x, const float *weights,
                         const float *dy, float *dx_or_null, float *dweights, float *dbias_or_null);

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

/// `y = max(0, x)`; a NaN stays.
void pare_relu_forward(int64_t count, const float *x, float *y);
/// `dx = dy` where x is above zero (or NaN), otherwise zero.
void pare_relu_backward(int64_t count, const float *x, const float *dy, float *dx);

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

// MARK: - Softmax, over each example's vector

void pare_softmax_forward(int64_t examples, int64_t count, const float *x, float *y);
void pare_softmax_backward(int64_t examples, int64_t count, const float *y, const float *dy, float *dx);

// MARK: - Pooling, of rows of steps (a row is a channel of an example)

typedef struct {
    int64_t steps, size, stride, before;
    int64_t output_steps;
} pare_pooling1d;

/// The first largest element of each window; a NaN wins.
void pare_max_pooling_forward(const pare_pooling1d *pooling, int64_t rows, const float *x, float *y);
void pare_max_pooling_backward(const pare_pooling1d *pooling, int64_t rows, const float *x, const float *dy,
                               float *dx);

/// The mean of the elements of each window that are inside the row.
void pare_average_pooling_forward(const pare_pooling1d *pooling, int64_t rows, const float *x, float *y);
void pare_average_pooling_backward(const pare_pooling1d *pooling, int64_t rows, const float *dy, float *dx);

#endif
