// Products of int16 values and int8 weights, by pairs: one instruction multiplies two neighbours of each of sixteen
// lanes and adds both products to the lane's sum. Three code paths; see integer_pairs.h.

#include "integer_convolution.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

typedef int32_t ints __attribute__((vector_size(64), aligned(64)));
typedef int32_t loose_ints __attribute__((vector_size(64), aligned(4), may_alias));
typedef int16_t shorts __attribute__((vector_size(64), aligned(64)));
typedef int16_t loose_shorts __attribute__((vector_size(64), aligned(2), may_alias));
typedef int8_t loose_bytes __attribute__((vector_size(32), aligned(1), may_alias));

// MARK: - Layout of products

enum { ROWS = 16 };

PART int64_t row_blocks(int64_t rows) { return (rows + ROWS - 1) / ROWS; }

int64_t pare_integer_packed_count(int64_t rows, int64_t depth) {
    return row_blocks(rows) * pairs_of(depth) * 2 * ROWS;
}

// Block by block `[pairs][sixteen rows][2]`, zero where there is no weight.
void pare_integer_pack(int64_t rows, int64_t depth, const int8_t *weights, int8_t *packed) {
    memset(packed, 0, (size_t)pare_integer_packed_count(rows, depth));
    for (int64_t r = 0; r < rows; r++)
        for (int64_t k = 0; k < depth; k++)
            packed[((r / ROWS * pairs_of(depth) + k / 2) * ROWS + r % ROWS) * 2 + k % 2] = weights[r * depth + k];
}

// MARK: - Code paths

#if defined(__x86_64__)

#define PATH(name) name##_wide
#define PATH_VECTORS 4
#define TARGET __attribute__((target("avx512f,avx512bw,avx512vl,avx512vnni"), min_vector_width(512)))
#define ADD_PAIRS(sum, a, b) ((sum) = (ints)_mm512_dpwssd_epi32((__m512i)(sum), (__m512i)(a), (__m512i)(b)))
#include "integer_pairs.h"

#define PATH(name) name##_v3
#define PATH_VECTORS 1
#define TARGET __attribute__((target("avx2")))
#define HALF(v, half)                                                                                             \
    ((__m256i)__builtin_shufflevector((__v8di)(v), (__v8di)(v), 4 * (half), 4 * (half) + 1, 4 * (half) + 2, \
                                      4 * (half) + 3))
#define ADD_PAIRS(sum, a, b)                                                                          \
    ((sum) += (ints)__builtin_shufflevector((__v4di)_mm256_madd_epi16(HALF(a, 0), HALF(b, 0)),        \
                                            (__v4di)_mm256_madd_epi16(HALF(a, 1), HALF(b, 1)), 0, 1, 2, 3, 4, 5, 6, 7))
#include "integer_pairs.h"

#endif

#define PATH(name) name##_portable
#define PATH_VECTORS 1
#define TARGET
#define EVEN(v) __builtin_shufflevector(v, v, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30)
#define ODD(v) __builtin_shufflevector(v, v, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31)
#define WIDE(v) __builtin_convertvector(v, ints)
#define ADD_PAIRS(sum, a, b) ((sum) += WIDE(EVEN(a)) * WIDE(EVEN(b)) + WIDE(ODD(a)) * WIDE(ODD(b)))
#include "integer_pairs.h"

#if defined(__x86_64__)
static int has_pairs(void) { return __builtin_cpu_supports("avx512vnni") && __builtin_cpu_supports("avx512bw"); }
#define CALL(name, ...)                                                                          \
    do {                                                                                         \
        if (has_pairs() && has_wide_registers()) return name##_wide(__VA_ARGS__);                \
        if (__builtin_cpu_supports("avx2")) return name##_v3(__VA_ARGS__);                       \
        return name##_portable(__VA_ARGS__);                                                     \
    } while (0)
#else
#define CALL(name, ...) return name##_portable(__VA_ARGS__)
#endif

void pare_integer_products(int64_t rows, int64_t depth, int64_t count, const int8_t *packed, const int16_t *x,
                           int32_t *sums) {
    CALL(products, rows, pairs_of(depth), count, packed, x, sums);
}

void pare_integer_convolve(const pare_integer_convolution *c, const int8_t *x, int32_t zero_point,
                           const int16_t *packed, const int32_t *bias, const pare_integer_output *output, int8_t *y,
                           int16_t *scratch) {
    pare_integer_lay_input(c, x, zero_point, scratch);
    CALL(convolve, c, packed, bias, output, y, scratch);
}
