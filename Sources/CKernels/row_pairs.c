// Convolution with filters of three rows, two rows of the result at a time by four products instead of six.
//
// The minimal filtering algorithm F(2, 3) of Winograd (1980; for convolutions, Lavin and Gray 2016), along columns alone
// so that vectors lie along rows and no lane has to move: of the four rows d of the input and the three rows g of a
// filter that make two rows of the result,
//
//     V = (d0 - d2, d1 + d2, d2 - d1, d1 - d3)        U = (g0, (g0 + g1 + g2) / 2, (g0 - g1 + g2) / 2, g2)
//     m = U V, summed over channels and columns       y0 = m0 + m1 + m2,   y1 = m1 - m2 - m3
//
// The products are four convolutions of single rows, one a component, as those of four groups. The gradient of the input
// is the same with the filter turned round. That of the weights is the adjoint: with dm = (dy0, dy0 + dy1, dy0 - dy1,
// -dy1), dU = dm V summed over positions, and dg = (dU0 + (dU1 + dU2) / 2, (dU1 - dU2) / 2, (dU1 + dU2) / 2 + dU3).

#include "row_pairs.h"

#include "correlation.h"
#include "positions.h"

enum { COMPONENTS = 4, TAPS = 3 };

// One direction: from planes of `height` by `width` to planes of `result_height` by `result_width`.
typedef struct {
    int64_t planes, height, width, rows_before, columns_before;
    int64_t result_planes, result_height, result_width;
    int64_t dilation;
    int64_t pairs;         // of rows of the result
    int64_t columns, area; // of a row and of a plane of transformed rows, with zeros around
} direction;

PART direction completed(direction d) {
    d.pairs = (d.result_height + 1) / 2;
    d.columns = d.result_width + 2 * d.dilation;
    d.area = whole_vectors(d.pairs * d.columns + LANES);
    return d;
}

PART direction forward_direction(const pare_convolution *c) {
    return completed((direction){.planes = c->channels, .height = c->height, .width = c->width,
                                 .rows_before = c->rows_before, .columns_before = c->columns_before,
                                 .result_planes = c->filters, .result_height = c->output_height,
                                 .result_width = c->output_width, .dilation = c->column_dilation});
}

PART direction backward_direction(const pare_convolution *c) {
    return completed((direction){.planes = c->filters, .height = c->output_height, .width = c->output_width,
                                 .rows_before = 2 - c->rows_before,
                                 .columns_before = 2 * c->column_dilation - c->columns_before,
                                 .result_planes = c->channels, .result_height = c->height, .result_width = c->width,
                                 .dilation = c->column_dilation});
}

// MARK: - Scratch memory

PART int64_t source_floats(const direction *d) { return COMPONENTS * d->planes * d->area; }
PART int64_t result_floats(const direction *d) {
    return COMPONENTS * d->result_planes * whole_vectors(d->pairs * d->result_width);
}
PART units row_units(const direction *d) { return lay_out(d->pairs, d->result_width, d->columns); }
// The weights of one component; with room behind, as rows of three are stored as four.
PART int64_t component_weights(const direction *d) {
    return whole_vectors(d->planes * d->result_planes * TAPS + 1);
}
PART int64_t gradient_plane(const units *u) { return whole_vectors(u->count * u->lanes); }
// Floats of an image, in the direction that needs most.
PART int64_t image_floats(const direction *d) {
    const units u = row_units(d);
    return source_floats(d) + most(result_floats(d), COMPONENTS * d->result_planes * gradient_plane(&u));
}

// Where everything lies in scratch memory.
typedef struct {
    int64_t images; // that are worked on together at the most
    int64_t source, result, weights, zeros, taps, list, total;
} layout;

PART layout lay_out_memory(const direction *d) {
    const units u = row_units(d);
    const int64_t image = image_floats(d);
    layout l = {.images = group_images(image)};
    l.result = l.images * source_floats(d);
    l.weights = l.images * image;
    l.zeros = l.weights + COMPONENTS * component_weights(d);
    l.taps = l.zeros + whole_vectors(most(d->width, d->result_width));
    l.list = l.taps + whole_vectors(2 * TAPS * d->planes);
    l.total = l.list + list_floats(&u);
    return l;
}

int64_t pare_row_pairs_scratch(const pare_convolution *convolution) {
    const direction forward = forward_direction(convolution), backward = backward_direction(convolution);
    return most(lay_out_memory(&forward).total, lay_out_memory(&backward).total);
}

// MARK: - Transforms

// Runs the statements for vectors of sixteen and of eight columns that cover `width` columns; the last overlaps.
#define EACH_VECTOR(width, ...)                                                                     \
    if (width >= LANES) {                                                                           \
        typedef loose_vector lanes;                                                                 \
        for (int64_t first = 0; first < width; first += LANES) {                                    \
            const int64_t v = least(first, width - LANES);                                          \
            __VA_ARGS__                                                                             \
        }                                                                                           \
    } else {                                                                                        \
        typedef half_vector lanes;                                                                  \
        for (int64_t first = 0; first < width; first += HALF) {                                     \
            const int64_t v = least(first, width - HALF);                                           \
            __VA_ARGS__                                                                             \
        }                                                                                           \
    }
#define AT(address) (*(const lanes *)(address))
#define PUT(address, value) (*(lanes *)(address) = (value))

// V of every plane of some images, `[image][component][plane][area]`.
PART void transform_source(const direction *d, int64_t images, const float *source, const float *zeros,
                           float *target) {
    const int64_t component = d->planes * d->area, width = d->width;
    for (int64_t image = 0; image < images; image++, target += COMPONENTS * component) {
        for (int64_t plane = 0; plane < d->planes; plane++, source += d->height * width) {
            float *planes[COMPONENTS];
            for (int k = 0; k < COMPONENTS; k++) planes[k] = target + k * component + plane * d->area;
            // From the last row's end on; two vectors are more than there is behind the rows.
            for (int k = 0; k < COMPONENTS; k++) {
                STORE(planes[k] + d->area - 2 * LANES, (vector){0});
                STORE(planes[k] + d->area - LANES, (vector){0});
            }
            for (int64_t pair = 0; pair < d->pairs; pair++) {
                const float *rows[COMPONENTS];
                for (int k = 0; k < COMPONENTS; k++) {
                    const int64_t row = 2 * pair + k - d->rows_before;
                    rows[k] = row >= 0 && row < d->height ? source + row * width : zeros;
                }
                const int64_t start = pair * d->columns + d->columns_before;
                // Borders have HALF columns at the most, as rows have at least: the rows overwrite the rest.
                for (int k = 0; k < COMPONENTS; k++) {
                    STORE_HALF(planes[k] + start - d->columns_before, (half_vector){0});
                    STORE_HALF(planes[k] + start + width, (half_vector){0});
                }
                EACH_VECTOR(width, {
                    const lanes d0 = AT(rows[0] + v), d1 = AT(rows[1] + v), d2 = AT(rows[2] + v), d3 = AT(rows[3] + v);
                    PUT(planes[0] + start + v, d0 - d2);
                    PUT(planes[1] + start + v, d1 + d2);
                    PUT(planes[2] + start + v, d2 - d1);
                    PUT(planes[3] + start + v, d1 - d3);
                })
            }
        }
    }
}

typedef float quarter_vector __attribute__((vector_size(16), aligned(4), may_alias));
#define QUARTER(address) (*(quarter_vector *)(address))

// U of `count` filters of nine weights; `turned` filters begin with their last row. What a store writes behind a row of
// three is overwritten by the next.
PART void transform_weights(int64_t count, int turned, const float *weights, float *target, int64_t component) {
    float *first = target + (turned ? 3 * component : 0), *last = target + (turned ? 0 : 3 * component);
    for (int64_t at = 0; at < count * TAPS; at += TAPS) {
        float filter[3 * TAPS + 1] = {0};
        memcpy(filter, weights + 3 * at, 3 * TAPS * sizeof(float));
        const quarter_vector g0 = QUARTER(filter), g1 = QUARTER(filter + TAPS), g2 = QUARTER(filter + 2 * TAPS);
        const quarter_vector outer = (g0 + g2) * 0.5f, inner = g1 * 0.5f;
        QUARTER(first + at) = g0;
        QUARTER(target + component + at) = outer + inner;
        QUARTER(target + 2 * component + at) = outer - inner;
        QUARTER(last + at) = g2;
    }
}

// Rows of the result out of m, `[image][component][plane][pairs * width]`.
PART void combine(const direction *d, int64_t images, const float *products, const float *bias, float *result) {
    const int64_t width = d->result_width, plane_step = d->pairs * width, component = d->result_planes * plane_step;
    for (int64_t image = 0; image < images; image++, products += COMPONENTS * component) {
        for (int64_t plane = 0; plane < d->result_planes; plane++, result += d->result_height * width) {
            const float offset = bias ? bias[plane] : 0;
            for (int64_t pair = 0; pair < d->pairs; pair++) {
                const float *m = products + plane * plane_step + pair * width;
                float *row = result + 2 * pair * width;
                const int isLast = 2 * pair + 1 == d->result_height;
                EACH_VECTOR(width, {
                    const lanes m1 = AT(m + component + v), m2 = AT(m + 2 * component + v);
                    PUT(row + v, AT(m + v) + m1 + m2 + offset);
                    if (!isLast) PUT(row + width + v, m1 - m2 - AT(m + 3 * component + v) + offset);
                })
            }
        }
    }
}

// dm of every plane of some images in units, `[image][component][plane]`.
PART void transform_gradient(const direction *d, const units *u, int64_t images, const float *gradient,
                             const float *zeros, float *target) {
    const int64_t width = d->result_width, plane_step = gradient_plane(u), row_step = u->row_units * u->lanes;
    const int64_t component = d->result_planes * plane_step;
    for (int64_t image = 0; image < images; image++, target += COMPONENTS * component) {
        for (int64_t plane = 0; plane < d->result_planes; plane++, gradient += d->result_height * width) {
            float *planes[COMPONENTS];
            for (int k = 0; k < COMPONENTS; k++) {
                planes[k] = target + k * component + plane * plane_step;
                if (plane_step != d->pairs * width)
                    for (int64_t i = 0; i < plane_step; i += LANES) STORE(planes[k] + i, (vector){0});
            }
            for (int64_t pair = 0; pair < d->pairs; pair++) {
                const float *even = gradient + 2 * pair * width;
                const float *odd = 2 * pair + 1 < d->result_height ? even + width : zeros;
                const int64_t start = pair * row_step;
                EACH_VECTOR(width, {
                    const lanes a = AT(even + v), b = AT(odd + v);
                    PUT(planes[0] + start + v, a);
                    PUT(planes[1] + start + v, a + b);
                    PUT(planes[2] + start + v, a - b);
                    PUT(planes[3] + start + v, -b);
                })
            }
        }
    }
}

// Adds dg made of dU.
PART void add_weights(int64_t count, const float *products, int64_t component, float *dweights) {
    for (int64_t at = 0; at < count * TAPS; at += TAPS) {
        const quarter_vector u1 = QUARTER(products + component + at), u2 = QUARTER(products + 2 * component + at);
        const quarter_vector sum = (u1 + u2) * 0.5f, difference = (u1 - u2) * 0.5f;
        const quarter_vector rows[3] = {QUARTER(products + at) + sum, difference,
                                        sum + QUARTER(products + 3 * component + at)};
        float *target = dweights + 3 * at;
        for (int i = 0; i < 3; i++)
            for (int j = 0; j < TAPS; j++) target[i * TAPS + j] += rows[i][j];
    }
}

// MARK: - Directions

PART void list_taps(const direction *d, int64_t plane_step, int turned, tap *taps) {
    for (int64_t plane = 0; plane < d->planes; plane++)
        for (int64_t j = 0; j < TAPS; j++)
            *taps++ = (tap){(int32_t)(plane * d->area + d->dilation * (turned ? TAPS - 1 - j : j)),
                            (int32_t)(plane * plane_step / 3 + j)};
}

// `plane_step` and `result_step` lie between the weights of two planes of the source and of the result.
PART void convolve(const direction *d, int64_t examples, const float *source, const float *weights, int turned,
                   int64_t plane_step, int64_t result_step, const float *bias, float *result, float *scratch) {
    const layout l = lay_out_memory(d);
    const int64_t most_images = even_part(examples, l.images);
    float *transformed = scratch + l.source, *products = scratch + l.result, *factors = scratch + l.weights;
    float *zeros = scratch + l.zeros;
    tap *taps = (tap *)(scratch + l.taps);
    unit *units = (unit *)(scratch + l.list);
    correlation part = {
        .source_step = source_floats(d),
        .result_step = COMPONENTS * d->result_planes * d->pairs * d->result_width,
        .groups = COMPONENTS,
        .group_source = d->planes * d->area,
        .group_weights = component_weights(d),
        .planes = d->result_planes,
        .positions = d->pairs * d->result_width,
        .units = row_units(d),
        .list = units,
    };
    list(&part.units, units);
    list_taps(d, plane_step, turned, taps);
    transform_weights(d->planes * d->result_planes, turned, weights, factors, part.group_weights);
    memset(zeros, 0, (size_t)d->width * sizeof(float));
    for (int64_t first = 0; first < examples; first += most_images) {
        part.images = least(most_images, examples - first);
        transform_source(d, part.images, source + first * d->planes * d->height * d->width, zeros, transformed);
        correlate(&part, transformed, taps, TAPS * d->planes, factors, result_step / 3, NULL, products);
        combine(d, part.images, products, bias, result + first * d->result_planes * d->result_height * d->result_width);
    }
}

KERNEL void pare_row_pairs_forward(const pare_convolution *c, int64_t examples, const float *x, const float *weights,
                                   const float *bias, float *y, float *scratch) {
    const direction d = forward_direction(c);
    convolve(&d, examples, x, weights, 0, c->channel_step, c->filter_step, bias, y, scratch);
}

KERNEL void pare_row_pairs_data_gradient(const pare_convolution *c, int64_t examples, const float *dy,
                                         const float *weights, const float *bias, float *dx, float *scratch) {
    const direction d = backward_direction(c);
    convolve(&d, examples, dy, weights, 1, c->filter_step, c->channel_step, bias, dx, scratch);
}

KERNEL void pare_row_pairs_weight_gradient(const pare_convolution *c, int64_t examples, const float *x, const float *dy,
                                           float *dweights, float *scratch) {
    const direction d = forward_direction(c);
    const layout l = lay_out_memory(&d);
    const int64_t most_images = even_part(examples, l.images);
    float *transformed = scratch + l.source, *gradients = scratch + l.result, *factors = scratch + l.weights;
    float *zeros = scratch + l.zeros;
    tap *taps = (tap *)(scratch + l.taps);
    unit *list_of_units = (unit *)(scratch + l.list);
    const units u = row_units(&d);
    const products part = {
        .source_step = source_floats(&d),
        .groups = COMPONENTS,
        .group_source = d.planes * d.area,
        .group_weights = component_weights(&d),
        .filters = d.result_planes,
        .plane = gradient_plane(&u),
        .filter_step = c->filter_step / 3,
        .units = u,
        .list = list_of_units,
    };
    list(&u, list_of_units);
    list_taps(&d, c->channel_step, 0, taps);
    memset(zeros, 0, (size_t)most(d.width, d.result_width) * sizeof(float));
    memset(factors, 0, (size_t)(COMPONENTS * part.group_weights) * sizeof(float));
    for (int64_t first = 0; first < examples; first += most_images) {
        const int64_t images = least(most_images, examples - first);
        transform_source(&d, images, x + first * d.planes * d.height * d.width, zeros, transformed);
        transform_gradient(&d, &u, images, dy + first * d.result_planes * d.result_height * d.result_width, zeros,
                           gradients);
        multiply(&part, images, transformed, taps, TAPS * d.planes, gradients, factors);
    }
    add_weights(d.planes * d.result_planes, factors, part.group_weights, dweights);
}
