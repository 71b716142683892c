// The gradients of a convolution's weights and bias: dot products along positions.

#include "convolution.h"

// The lane sums of sixteen vectors, each in its lane, by adding halves, quarters, pairs and neighbours.
PART void lane_sums(const vector *v, vector *sums) {
    vector a[8], b[4], c[2];
    for (int i = 0; i < 8; i++)
        a[i] = __builtin_shufflevector(v[i], v[i + 8], 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23)
            + __builtin_shufflevector(v[i], v[i + 8], 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31);
    for (int i = 0; i < 4; i++)
        b[i] = __builtin_shufflevector(a[i], a[i + 4], 0, 1, 2, 3, 16, 17, 18, 19, 8, 9, 10, 11, 24, 25, 26, 27)
            + __builtin_shufflevector(a[i], a[i + 4], 4, 5, 6, 7, 20, 21, 22, 23, 12, 13, 14, 15, 28, 29, 30, 31);
    for (int i = 0; i < 2; i++)
        c[i] = __builtin_shufflevector(b[i], b[i + 2], 0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29)
            + __builtin_shufflevector(b[i], b[i + 2], 2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31);
    *sums = __builtin_shufflevector(c[0], c[1], 0, 16, 2, 18, 4, 20, 6, 22, 8, 24, 10, 26, 12, 28, 14, 30)
        + __builtin_shufflevector(c[0], c[1], 1, 17, 3, 19, 5, 21, 7, 23, 9, 25, 11, 27, 13, 29, 15, 31);
}

enum {
    TILE = 8,           // Planes of the gradient of the output that lie in the fastest cache together,
    TILE_FLOATS = 8192, // of as many images as fit into so many floats.
};

// `dweights[o, taps[i].weight] += sum over images and positions of dy[o] x[taps[i].source]`, HEIGHT filters (at most `filters` of them are
// there) times WIDTH taps. Planes of dy are whole vectors, with
// zeros for what is not there.
PART void multiply_block(int64_t images, int64_t plane, const float *x, int64_t x_step, const tap *taps,
                         int64_t tap_count, const float *dy, int64_t dy_step, int64_t filters, float *dweights,
                         int64_t filter_step) {
    vector products[HEIGHT * WIDTH] = {0};
    for (int64_t image = 0; image < images; image++) {
        const float *values[WIDTH], *gradients[HEIGHT];
        // What is not there repeats the last one and is not stored.
        for (int i = 0; i < WIDTH; i++) values[i] = x + image * x_step + taps[least(i, tap_count - 1)].source;
        for (int o = 0; o < HEIGHT; o++) gradients[o] = dy + image * dy_step + least(o, filters - 1) * plane;
        for (int64_t t = 0; t < plane; t += LANES) {
            vector value[WIDTH];
            for (int i = 0; i < WIDTH; i++) value[i] = LOAD(values[i] + t);
            for (int o = 0; o < HEIGHT; o++) {
                const vector gradient = LOAD(gradients[o] + t);
                for (int i = 0; i < WIDTH; i++) products[o * WIDTH + i] += gradient * value[i];
            }
        }
    }
    vector sums;
    lane_sums(products, &sums);
    if (filters >= HEIGHT && tap_count >= WIDTH && taps[WIDTH - 1].weight == taps[0].weight + WIDTH - 1) {
        float *row = dweights + taps[0].weight;
        QUARTER(row) += __builtin_shufflevector(sums, sums, 0, 1, 2, 3);
        QUARTER(row + filter_step) += __builtin_shufflevector(sums, sums, 4, 5, 6, 7);
        QUARTER(row + 2 * filter_step) += __builtin_shufflevector(sums, sums, 8, 9, 10, 11);
        QUARTER(row + 3 * filter_step) += __builtin_shufflevector(sums, sums, 12, 13, 14, 15);
        return;
    }
    float lanes[LANES];
    memcpy(lanes, &sums, sizeof lanes);
    for (int64_t o = 0; o < least(HEIGHT, filters); o++)
        for (int64_t i = 0; i < least(WIDTH, tap_count); i++)
            dweights[o * filter_step + taps[i].weight] += lanes[o * WIDTH + i];
}

// The products of one group's filters with all of its taps.
PART void multiply(const pare_convolution *c, int64_t images, const tap *taps, int64_t tap_count, const float *x,
                   int64_t x_step, const float *dy, float *dweights) {
    const int64_t positions = c->output_height * c->output_width, plane = whole_vectors(positions);
    const int64_t filters = c->filters / c->groups;
    for (int64_t tile = 0; tile < filters; tile += TILE)
        for (int64_t i = 0; i < tap_count; i += WIDTH)
            for (int64_t o = tile; o < least(tile + TILE, filters); o += HEIGHT)
                multiply_block(images, plane, x, x_step, taps + i, tap_count - i, dy + o * plane, c->filters * plane,
                               filters - o, dweights + o * c->filter_step, c->filter_step);
}

// Planes of `positions` with zeros up to whole vectors.
PART void pad_planes(int64_t planes, int64_t positions, const float *source, float *target) {
    const int64_t padded = whole_vectors(positions);
    for (int64_t plane = 0; plane < planes; plane++, source += positions, target += padded) {
        memcpy(target, source, (size_t)positions * sizeof(float));
        memset(target + positions, 0, (size_t)(padded - positions) * sizeof(float));
    }
}

KERNEL void pare_convolution_weight_gradient(const pare_convolution *c, int64_t examples, const float *x,
                                             const float *dy, float *dweights, float *scratch) {
    const copying copies = input_copies(c);
    const int64_t channels = c->channels / c->groups, filters = c->filters / c->groups;
    const int64_t positions = c->output_height * c->output_width, plane = whole_vectors(positions);
    const int64_t image = c->channels * copied_plane(&copies);
    const int64_t tile_images = most(1, TILE_FLOATS / (TILE * plane));
    const int64_t most_images = group_images(image);
    float *padded_x = scratch, *padded_dy = scratch + most_images * image;
    tap *taps = (tap *)(padded_dy + most_images * c->filters * plane);
    const int64_t tap_count = input_taps(c, &copies, taps);
    for (int64_t first = 0; first < examples; first += most_images) {
        const int64_t images = least(most_images, examples - first);
        copy_planes(&copies, images * c->channels, x + first * c->channels * c->height * c->width, padded_x);
        const float *gradient = dy + first * c->filters * positions;
        if (positions != plane) {
            pad_planes(images * c->filters, positions, gradient, padded_dy);
            gradient = padded_dy;
        }
        for (int64_t start = 0; start < images; start += tile_images) {
            for (int64_t group = 0; group < c->groups; group++)
                multiply(c, least(tile_images, images - start), taps, tap_count,
                         padded_x + start * image + group * channels * copied_plane(&copies), image,
                         gradient + (start * c->filters + group * filters) * plane,
                         dweights + group * filters * tap_count);
        }
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
