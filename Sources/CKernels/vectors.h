// What the kernels share: one code path per instruction set, and vectors of sixteen floats.

#ifndef PARE_VECTORS_H
#define PARE_VECTORS_H

#include <stdint.h>
#include <string.h>

// On x86-64 Linux a kernel is compiled for each instruction set and chosen when the program is loaded; the names are
// those of `pare_instruction_set`. Elsewhere the baseline has vectors already.
#if defined(__x86_64__) && defined(__linux__)
#define KERNEL                                                                  \
    __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default"), \
                   min_vector_width(512)))
#else
#define KERNEL
#endif

// Whether a vector of sixteen floats is one register, and there are thirty-two.
#if defined(__x86_64__) && defined(__linux__)
static inline int has_wide_registers(void) { return __builtin_cpu_supports("x86-64-v4"); }
#else
static inline int has_wide_registers(void) { return 0; }
#endif

// Inlined into the kernel that calls it, so that it is compiled for the same instruction set.
#define PART static inline __attribute__((always_inline))

enum { LANES = 16 };

// Sixteen floats; the second may lie anywhere in memory.
typedef float vector __attribute__((vector_size(64), aligned(64)));
typedef float loose_vector __attribute__((vector_size(64), aligned(4), may_alias));
// Eight doubles and the floats they are made of.
typedef double double_vector __attribute__((vector_size(64), aligned(64)));
typedef float half_vector __attribute__((vector_size(32), aligned(4), may_alias));

#define LOAD(address) (*(const loose_vector *)(address))
#define STORE(address, value) (*(loose_vector *)(address) = (value))
#define LOAD_DOUBLES(address) __builtin_convertvector(*(const half_vector *)(address), double_vector)

// A loop whose turns touch elements of their own alone, though outputs may be inputs: the compiler may make vectors.
#define EACH_ELEMENT(...) _Pragma("clang loop vectorize(assume_safety)") for (__VA_ARGS__)

// Vectors go between the parts of a kernel by address: by value they would need an agreed calling convention.

/// The sum of the lanes, always in the same order: halves are added until one lane is left.
PART float lane_sum(const vector *lanes) {
    const vector v = *lanes;
    const half_vector a = __builtin_shufflevector(v, v, 0, 1, 2, 3, 4, 5, 6, 7)
        + __builtin_shufflevector(v, v, 8, 9, 10, 11, 12, 13, 14, 15);
    return ((a[0] + a[4]) + (a[2] + a[6])) + ((a[1] + a[5]) + (a[3] + a[7]));
}

PART double double_lane_sum(const double_vector *lanes) {
    const double_vector a = *lanes;
    return ((a[0] + a[4]) + (a[2] + a[6])) + ((a[1] + a[5]) + (a[3] + a[7]));
}

/// Less than sixteen floats; the other lanes are zero.
PART void load_first(const float *address, int64_t count, vector *lanes) {
    *lanes = (vector){0};
    memcpy(lanes, address, (size_t)count * sizeof(float));
}

PART void store_first(float *address, int64_t count, const vector *lanes) {
    memcpy(address, lanes, (size_t)count * sizeof(float));
}

PART int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }
PART int64_t most(int64_t a, int64_t b) { return a > b ? a : b; }
/// `count` rounded up to whole vectors.
PART int64_t whole_vectors(int64_t count) { return (count + LANES - 1) / LANES * LANES; }

#endif
