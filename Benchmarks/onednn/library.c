#define _GNU_SOURCE
#include "library.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>

// MARK: - The library

static dnnl_engine_t the_engine;
static dnnl_stream_t the_stream;
static void (*set_openmp_threads)(int);

static void prepare(void) {
    // The same results on every machine of one instruction set, as with our own kernels: nothing newer is used.
#if defined(__x86_64__)
    __builtin_cpu_init();
    dnnl_set_max_cpu_isa(__builtin_cpu_supports("x86-64-v4")   ? dnnl_cpu_isa_avx512_core
                         : __builtin_cpu_supports("x86-64-v3") ? dnnl_cpu_isa_avx2
                                                               : dnnl_cpu_isa_sse41);
#endif
    // Looked up, not linked: the library may have been built for another runtime, or for none.
    *(void **)&set_openmp_threads = dlsym(RTLD_DEFAULT, "omp_set_num_threads");
    if (dnnl_engine_create(&the_engine, dnnl_cpu, 0) != dnnl_success) return;
    if (dnnl_stream_create(&the_stream, the_engine, dnnl_stream_default_flags) != dnnl_success) the_stream = NULL;
}

bool library(dnnl_engine_t *engine, dnnl_stream_t *stream) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, prepare);
    *engine = the_engine;
    *stream = the_stream;
    return the_engine && the_stream;
}

// OpenMP keeps a team of spinning threads for every thread that asks it for more than one. Beside our own pool that would
// be two pools fighting for the same cores. The number belongs to the calling thread, so it is set on each.
void use_one_thread(void) {
    if (set_openmp_threads) set_openmp_threads(1);
}

const char *pare_onednn_version(void) {
    static char text[32];
    const dnnl_version_t *version = dnnl_version();
    snprintf(text, sizeof text, "%d.%d.%d", version->major, version->minor, version->patch);
    return text;
}

// MARK: - Layouts

#if DNNL_VERSION_MAJOR == 2

bool make_layout(own_layout *own, int rank, const int64_t *dimensions, dnnl_format_tag_t tag) {
    return dnnl_memory_desc_init_by_tag(&own->description, rank, dimensions, dnnl_f32, tag) == dnnl_success;
}
void destroy_layout(own_layout *own) { (void)own; }
layout view(const own_layout *own) { return &own->description; }

#else

bool make_layout(own_layout *own, int rank, const int64_t *dimensions, dnnl_format_tag_t tag) {
    own->description = NULL;
    return dnnl_memory_desc_create_with_tag(&own->description, rank, dimensions, dnnl_f32, tag) == dnnl_success;
}
void destroy_layout(own_layout *own) {
    if (own->description) dnnl_memory_desc_destroy(own->description);
}
layout view(const own_layout *own) { return own->description; }

#endif

// MARK: - Convolution

dnnl_primitive_desc_t describe_convolution(int direction, const pare_onednn_geometry *g, dnnl_engine_t engine,
                                           const own_layout *x, const own_layout *weights, const own_layout *bias,
                                           const own_layout *y, dnnl_primitive_attr_t attributes,
                                           dnnl_primitive_desc_t hint) {
    dnnl_dims_t strides, gaps, before, after;
    for (int axis = 0; axis < 2; axis++) {
        strides[axis] = g->stride[axis];
        gaps[axis] = g->dilation[axis] - 1;
        before[axis] = g->before[axis];
        after[axis] = (g->output_size[axis] - 1) * g->stride[axis] + g->dilation[axis] * (g->filter_size[axis] - 1)
            + 1 - g->before[axis] - g->size[axis];
    }
    const layout bias_layout = g->has_bias ? view(bias) : NULL;
    dnnl_primitive_desc_t description = NULL;
#if DNNL_VERSION_MAJOR == 2
    dnnl_convolution_desc_t operation;
    dnnl_status_t status = direction == FORWARD
        ? dnnl_dilated_convolution_forward_desc_init(&operation, dnnl_forward_training, dnnl_convolution_direct, view(x),
                                                     view(weights), bias_layout, view(y), strides, gaps, before, after)
        : direction == BACKWARD_DATA
        ? dnnl_dilated_convolution_backward_data_desc_init(&operation, dnnl_convolution_direct, view(x), view(weights),
                                                           view(y), strides, gaps, before, after)
        : dnnl_dilated_convolution_backward_weights_desc_init(&operation, dnnl_convolution_direct, view(x),
                                                              view(weights), bias_layout, view(y), strides, gaps,
                                                              before, after);
    if (status == dnnl_success)
        status = dnnl_primitive_desc_create(&description, &operation, attributes, engine, hint);
#else
    const dnnl_status_t status = direction == FORWARD
        ? dnnl_convolution_forward_primitive_desc_create(&description, engine, dnnl_forward_training,
                                                         dnnl_convolution_direct, view(x), view(weights), bias_layout,
                                                         view(y), strides, gaps, before, after, attributes)
        : direction == BACKWARD_DATA
        ? dnnl_convolution_backward_data_primitive_desc_create(&description, engine, dnnl_convolution_direct, view(x),
                                                               view(weights), view(y), strides, gaps, before, after,
                                                               hint, attributes)
        : dnnl_convolution_backward_weights_primitive_desc_create(&description, engine, dnnl_convolution_direct,
                                                                  view(x), view(weights), bias_layout, view(y),
                                                                  strides, gaps, before, after, hint, attributes);
#endif
    return status == dnnl_success ? description : NULL;
}
