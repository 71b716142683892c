// Sums over positions: what the gradient of the weights is made of.

#ifndef PARE_POSITIONS_H
#define PARE_POSITIONS_H

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

// Products of `groups` times `filters` planes of gradients, laid out in units, with padded images.
typedef struct {
    int64_t source_step;          // from an image to the next
    int64_t groups, group_source, group_weights; // how far apart the sources and the weights of two groups are
    int64_t filters, plane;       // of a group, and the floats of a plane of gradients
    int64_t filter_step;          // between the weights of two filters
    units units;
    const unit *list;
} products;

// Adds to the gradient of the weights of every filter, tap and group, tile by tile of images and filters.
PART void multiply(const products *p, int64_t all_images, const float *source, const tap *taps, int64_t tap_count,
                   const float *gradients, float *dweights) {
    const int64_t tile_images = even_part(all_images, most(1, TILE_FLOATS / (HEIGHT * p->plane)));
    const int64_t tile_filters = most(1, TILE_FLOATS / (HEIGHT * p->plane * tile_images)) * HEIGHT;
    const int64_t image_step = p->groups * p->filters * p->plane;
    for (int64_t start = 0; start < all_images; start += tile_images) {
        const int64_t images = least(tile_images, all_images - start);
        for (int64_t group = 0; group < p->groups; group++) {
            const float *values = source + start * p->source_step + group * p->group_source;
            for (int64_t tile = 0; tile < p->filters; tile += tile_filters) {
                for (int64_t i = 0; i < tap_count; i += WIDTH) {
                    for (int64_t o = tile; o < least(tile + tile_filters, p->filters); o += HEIGHT) {
                        const float *gradient = gradients + start * image_step + (group * p->filters + o) * p->plane;
                        float *target = dweights + group * p->group_weights + o * p->filter_step;
#define BLOCK(height, halves)                                                                                        \
    multiply_block(height, halves, images, &p->units, p->list, values, p->source_step, taps + i, tap_count - i,      \
                   gradient, image_step, p->plane, p->filters - o, target, p->filter_step)
                        if (p->filters == 1 && p->units.lanes == HALF) BLOCK(1, 1);
                        else if (p->filters == 1) BLOCK(1, 0);
                        else if (p->units.lanes == HALF) BLOCK(HEIGHT, 1);
                        else BLOCK(HEIGHT, 0);
#undef BLOCK
                    }
                }
            }
        }
    }
}

#endif
