// What Pare asks of oneDNN, by functions of our own that are the same for its versions 2 and 3.
//
// Everything runs on the calling thread. Memory is that of the caller, planar float32 as everywhere in Pare; the layouts
// that the library prefers live in scratch memory. The library itself allocates a few hundred bytes a call.

#ifndef PARE_ONEDNN_H
#define PARE_ONEDNN_H

#include <stdbool.h>
#include <stdint.h>

/// The version of the library, such as `2.6.3`.
const char *pare_onednn_version(void);

/// `y[o, i, j] = bias[o] + sum over c, k, l of weights[o, c, k, l] x[c, stride i + dilation k - top, ...]`, zero outside
/// of x. Weights are `[filters, channels / groups, filter height, filter width]`; of two numbers the first is for rows.
typedef struct {
    int64_t examples;
    int64_t channels, size[2];
    int64_t filters, filter_size[2], output_size[2];
    int64_t stride[2], dilation[2];
    /// Zeros above and to the left; those below and to the right follow from the sizes.
    int64_t before[2];
    int64_t groups;
    bool has_bias;
} pare_onednn_geometry;

/// A convolution that is ready to run; used by one thread at a time.
typedef struct pare_onednn_convolution2d pare_onednn_convolution2d;

/// `NULL` if the library cannot run it or there is no memory.
pare_onednn_convolution2d *pare_onednn_convolution2d_create(const pare_onednn_geometry *geometry);
void pare_onednn_convolution2d_destroy(pare_onednn_convolution2d *convolution);

/// Floats of scratch memory, aligned to 64 bytes, that each of the three directions needs.
int64_t pare_onednn_convolution2d_scratch(const pare_onednn_convolution2d *convolution);

/// The names of the implementations that the library chose: forward, gradient of the input, gradient of the weights.
const char *pare_onednn_convolution2d_implementation(const pare_onednn_convolution2d *convolution, int direction);

/// Each returns whether the library ran. `bias` and `dbias` are used if the geometry has one.
bool pare_onednn_convolution2d_forward(const pare_onednn_convolution2d *convolution, const float *x,
                                       const float *weights, const float *bias, float *y, float *scratch);
/// Overwrites `dx`.
bool pare_onednn_convolution2d_backward_data(const pare_onednn_convolution2d *convolution, const float *weights,
                                             const float *dy, float *dx, float *scratch);
/// Adds to `dweights` and `dbias`.
bool pare_onednn_convolution2d_backward_weights(const pare_onednn_convolution2d *convolution, const float *x,
                                                const float *dy, float *dweights, float *dbias, float *scratch);

#endif
