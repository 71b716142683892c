// Compares the convolution of oneDNN, in all its directions, with sums in double precision over a table of shapes, and
// checks that it runs on the calling thread alone.

#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "pare_onednn.h"

static const pare_onednn_geometry shapes[] = {
    // Those of a residual network, of a network for digits, and wider ones.
    {8, 3, {32, 32}, 16, {3, 3}, {32, 32}, {1, 1}, {1, 1}, {1, 1}, 1, false},
    {8, 16, {32, 32}, 16, {3, 3}, {32, 32}, {1, 1}, {1, 1}, {1, 1}, 1, false},
    {8, 16, {32, 32}, 32, {3, 3}, {16, 16}, {2, 2}, {1, 1}, {1, 1}, 1, false},
    {8, 16, {32, 32}, 32, {1, 1}, {16, 16}, {2, 2}, {1, 1}, {0, 0}, 1, false},
    {8, 64, {8, 8}, 64, {3, 3}, {8, 8}, {1, 1}, {1, 1}, {1, 1}, 1, false},
    {8, 1, {28, 28}, 20, {5, 5}, {24, 24}, {1, 1}, {1, 1}, {0, 0}, 1, true},
    {8, 20, {24, 24}, 20, {3, 3}, {24, 24}, {1, 1}, {1, 1}, {1, 1}, 1, true},
    {2, 128, {8, 8}, 128, {3, 3}, {8, 8}, {1, 1}, {1, 1}, {1, 1}, 1, true},
    // Depthwise, groups, one and several filters a channel.
    {3, 32, {9, 11}, 32, {3, 3}, {9, 11}, {1, 1}, {1, 1}, {1, 1}, 32, true},
    {3, 10, {9, 11}, 20, {3, 3}, {9, 11}, {1, 1}, {1, 1}, {1, 1}, 10, true},
    {3, 12, {9, 7}, 6, {3, 2}, {7, 6}, {1, 1}, {1, 1}, {0, 0}, 3, true},
    // Strides, dilations, filters and borders that differ by axis; one example; a filter as large as the image.
    {1, 5, {13, 9}, 7, {3, 5}, {7, 3}, {2, 3}, {1, 1}, {1, 2}, 1, true},
    {2, 4, {15, 17}, 3, {3, 2}, {7, 15}, {2, 1}, {2, 3}, {1, 0}, 1, false},
    {2, 4, {6, 6}, 3, {3, 3}, {8, 8}, {1, 1}, {1, 1}, {2, 2}, 1, true},
    {4, 6, {5, 4}, 9, {5, 4}, {1, 1}, {1, 1}, {1, 1}, {0, 0}, 1, true},
    {2, 3, {1, 40}, 4, {1, 7}, {1, 40}, {1, 1}, {1, 1}, {0, 3}, 1, true},
};

typedef struct {
    int64_t x, weights, y;
} counts;

static counts count(const pare_onednn_geometry *g) {
    return (counts){
        g->examples * g->channels * g->size[0] * g->size[1],
        g->filters * g->channels / g->groups * g->filter_size[0] * g->filter_size[1],
        g->examples * g->filters * g->output_size[0] * g->output_size[1],
    };
}

// Calls the body for every product of an output element, a weight and an input element, by their indices.
#define FOR_EACH_PRODUCT(g, body)                                                                                      \
    for (int64_t n = 0; n < (g)->examples; n++)                                                                        \
        for (int64_t o = 0; o < (g)->filters; o++)                                                                     \
            for (int64_t i = 0; i < (g)->output_size[0]; i++)                                                          \
                for (int64_t j = 0; j < (g)->output_size[1]; j++)                                                      \
                    for (int64_t c = 0; c < (g)->channels / (g)->groups; c++)                                          \
                        for (int64_t k = 0; k < (g)->filter_size[0]; k++)                                              \
                            for (int64_t l = 0; l < (g)->filter_size[1]; l++) {                                        \
                                const int64_t row = (g)->stride[0] * i + (g)->dilation[0] * k - (g)->before[0];        \
                                const int64_t column = (g)->stride[1] * j + (g)->dilation[1] * l - (g)->before[1];     \
                                if (row < 0 || row >= (g)->size[0] || column < 0 || column >= (g)->size[1]) continue;  \
                                const int64_t per_group = (g)->channels / (g)->groups;                                 \
                                const int64_t channel = o / ((g)->filters / (g)->groups) * per_group + c;              \
                                const int64_t at_x =                                                                   \
                                    ((n * (g)->channels + channel) * (g)->size[0] + row) * (g)->size[1] + column;      \
                                const int64_t at_w =                                                                   \
                                    ((o * per_group + c) * (g)->filter_size[0] + k) * (g)->filter_size[1] + l;         \
                                const int64_t at_y =                                                                   \
                                    ((n * (g)->filters + o) * (g)->output_size[0] + i) * (g)->output_size[1] + j;      \
                                body                                                                                   \
                            }

static float *random_floats(int64_t count) {
    static uint64_t state = 1;
    float *values = malloc((size_t)(count > 0 ? count : 1) * sizeof(float));
    for (int64_t i = 0; i < count; i++) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        values[i] = (float)(int32_t)(state >> 32) * 0x1p-31f;
    }
    return values;
}

static double *zeros(int64_t count) { return calloc((size_t)count, sizeof(double)); }

static int failures;

static void expect_close(const char *what, int shape, const float *found, const double *expected, int64_t count) {
    double peak = 0, worst = 0;
    for (int64_t i = 0; i < count; i++) {
        peak = fmax(peak, fabs(expected[i]));
        worst = fabs(found[i] - expected[i]) <= worst ? worst : fabs(found[i] - expected[i]);
    }
    if (worst <= 2e-5 * peak) return;
    printf("shape %d: %s differs by %g, largest value %g\n", shape, what, worst, peak);
    failures++;
}

static void check(int shape, const pare_onednn_geometry *g) {
    pare_onednn_convolution2d *convolution = pare_onednn_convolution2d_create(g);
    if (!convolution) {
        printf("shape %d: no convolution\n", shape);
        failures++;
        return;
    }
    const counts n = count(g);
    float *x = random_floats(n.x), *weights = random_floats(n.weights), *bias = random_floats(g->filters);
    float *y = random_floats(n.y), *dy = random_floats(n.y), *dx = random_floats(n.x);
    float *dweights = random_floats(n.weights), *dbias = random_floats(g->filters);
    float *scratch = aligned_alloc(64, (size_t)(pare_onednn_convolution2d_scratch(convolution) + 16) * sizeof(float));

    double *y_sums = zeros(n.y), *dx_sums = zeros(n.x), *dw_sums = zeros(n.weights), *db_sums = zeros(g->filters);
    const int64_t plane = g->output_size[0] * g->output_size[1];
    for (int64_t i = 0; i < n.weights; i++) dw_sums[i] = dweights[i];
    for (int64_t o = 0; o < g->filters; o++) db_sums[o] = dbias[o];
    for (int64_t i = 0; g->has_bias && i < n.y; i++) {
        y_sums[i] = bias[i / plane % g->filters];
        db_sums[i / plane % g->filters] += dy[i];
    }
    FOR_EACH_PRODUCT(g, {
        y_sums[at_y] += (double)weights[at_w] * x[at_x];
        dx_sums[at_x] += (double)weights[at_w] * dy[at_y];
        dw_sums[at_w] += (double)x[at_x] * dy[at_y];
    })

    // Twice, as nothing may depend on what the scratch memory held before; gradients of weights add up.
    for (int round = 0; round < 2; round++) {
        if (!pare_onednn_convolution2d_forward(convolution, x, weights, bias, y, scratch)) failures++;
        if (!pare_onednn_convolution2d_backward_data(convolution, weights, dy, dx, scratch)) failures++;
    }
    if (!pare_onednn_convolution2d_backward_weights(convolution, x, dy, dweights, dbias, scratch)) failures++;
    expect_close("output", shape, y, y_sums, n.y);
    expect_close("gradient of the input", shape, dx, dx_sums, n.x);
    expect_close("gradient of the weights", shape, dweights, dw_sums, n.weights);
    if (g->has_bias) expect_close("gradient of the bias", shape, dbias, db_sums, g->filters);

    float *floats[] = {x, weights, bias, y, dy, dx, dweights, dbias, scratch};
    double *doubles[] = {y_sums, dx_sums, dw_sums, db_sums};
    for (size_t i = 0; i < sizeof floats / sizeof *floats; i++) free(floats[i]);
    for (size_t i = 0; i < sizeof doubles / sizeof *doubles; i++) free(doubles[i]);
    pare_onednn_convolution2d_destroy(convolution);
}

// The threads of this process.
static int thread_count(void) {
    DIR *folder = opendir("/proc/self/task");
    int count = 0;
    for (struct dirent *entry; folder && (entry = readdir(folder));) count += entry->d_name[0] != '.';
    if (folder) closedir(folder);
    return count;
}

int main(void) {
    const int shape_count = (int)(sizeof shapes / sizeof *shapes);
    for (int i = 0; i < shape_count; i++) check(i, &shapes[i]);
    // A second pool beside our own would spin for the same cores.
    if (thread_count() > 1) {
        printf("the library started %d threads\n", thread_count() - 1);
        failures++;
    }
    printf("oneDNN %s: %d shapes, %d failures\n", pare_onednn_version(), shape_count, failures);
    return failures > 0;
}
