// The loops over pairs, once for each code path: it names them by `PATH`, compiles them for `TARGET`, has registers
// for `PATH_VECTORS` vectors of positions of four filters, and adds the products of the pairs of two vectors to sums by `ADD_PAIRS`.

// A product of up to four blocks of rows and up to four columns.
static inline __attribute__((always_inline)) TARGET void PATH(product)(const int blocks, const int columns,
                                                                      int64_t pairs, const int8_t *packed,
                                                                      const int16_t *x, int32_t *sums,
                                                                      int64_t sums_step) {
    ints all[4][4] = {0};
    for (int64_t k = 0; k < pairs; k++) {
        shorts weights[4];
        for (int b = 0; b < blocks; b++)
            weights[b] = __builtin_convertvector(
                *(const loose_bytes *)(packed + (b * pairs + k) * 2 * ROWS), shorts);
        for (int c = 0; c < columns; c++) {
            int32_t pair;
            memcpy(&pair, x + (c * pairs + k) * 2, sizeof pair);
            const shorts values = (shorts)((ints){0} + pair);
            for (int b = 0; b < blocks; b++) ADD_PAIRS(all[c][b], weights[b], values);
        }
    }
    for (int c = 0; c < columns; c++)
        for (int b = 0; b < blocks; b++) *(loose_ints *)(sums + c * sums_step + b * ROWS) = all[c][b];
}

TARGET static void PATH(products)(int64_t rows, int64_t pairs, int64_t count, const int8_t *packed, const int16_t *x,
                                  int32_t *sums) {
    const int64_t blocks = row_blocks(rows), step = blocks * ROWS;
    int64_t b = 0;
    for (; b + 4 <= blocks; b += 4) {
        const int8_t *weights = packed + b * pairs * 2 * ROWS;
        int64_t c = 0;
        for (; c + 4 <= count; c += 4)
            PATH(product)(4, 4, pairs, weights, x + c * pairs * 2, sums + c * step + b * ROWS, step);
        for (; c < count; c++)
            PATH(product)(4, 1, pairs, weights, x + c * pairs * 2, sums + c * step + b * ROWS, step);
    }
    for (; b < blocks; b++)
        for (int64_t c = 0; c < count; c++)
            PATH(product)(1, 1, pairs, packed + b * pairs * 2 * ROWS, x + c * pairs * 2,
                          sums + c * step + b * ROWS, step);
}

// The sums of four filters at some vectors of positions.
static inline __attribute__((always_inline)) TARGET void PATH(convolve_block)(const int vectors, int64_t pairs,
                                                                             int64_t taps, const int64_t *offsets,
                                                                             int64_t plane, const int16_t *packed,
                                                                             const int16_t *x, const int32_t *bias,
                                                                             int32_t *sums, int64_t sums_step) {
    ints all[FILTERS][VECTORS];
    for (int f = 0; f < FILTERS; f++)
        for (int v = 0; v < vectors; v++) all[f][v] = (ints){0} + bias[f];
    for (int64_t pair = 0; pair < pairs; pair++, x += 2 * plane) {
        for (int64_t tap = 0; tap < taps; tap++, packed += 2 * FILTERS) {
            const int16_t *source = x + 2 * offsets[tap];
            int32_t weights[FILTERS];
            memcpy(weights, packed, sizeof weights);
            shorts values[VECTORS];
            for (int v = 0; v < vectors; v++) values[v] = *(const loose_shorts *)(source + v * 2 * LANES);
            for (int f = 0; f < FILTERS; f++) {
                const shorts weight = (shorts)((ints){0} + weights[f]);
                for (int v = 0; v < vectors; v++) ADD_PAIRS(all[f][v], values[v], weight);
            }
        }
    }
    for (int f = 0; f < FILTERS; f++)
        for (int v = 0; v < vectors; v++) *(loose_ints *)(sums + f * sums_step + v * LANES) = all[f][v];
}

TARGET static void PATH(convolve)(const pare_integer_convolution *c, const int16_t *packed, const int32_t *bias,
                                  const pare_integer_output *output, int8_t *y, int16_t *scratch) {
    const convolution_layout l = layout_of(c);
    int32_t *sums = (int32_t *)(void *)(scratch + l.input);
    int64_t offsets[l.taps];
    for (int64_t tap = 0; tap < l.taps; tap++) offsets[tap] = tap_offset(c, &l, tap);
    const int64_t positions = c->output_height * l.columns;
    for (int64_t group = 0; group < c->groups; group++) {
        const int16_t *input = scratch + 2 * group * l.pairs * l.plane;
        for (int64_t block = 0; block < l.blocks; block++, packed += l.pairs * l.taps * FILTERS * 2) {
            const int64_t own = block * FILTERS, filter = group * l.filters + own;
            const int64_t count = least(FILTERS, l.filters - own);
            int32_t biases[FILTERS] = {0};
            for (int64_t f = 0; f < count; f++) biases[f] = bias[filter + f];
            int64_t first = 0;
            for (; PATH_VECTORS > 1 && first + (PATH_VECTORS - 1) * LANES < positions; first += PATH_VECTORS * LANES)
                PATH(convolve_block)(PATH_VECTORS, l.pairs, l.taps, offsets, l.plane, packed, input + 2 * first, biases,
                                     sums + first, l.sums);
            for (; first < positions; first += LANES)
                PATH(convolve_block)(1, l.pairs, l.taps, offsets, l.plane, packed, input + 2 * first, biases,
                                     sums + first, l.sums);
            pare_integer_write_filters(c, filter, count, sums, l.sums, output, y);
        }
    }
}

#undef PATH
#undef PATH_VECTORS
#undef TARGET
#undef ADD_PAIRS
