// Times a training step's three directions of a convolution: our own kernels beside oneDNN's, in turn, by CPU time.

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "CKernels.h"
#include "pare_onednn.h"

enum { ROUNDS = 15, EXAMPLES = 8 };

static const struct {
    const char *name;
    int64_t channels, size, filters, filter, stride, before, groups;
} shapes[] = {
    {"resnet20 first, 3 -> 16, 32 x 32", 3, 32, 16, 3, 1, 1, 1},
    {"resnet20, 16 -> 16, 32 x 32", 16, 32, 16, 3, 1, 1, 1},
    {"resnet20, 16 -> 32, stride 2", 16, 32, 32, 3, 2, 1, 1},
    {"resnet20, 16 -> 32, 1 x 1, stride 2", 16, 32, 32, 1, 2, 0, 1},
    {"resnet20, 32 -> 32, 16 x 16", 32, 16, 32, 3, 1, 1, 1},
    {"resnet20, 32 -> 64, stride 2", 32, 16, 64, 3, 2, 1, 1},
    {"resnet20, 64 -> 64, 8 x 8", 64, 8, 64, 3, 1, 1, 1},
    {"digits first, 1 -> 20, 5 x 5", 1, 28, 20, 5, 1, 0, 1},
    {"digits, 20 -> 20, 24 x 24", 20, 24, 20, 3, 1, 1, 1},
    {"64 -> 64, 16 x 16", 64, 16, 64, 3, 1, 1, 1},
    {"128 -> 128, 8 x 8", 128, 8, 128, 3, 1, 1, 1},
    {"256 -> 256, 8 x 8", 256, 8, 256, 3, 1, 1, 1},
    {"256 -> 256, 1 x 1, 8 x 8", 256, 8, 256, 1, 1, 0, 1},
    {"64 depthwise, 25 x 25", 64, 25, 64, 3, 1, 1, 64},
};

static float *floats(int64_t count) {
    float *memory = aligned_alloc(64, (size_t)(count + 31) / 16 * 64);
    for (int64_t i = 0; i < count; i++) memory[i] = (float)(i * 2654435761 % 1000) / 1000 - 0.5f;
    return memory;
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return (double)time.tv_sec * 1e3 + (double)time.tv_nsec * 1e-6;
}

static int ascending(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *times) {
    qsort(times, ROUNDS, sizeof(double), ascending);
    return times[ROUNDS / 2];
}

int main(void) {
    printf("%s, oneDNN %s, %d examples; ms forward, input gradient, weight gradient\n", pare_instruction_set(),
           pare_onednn_version(), EXAMPLES);
    for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++) {
        const int64_t output = (shapes[s].size + 2 * shapes[s].before - shapes[s].filter) / shapes[s].stride + 1;
        const pare_convolution own = {
            .channels = shapes[s].channels, .height = shapes[s].size, .width = shapes[s].size,
            .filters = shapes[s].filters, .filter_height = shapes[s].filter, .filter_width = shapes[s].filter,
            .groups = shapes[s].groups, .row_stride = shapes[s].stride, .column_stride = shapes[s].stride,
            .row_dilation = 1, .column_dilation = 1, .rows_before = shapes[s].before,
            .columns_before = shapes[s].before, .output_height = output, .output_width = output,
            .filter_step = shapes[s].channels / shapes[s].groups * shapes[s].filter * shapes[s].filter,
            .channel_step = shapes[s].filter * shapes[s].filter};
        const pare_onednn_geometry geometry = {
            EXAMPLES, own.channels, {own.height, own.width}, own.filters, {own.filter_height, own.filter_width},
            {output, output}, {own.row_stride, own.column_stride}, {1, 1}, {own.rows_before, own.columns_before},
            own.groups, false};
        pare_onednn_convolution2d *theirs = pare_onednn_convolution2d_create(&geometry);
        if (!theirs) return 1;
        const int64_t plane = own.height * own.width, output_plane = output * output;
        float *x = floats(EXAMPLES * own.channels * plane), *dx = floats(EXAMPLES * own.channels * plane);
        float *y = floats(EXAMPLES * own.filters * output_plane), *dy = floats(EXAMPLES * own.filters * output_plane);
        const int64_t weight_count = own.filters * own.channels / own.groups * own.filter_height * own.filter_width;
        float *w = floats(weight_count), *dw = floats(weight_count);
        float *scratch = floats(pare_convolution_scratch(&own) + pare_onednn_convolution2d_scratch(theirs));
        const double flop = 2.0 * EXAMPLES * (double)weight_count * (double)output_plane;
        const int repeats = (int)(3e7 / flop) + 1;
        double times[6][ROUNDS];
        for (int round = 0; round < ROUNDS; round++) {
            for (int i = 0; i < 6; i++) {
                const double start = now();
                for (int repeat = 0; repeat < repeats; repeat++) {
                    switch (i) {
                    case 0: pare_convolution_forward(&own, EXAMPLES, x, w, NULL, y, scratch); break;
                    case 1: pare_convolution_data_gradient(&own, EXAMPLES, dy, w, NULL, dx, scratch); break;
                    case 2: pare_convolution_weight_gradient(&own, EXAMPLES, x, dy, dw, scratch); break;
                    case 3: pare_onednn_convolution2d_forward(theirs, x, w, NULL, y, scratch); break;
                    case 4: pare_onednn_convolution2d_backward_data(theirs, w, dy, dx, scratch); break;
                    case 5: pare_onednn_convolution2d_backward_weights(theirs, x, dy, dw, NULL, scratch); break;
                    }
                }
                times[i][round] = (now() - start) / repeats;
            }
        }
        double ms[6];
        for (int i = 0; i < 6; i++) ms[i] = median(times[i]);
        const double ours = ms[0] + ms[1] + ms[2], library = ms[3] + ms[4] + ms[5];
        printf("%-36s own %.3f %.3f %.3f = %4.0f GF/s   oneDNN %.3f %.3f %.3f = %4.0f GF/s   own is %.2f x\n",
               shapes[s].name, ms[0], ms[1], ms[2], 3 * flop / ours * 1e-6, ms[3], ms[4], ms[5],
               3 * flop / library * 1e-6, library / ours);
    }
    return 0;
}
