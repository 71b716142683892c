// What differs between versions 2 and 3 of oneDNN, and the one engine.

#ifndef PARE_ONEDNN_LIBRARY_H
#define PARE_ONEDNN_LIBRARY_H

#include <oneapi/dnnl/dnnl.h>
#include <stdbool.h>

#include "pare_onednn.h"

#if DNNL_VERSION_MAJOR < 2 || DNNL_VERSION_MAJOR > 3
#error "this needs oneDNN 2 or 3"
#endif

/// A layout in memory as the library hands it out.
#if DNNL_VERSION_MAJOR == 2
typedef const dnnl_memory_desc_t *layout;
#else
typedef const_dnnl_memory_desc_t layout;
#endif

/// A layout of our own; version 2 keeps it by value, version 3 on its heap.
typedef struct {
    dnnl_memory_desc_t description;
} own_layout;

/// `tag` may be `dnnl_format_tag_any`, which leaves the choice to the library.
bool make_layout(own_layout *own, int rank, const int64_t *dimensions, dnnl_format_tag_t tag);
void destroy_layout(own_layout *own);
layout view(const own_layout *own);

enum { FORWARD, BACKWARD_DATA, BACKWARD_WEIGHTS };

/// The description of one direction of a convolution on layouts that the library chooses; `NULL` if it cannot.
///
/// `hint` is the description of the forward direction, for the two others.
dnnl_primitive_desc_t describe_convolution(int direction, const pare_onednn_geometry *geometry, dnnl_engine_t engine,
                                           const own_layout *x, const own_layout *weights, const own_layout *bias,
                                           const own_layout *y, dnnl_primitive_attr_t attributes,
                                           dnnl_primitive_desc_t hint);

/// The engine and the stream, made on first use with the instruction set of our own kernels; `false` if there are none.
bool library(dnnl_engine_t *engine, dnnl_stream_t *stream);

/// Keeps the library's own threads from starting for what this thread asks.
void use_one_thread(void);

#endif
