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

// Floats of the gradient of the output that lie in the fastest cache beside the input that they are multiplied with.
enum { TILE_FLOATS = 1 << 12 };

// `dweights[o, taps[i].weight] += sum over images and positions of dy[o] x[taps[i].source]`, `height` filters (at
// most `filters` of them are there) times WIDTH taps; `height` and `halves` are constants. `dy` holds the units of a plane one behind the other.
PART void multiply_block(const int height, const int halves, int64_t images, const units *u, const unit *list, const float *x,
                         int64_t x_step, const tap *taps, int64_t tap_count, const float *dy, int64_t dy_step,
                         int64_t plane, int64_t filters, float *dweights, int64_t filter_step) {
    vector products[HEIGHT * WIDTH] = {0};
    for (int64_t image = 0; image < images; image++) {
        const float *values[WIDTH], *gradients[HEIGHT];
        // What is not there repeats the last one and is not stored.
        for (int i = 0; i < WIDTH; i++) values[i] = x + image * x_step + taps[least(i, tap_count - 1)].source;
        for (int o = 0; o < height; o++) gradients[o] = dy + image * dy_step + least(o, filters - 1) * plane;
        for (int64_t n = 0; n < u->count; n += 1 + halves) {
            vector value[WIDTH];
            for (int i = 0; i < WIDTH; i++) {
                if (halves) join(values[i] + list[n].source, values[i] + list[n + 1].source, &value[i]);
                else value[i] = LOAD(values[i] + list[n].source);
            }
            for (int o = 0; o < height; o++) {
                const vector gradient = LOAD(gradients[o] + n * (halves ? HALF : LANES));
                for (int i = 0; i < WIDTH; i++) products[o * WIDTH + i] += gradient * value[i];
            }
        }
    }
    vector sums;
    lane_sums(products, &sums);
    float lanes[LANES];
    memcpy(lanes, &sums, sizeof lanes);
    if (filters >= HEIGHT && tap_count >= WIDTH && taps[WIDTH - 1].weight == taps[0].weight + WIDTH - 1) {
        // The weights of the taps lie side by side.
        float *target = dweights + taps[0].weight;
        for (int o = 0; o < HEIGHT; o++)
            for (int i = 0; i < WIDTH; i++) target[o * filter_step + i] += lanes[o * WIDTH + i];
    } else {
        for (int64_t o = 0; o < least(HEIGHT, filters); o++)
            for (int64_t i = 0; i < least(WIDTH, tap_count); i++)
                dweights[o * filter_step + taps[i].weight] += lanes[o * WIDTH + i];
    }
}

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
    // Images and filters of a tile.
    const int64_t tile_images = even_part(most_images, most(1, TILE_FLOATS / (HEIGHT * plane)));
    const int64_t tile_filters = most(1, TILE_FLOATS / (HEIGHT * plane * tile_images)) * HEIGHT;
    for (int64_t first = 0; first < examples; first += most_images) {
        const int64_t group_images = least(most_images, examples - first);
        pad_planes(&padding, group_images * c.channels, x + first * c.channels * c.height * c.width, padded_x);
        const float *gradients = dy + first * c.filters * positions;
        if (positions != plane) {
            pad_units(&units, group_images * c.filters, plane, gradients, padded_dy);
            gradients = padded_dy;
        }
        for (int64_t start = 0; start < group_images; start += tile_images) {
            const int64_t images = least(tile_images, group_images - start);
            for (int64_t group = 0; group < c.groups; group++) {
                const float *values = padded_x + start * image + group * channels * padded_plane(&padding);
                for (int64_t tile = 0; tile < filters; tile += tile_filters) {
                    for (int64_t i = 0; i < tap_count; i += WIDTH) {
                        for (int64_t o = tile; o < least(tile + tile_filters, filters); o += HEIGHT) {
                            const float *gradient = gradients + (start * c.filters + group * filters + o) * plane;
                            float *target = dweights + group * filters * tap_count + o * c.filter_step;
#define BLOCK(height, halves)                                                                                   \
    multiply_block(height, halves, images, &units, unit_list, values, image, taps + i, tap_count - i, gradient, \
                   c.filters * plane, plane, filters - o, target, c.filter_step)
                            if (filters == 1 && units.lanes == HALF) BLOCK(1, 1);
                            else if (filters == 1) BLOCK(1, 0);
                            else if (units.lanes == HALF) BLOCK(HEIGHT, 1);
                            else BLOCK(HEIGHT, 0);
#undef BLOCK
                        }
                    }
                }
            }
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
