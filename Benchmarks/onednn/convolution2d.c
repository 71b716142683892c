// A direction is: inputs into the layouts that the library prefers, the convolution, its result back to planar memory.

#include <stdlib.h>

#include "library.h"

// A tensor of the caller and, where the library prefers another layout, its copy in scratch memory.
typedef struct {
    dnnl_memory_t planar, preferred;
    dnnl_primitive_t reorder;
    int64_t offset;
} operand;

enum { X, WEIGHTS, Y, BIAS, OPERANDS };

typedef struct {
    dnnl_primitive_t primitive;
    operand operands[OPERANDS];
    dnnl_memory_t scratchpad;
    int64_t scratchpad_offset;
    // The planar result of the gradients of weights and bias, which are then added to the caller's.
    int64_t sum_offset;
    int64_t scratch;
    const char *implementation;
} direction;

struct pare_onednn_convolution2d {
    pare_onednn_geometry geometry;
    dnnl_stream_t stream;
    direction directions[3];
    int64_t weight_count;
};

// Which operand a direction computes.
static const int results[] = {[FORWARD] = Y, [BACKWARD_DATA] = X, [BACKWARD_WEIGHTS] = WEIGHTS};
static const int arguments[3][OPERANDS] = {
    [FORWARD] = {DNNL_ARG_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_DST, DNNL_ARG_BIAS},
    [BACKWARD_DATA] = {DNNL_ARG_DIFF_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_DIFF_DST, 0},
    [BACKWARD_WEIGHTS] = {DNNL_ARG_SRC, DNNL_ARG_DIFF_WEIGHTS, DNNL_ARG_DIFF_DST, DNNL_ARG_DIFF_BIAS},
};
static const dnnl_query_t queries[3][OPERANDS] = {
    [FORWARD] = {dnnl_query_src_md, dnnl_query_weights_md, dnnl_query_dst_md, dnnl_query_undef},
    [BACKWARD_DATA] = {dnnl_query_diff_src_md, dnnl_query_weights_md, dnnl_query_diff_dst_md, dnnl_query_undef},
    [BACKWARD_WEIGHTS] = {dnnl_query_src_md, dnnl_query_diff_weights_md, dnnl_query_diff_dst_md, dnnl_query_undef},
};

// Takes a part of the scratch memory; parts begin on cache lines.
static int64_t take(int64_t *scratch, size_t bytes) {
    const int64_t offset = *scratch;
    *scratch += (int64_t)((bytes + 63) / 64 * 16);
    return offset;
}

// MARK: - Making

static bool make_operand(operand *operand, layout planar, layout preferred, bool is_result, dnnl_engine_t engine,
                         int64_t *scratch) {
    if (dnnl_memory_create(&operand->planar, planar, engine, DNNL_MEMORY_NONE) != dnnl_success) return false;
    if (dnnl_memory_desc_equal(planar, preferred)) return true;
    if (dnnl_memory_create(&operand->preferred, preferred, engine, DNNL_MEMORY_NONE) != dnnl_success) return false;
    operand->offset = take(scratch, dnnl_memory_desc_get_size(preferred));
    dnnl_primitive_desc_t description;
    if (dnnl_reorder_primitive_desc_create(&description, is_result ? preferred : planar, engine,
                                           is_result ? planar : preferred, engine, NULL) != dnnl_success)
        return false;
    const bool made = dnnl_primitive_create(&operand->reorder, description) == dnnl_success;
    dnnl_primitive_desc_destroy(description);
    return made;
}

static bool make_direction(direction *d, int which, const pare_onednn_geometry *g, dnnl_primitive_desc_t description,
                           const own_layout *planar, int64_t weight_count, dnnl_engine_t engine) {
    if (dnnl_primitive_create(&d->primitive, description) != dnnl_success) return false;
    if (dnnl_primitive_desc_query(description, dnnl_query_impl_info_str, 0, &d->implementation) != dnnl_success)
        return false;
    for (int i = X; i <= Y; i++) {
        const layout preferred = dnnl_primitive_desc_query_md(description, queries[which][i], 0);
        if (!make_operand(&d->operands[i], view(&planar[i]), preferred, i == results[which], engine, &d->scratch))
            return false;
    }
    if (g->has_bias && which != BACKWARD_DATA) {
        if (dnnl_memory_create(&d->operands[BIAS].planar, view(&planar[BIAS]), engine, DNNL_MEMORY_NONE)
            != dnnl_success)
            return false;
    }
    const layout scratchpad = dnnl_primitive_desc_query_md(description, dnnl_query_scratchpad_md, 0);
    if (dnnl_memory_create(&d->scratchpad, scratchpad, engine, DNNL_MEMORY_NONE) != dnnl_success) return false;
    d->scratchpad_offset = take(&d->scratch, dnnl_memory_desc_get_size(scratchpad));
    if (which == BACKWARD_WEIGHTS)
        d->sum_offset = take(&d->scratch, (size_t)(weight_count + g->filters) * sizeof(float));
    return true;
}

static bool make(pare_onednn_convolution2d *convolution, const pare_onednn_geometry *g) {
    dnnl_engine_t engine;
    if (!library(&engine, &convolution->stream)) return false;
    use_one_thread();
    convolution->geometry = *g;
    convolution->weight_count = g->filters * g->channels / g->groups * g->filter_size[0] * g->filter_size[1];

    const int64_t x[] = {g->examples, g->channels, g->size[0], g->size[1]};
    const int64_t y[] = {g->examples, g->filters, g->output_size[0], g->output_size[1]};
    const int64_t weights[] = {g->groups, g->filters / g->groups, g->channels / g->groups, g->filter_size[0],
                               g->filter_size[1]};
    // Without groups the library knows more layouts.
    const int skipped = g->groups == 1, rank = 5 - skipped;
    own_layout planar[OPERANDS] = {0}, preferred[OPERANDS] = {0};
    bool made = make_layout(&planar[X], 4, x, dnnl_nchw) && make_layout(&planar[Y], 4, y, dnnl_nchw)
        && make_layout(&planar[WEIGHTS], rank, weights + skipped, skipped ? dnnl_oihw : dnnl_goihw)
        && make_layout(&planar[BIAS], 1, &g->filters, dnnl_a)
        && make_layout(&preferred[X], 4, x, dnnl_format_tag_any)
        && make_layout(&preferred[Y], 4, y, dnnl_format_tag_any)
        && make_layout(&preferred[WEIGHTS], rank, weights + skipped, dnnl_format_tag_any)
        && make_layout(&preferred[BIAS], 1, &g->filters, dnnl_a);

    // The library's own scratch memory is the caller's too.
    dnnl_primitive_attr_t attributes = NULL;
    made = made && dnnl_primitive_attr_create(&attributes) == dnnl_success
        && dnnl_primitive_attr_set_scratchpad_mode(attributes, dnnl_scratchpad_mode_user) == dnnl_success;
    dnnl_primitive_desc_t descriptions[3] = {NULL};
    for (int i = FORWARD; made && i <= BACKWARD_WEIGHTS; i++) {
        descriptions[i] = describe_convolution(i, g, engine, &preferred[X], &preferred[WEIGHTS], &preferred[BIAS],
                                               &preferred[Y], attributes, descriptions[FORWARD]);
        made = descriptions[i]
            && make_direction(&convolution->directions[i], i, g, descriptions[i], planar, convolution->weight_count,
                              engine);
    }
    for (int i = FORWARD; i <= BACKWARD_WEIGHTS; i++)
        if (descriptions[i]) dnnl_primitive_desc_destroy(descriptions[i]);
    if (attributes) dnnl_primitive_attr_destroy(attributes);
    for (int i = X; i < OPERANDS; i++) {
        destroy_layout(&planar[i]);
        destroy_layout(&preferred[i]);
    }
    return made;
}

pare_onednn_convolution2d *pare_onednn_convolution2d_create(const pare_onednn_geometry *geometry) {
    pare_onednn_convolution2d *convolution = calloc(1, sizeof *convolution);
    if (convolution && !make(convolution, geometry)) {
        pare_onednn_convolution2d_destroy(convolution);
        return NULL;
    }
    return convolution;
}

void pare_onednn_convolution2d_destroy(pare_onednn_convolution2d *convolution) {
    for (int i = FORWARD; i <= BACKWARD_WEIGHTS; i++) {
        direction *d = &convolution->directions[i];
        for (int j = X; j < OPERANDS; j++) {
            if (d->operands[j].reorder) dnnl_primitive_destroy(d->operands[j].reorder);
            if (d->operands[j].preferred) dnnl_memory_destroy(d->operands[j].preferred);
            if (d->operands[j].planar) dnnl_memory_destroy(d->operands[j].planar);
        }
        if (d->scratchpad) dnnl_memory_destroy(d->scratchpad);
        if (d->primitive) dnnl_primitive_destroy(d->primitive);
    }
    free(convolution);
}

int64_t pare_onednn_convolution2d_scratch(const pare_onednn_convolution2d *convolution) {
    int64_t most = 0;
    for (int i = FORWARD; i <= BACKWARD_WEIGHTS; i++)
        if (convolution->directions[i].scratch > most) most = convolution->directions[i].scratch;
    return most;
}

const char *pare_onednn_convolution2d_implementation(const pare_onednn_convolution2d *convolution, int direction) {
    return convolution->directions[direction].implementation;
}

// MARK: - Running

static bool reorder(const operand *operand, bool is_result, dnnl_stream_t stream) {
    const dnnl_exec_arg_t arguments[] = {
        {DNNL_ARG_FROM, is_result ? operand->preferred : operand->planar},
        {DNNL_ARG_TO, is_result ? operand->planar : operand->preferred},
    };
    return dnnl_primitive_execute(operand->reorder, stream, 2, arguments) == dnnl_success;
}

static bool run(const pare_onednn_convolution2d *convolution, int which, float *const *tensors, float *scratch) {
    const direction *d = &convolution->directions[which];
    use_one_thread();
    dnnl_exec_arg_t list[OPERANDS + 1];
    int count = 0;
    for (int i = X; i < OPERANDS; i++) {
        const operand *operand = &d->operands[i];
        if (!operand->planar) continue;
        if (dnnl_memory_set_data_handle(operand->planar, tensors[i]) != dnnl_success) return false;
        if (operand->preferred) {
            if (dnnl_memory_set_data_handle(operand->preferred, scratch + operand->offset) != dnnl_success) return false;
            if (i != results[which] && !reorder(operand, false, convolution->stream)) return false;
        }
        list[count++] =
            (dnnl_exec_arg_t){arguments[which][i], operand->preferred ? operand->preferred : operand->planar};
    }
    if (dnnl_memory_set_data_handle(d->scratchpad, scratch + d->scratchpad_offset) != dnnl_success) return false;
    list[count++] = (dnnl_exec_arg_t){DNNL_ARG_SCRATCHPAD, d->scratchpad};
    if (dnnl_primitive_execute(d->primitive, convolution->stream, count, list) != dnnl_success) return false;
    const operand *result = &d->operands[results[which]];
    return !result->preferred || reorder(result, true, convolution->stream);
}

bool pare_onednn_convolution2d_forward(const pare_onednn_convolution2d *convolution, const float *x,
                                       const float *weights, const float *bias, float *y, float *scratch) {
    float *const tensors[] = {[X] = (float *)x, [WEIGHTS] = (float *)weights, [Y] = y, [BIAS] = (float *)bias};
    return run(convolution, FORWARD, tensors, scratch);
}

bool pare_onednn_convolution2d_backward_data(const pare_onednn_convolution2d *convolution, const float *weights,
                                             const float *dy, float *dx, float *scratch) {
    float *const tensors[] = {[X] = dx, [WEIGHTS] = (float *)weights, [Y] = (float *)dy, [BIAS] = NULL};
    return run(convolution, BACKWARD_DATA, tensors, scratch);
}

bool pare_onednn_convolution2d_backward_weights(const pare_onednn_convolution2d *convolution, const float *x,
                                                const float *dy, float *dweights, float *dbias, float *scratch) {
    float *sums = scratch + convolution->directions[BACKWARD_WEIGHTS].sum_offset;
    float *bias_sums = sums + convolution->weight_count;
    float *const tensors[] = {[X] = (float *)x, [WEIGHTS] = sums, [Y] = (float *)dy, [BIAS] = bias_sums};
    if (!run(convolution, BACKWARD_WEIGHTS, tensors, scratch)) return false;
    for (int64_t i = 0; i < convolution->weight_count; i++) dweights[i] += sums[i];
    for (int64_t i = 0; convolution->geometry.has_bias && i < convolution->geometry.filters; i++)
        dbias[i] += bias_sums[i];
    return true;
}
