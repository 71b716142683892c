// Element by element work.

#include "pare_layers.h"
#include "vectors.h"

KERNEL void pare_add(int64_t count, const float *a, const float *b, float *y) {
    EACH_ELEMENT(int64_t i = 0; i < count; i++) y[i] = a[i] + b[i];
}

KERNEL void pare_standardize(int64_t examples, int64_t channels, int64_t positions, const float *restrict x,
                             const float *mean, const float *deviation, float *restrict y) {
    for (int64_t example = 0; example < examples; example++) {
        for (int64_t channel = 0; channel < channels; channel++, x += positions, y += positions) {
            const float center = mean[channel];
            if (deviation) {
                const float divisor = deviation[channel];
                for (int64_t i = 0; i < positions; i++) y[i] = (x[i] - center) / divisor;
            } else {
                for (int64_t i = 0; i < positions; i++) y[i] = x[i] - center;
            }
        }
    }
}

// MARK: - Dropout

PART void philox(uint32_t *x, uint32_t k0, uint32_t k1) {
    for (int round = 0; round < 10; round++) {
        const uint64_t p0 = (uint64_t)0xD2511F53u * x[0], p1 = (uint64_t)0xCD9E8D57u * x[2];
        const uint32_t x1 = x[1], x3 = x[3];
        x[0] = (uint32_t)(p1 >> 32) ^ x1 ^ k0;
        x[1] = (uint32_t)p1;
        x[2] = (uint32_t)(p0 >> 32) ^ x3 ^ k1;
        x[3] = (uint32_t)p0;
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
}

void pare_dropout(int64_t first_example, int64_t examples, int64_t count, uint64_t seed, uint64_t stream,
                  uint32_t step, uint32_t threshold, float scale, const float *x, float *y) {
    const int64_t blocks = (count + 3) / 4;
    for (int64_t example = 0; example < examples; example++) {
        for (int64_t block = 0; block < blocks; block++) {
            uint32_t words[4] = {(uint32_t)((first_example + example) * blocks + block), step, (uint32_t)stream,
                                 (uint32_t)(stream >> 32)};
            philox(words, (uint32_t)seed, (uint32_t)(seed >> 32));
            for (int64_t i = 0; i < least(4, count - 4 * block); i++) {
                const int64_t element = example * count + 4 * block + i;
                y[element] = words[i] >= threshold ? x[element] * scale : 0;
            }
        }
    }
}
