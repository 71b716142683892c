// Convolution over images and, as images one column wide, over steps.

#ifndef PARE_CONVOLUTION_KERNELS_H
#define PARE_CONVOLUTION_KERNELS_H

#include <stdint.h>

/// `y[o, s, t] = bias[o] + sum over c, i, j of weights[o, c, i, j]
///               x[c, row_stride s + row_dilation i - rows_before, column_stride t + column_dilation j - columns_before]`
/// with zeros outside of x. Channels and filters are cut into `groups` blocks; the filters of a block read its channels
/// alone. The weights of a block lie together, those of its filter o and channel c from
/// `o filter_step + c channel_step` on, `[filter_height, filter_width]`.
typedef struct {
    int64_t channels, height, width;
    int64_t filters, filter_height, filter_width, groups;
    int64_t row_stride, column_stride, row_dilation, column_dilation;
    int64_t rows_before, columns_before;
    int64_t output_height, output_width;
    int64_t filter_step, channel_step;
} pare_convolution;

/// Floats of scratch memory, aligned to a cache line, that each function below needs.
int64_t pare_convolution_scratch(const pare_convolution *convolution);

void pare_convolution_forward(const pare_convolution *convolution, int64_t examples, const float *x,
                              const float *weights, const float *bias_or_null, float *y, float *scratch);

/// The adjoint of forward without bias: from the gradient of y that of x. The bias, one value a channel of x, is for
/// transposed convolution, which is this function.
void pare_convolution_data_gradient(const pare_convolution *convolution, int64_t examples, const float *dy,
                                    const float *weights, const float *bias_or_null, float *dx, float *scratch);

/// Adds the gradient of the weights.
void pare_convolution_weight_gradient(const pare_convolution *convolution, int64_t examples, const float *x,
                                      const float *dy, float *dweights, float *scratch);

/// Adds the sum of each plane of `[examples, planes, positions]` over examples and positions to `sums`.
void pare_convolution_bias_gradient(int64_t examples, int64_t planes, int64_t positions, const float *dy, float *sums);

#endif
