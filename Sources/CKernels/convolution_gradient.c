// The gradients of a convolution's weights and bias: dot products along positions.

#include "positions.h"
#include "row_pairs.h"

// Planes of the gradient of the output as whole units, with zeros where a row ends before its unit does.
PART void pad_units(const units *u, int64_t planes, int64_t plane, const float *source, float *target) {
    for (int64_t i = 0; i < planes; i++, target += plane) {
        float *next = target;
        for (int64_t row = 0; row < u->rows; row++, source += u->columns, next += u->row_units * u->lanes) {
            copy_rows(1, source, 0, 1, u->columns, next, 0);
            for (int64_t v = u->columns; v < u->row_units * u->lanes; v++) next[v] = 0;
        }
        for (; next < target + plane; next++) *next = 0;
    }
}

KERNEL void pare_convolution_weight_gradient(const pare_convolution *convolution, int64_t examples, const float *x,
                                             const float *dy, float *dweights, float *scratch) {
    const pare_convolution c = along_rows(convolution);
    if (has_row_pairs(&c)) return pare_row_pairs_weight_gradient(&c, examples, x, dy, dweights, scratch);
    const padding padding = input_padding(&c);
    const units units = lay_out(c.output_height, c.output_width, padding.columns);
    const int64_t channels = c.channels / c.groups, filters = c.filters / c.groups;
    const int64_t positions = c.output_height * c.output_width, plane = whole_vectors(units.count * units.lanes);
    const int64_t image = c.channels * padded_plane(&padding);
    const int64_t most_images = even_part(examples, group_images(image));
    float *padded_x = scratch, *padded_dy = scratch + most_images * image;
    tap *taps = (tap *)(padded_dy + most_images * c.filters * plane);
    unit *unit_list = (unit *)((float *)taps + tap_floats(&c));
    const int64_t tap_count = input_taps(&c, &padding, taps);
    list(&units, unit_list);
    const products part = {
        .source_step = image,
        .groups = c.groups,
        .group_source = channels * padded_plane(&padding),
        .group_weights = filters * tap_count,
        .filters = filters,
        .plane = plane,
        .filter_step = c.filter_step,
        .units = units,
        .list = unit_list,
    };
    for (int64_t first = 0; first < examples; first += most_images) {
        const int64_t group_images = least(most_images, examples - first);
        pad_planes(&padding, group_images * c.channels, x + first * c.channels * c.height * c.width, padded_x);
        const float *gradients = dy + first * c.filters * positions;
        if (positions != plane) {
            pad_units(&units, group_images * c.filters, plane, gradients, padded_dy);
            gradients = padded_dy;
        }
        multiply(&part, group_images, padded_x, taps, tap_count, gradients, dweights);
    }
}

KERNEL void pare_convolution_bias_gradient(int64_t examples, int64_t planes, int64_t positions, const float *dy,
                                           float *sums) {
    for (int64_t row = 0; row < examples * planes; row++, dy += positions) {
        vector total = {0};
        float rest = 0;
        const int64_t whole = positions / LANES * LANES;
        for (int64_t i = 0; i < whole; i += LANES) total += LOAD(dy + i);
        for (int64_t i = whole; i < positions; i++) rest += dy[i];
        sums[row % planes] += lane_sum(&total) + rest;
    }
}
