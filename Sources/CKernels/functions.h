// Functions of vectors, from polynomials: the same bits on every machine of one instruction set.
//
// Errors are the largest found against double precision over the range of results that are normal numbers; a result
// too small for that may be zero. A NaN gives a NaN; infinities give the limit of the function.
//
// exp and expm1 write x = n ln 2 + r with |r| <= ln 2 / 2; the polynomial of exp(r) is that of Moshier's Cephes library.

#ifndef PARE_FUNCTIONS_H
#define PARE_FUNCTIONS_H

#include "vectors.h"

typedef int32_t integer_vector __attribute__((vector_size(64), aligned(64)));

/// `a` where the mask is set, `b` elsewhere; a mask is what a comparison gives.
#define SELECT(mask, a, b) ((vector)(((mask) & (integer_vector)(a)) | (~(mask) & (integer_vector)(b))))

/// x, not above `largest` and not below `smallest`; a NaN stays.
PART void vector_clamp(const vector *x, float smallest, float largest, vector *y) {
    const vector low = (vector){0} + smallest, high = (vector){0} + largest;
    vector value = *x;
    value = SELECT(value > high, high, value);
    *y = SELECT(value < low, low, value);
}

// `exp(x) = 2^n (1 + rest)` for x of at most 2^21 in size.
PART void split_exp(const vector *x, integer_vector *n, vector *rest) {
    const float rounding = 0x1.8p23f;  // adding it leaves the nearest integer in the lowest bits
    const vector shifted = *x * 1.44269504088896341f + rounding;
    const vector whole = shifted - rounding;
    vector r = *x - whole * 0.693359375f;
    r = r - whole * -2.12194440e-4f;
    vector p = r * 1.9875691500e-4f + 1.3981999507e-3f;
    p = p * r + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 5.0000001201e-1f;
    *rest = p * (r * r) + r;
    *n = (integer_vector)shifted - (int32_t)0x4B400000;
}

// `2^n`, with n from -127 (which gives zero) to 128 (which gives infinity).
#define POWER_OF_TWO(n) ((vector)(((n) + 127) << 23))

/// `y = exp(x)`; 1.5 ulp; zero below -87.7.
PART void vector_exp(const vector *x, vector *y) {
    integer_vector n;
    vector bounded, rest;
    vector_clamp(x, -88.0f, 89.0f, &bounded);
    split_exp(&bounded, &n, &rest);
    // n may be 128 for a result that is still finite, and -127 only for one that is not normal.
    const integer_vector above = bounded > 0.0f;
    *y = POWER_OF_TWO(n + above) * (1.0f + rest) * SELECT(above, (vector){0} + 2.0f, (vector){0} + 1.0f);
}

/// `y = exp(x) - 1`; 1.5 ulp, also near zero.
PART void vector_expm1(const vector *x, vector *y) {
    integer_vector n;
    vector bounded, rest;
    vector_clamp(x, -30.0f, 89.0f, &bounded);
    split_exp(&bounded, &n, &rest);
    const vector half = POWER_OF_TWO(n - 1);
    *y = ((half - 0.5f) + half * rest) * 2.0f;
}

/// `y = 1 / (1 + exp(-x))`; 2.5 ulp; zero below -88.3.
PART void vector_sigmoid(const vector *x, vector *y) {
    integer_vector n;
    vector negative = -*x, rest;
    vector_clamp(&negative, -87.0f, 88.5f, &negative);
    split_exp(&negative, &n, &rest);
    *y = 1.0f / (1.0f + POWER_OF_TWO(n) * (1.0f + rest));
}

/// `y = tanh(x)`, by expm1 of 2x; 2.5 ulp, also near zero.
PART void vector_tanh(const vector *x, vector *y) {
    integer_vector n;
    vector twice = *x + *x, rest;
    vector_clamp(&twice, -20.0f, 20.0f, &twice);
    split_exp(&twice, &n, &rest);
    const vector power = POWER_OF_TWO(n);
    const vector growth = (power - 1.0f) + power * rest;
    *y = growth / (growth + 2.0f);
}

/// `y = erf(x)`; 1.5 ulp. Polynomials of N. Juffa: in x below 0.9277, of log(1 - erf) above.
PART void vector_erf(const vector *x, vector *y) {
    const vector a = *x, s = a * a;
    const integer_vector sign = (integer_vector)a & INT32_MIN;
    vector t = (vector)((integer_vector)a & INT32_MAX);
    const integer_vector is_outer = t > 0.927734375f;
    vector inner = s * -5.96761703e-4f + 4.99119423e-3f;
    inner = inner * s + -2.67681349e-2f;
    inner = inner * s + 1.12819925e-1f;
    inner = inner * s + -3.76125336e-1f;
    inner = inner * s + 1.28379166e-1f;
    inner = inner * a + a;
    vector_clamp(&t, 0.0f, 4.0f, &t);  // where 1 - erf is below half an ulp of one
    const vector u = t * -3.88396438e-3f + 2.42546219e-2f;
    vector outer = t * -1.72853470e-5f + 3.83197126e-4f;
    outer = outer * (t * t) + u;
    outer = outer * t + -1.06777877e-1f;
    outer = outer * t + -6.34846687e-1f;
    outer = outer * t + -1.28717512e-1f;
    outer = outer * t - t;
    vector_exp(&outer, &outer);
    outer = 1.0f - outer;
    *y = SELECT(is_outer, (vector)((integer_vector)outer | sign), inner);
}

#endif
