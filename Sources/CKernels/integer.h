// What the integer kernels share: rescaling of 32-bit sums.

#ifndef PARE_INTEGER_PARTS_H
#define PARE_INTEGER_PARTS_H

#include "pare_integer.h"
#include "vectors.h"

PART int32_t saturated(int64_t x) { return (int32_t)(x > INT32_MAX ? INT32_MAX : x < INT32_MIN ? INT32_MIN : x); }
PART int16_t saturated16(int64_t x) { return (int16_t)(x > INT16_MAX ? INT16_MAX : x < INT16_MIN ? INT16_MIN : x); }

// gemmlowp's saturating shift, `SaturatingRoundingDoublingHighMul` (whose factor is never below zero here) and
// `RoundingDivideByPOT`, which rounds halves away from zero.
PART int32_t rescaled_by_multiplier(int32_t sum, int64_t multiplier, int32_t left, int32_t right) {
    const int32_t raised = saturated((int64_t)sum * (1LL << left));
    const int32_t high = (int32_t)((raised * multiplier + (1 << 30)) >> 31);
    const int32_t mask = (int32_t)((1LL << right) - 1);
    return (high >> right) + ((high & mask) > (mask >> 1) + (high < 0));
}

PART int32_t rescaled_by_shift(int32_t sum, int32_t shift) {
    if (shift >= 0) return saturated((int64_t)sum * (1LL << least(shift, 31)));
    const int64_t places = least(-shift, 40);
    return (int32_t)(((int64_t)sum + (1LL << (places - 1))) >> places);
}

// `floor(x + 1/2)` of the quotient.
PART int32_t rescaled_by_division(int32_t sum, int32_t shift, int64_t divisor) {
    const int64_t numerator = (int64_t)sum * (1LL << most(0, least(shift, 31)));
    const int64_t denominator = divisor << most(0, least(-shift, 33));
    int64_t quotient = numerator / denominator, rest = numerator % denominator;
    if (rest < 0) {
        quotient--;
        rest += denominator;
    }
    return saturated(rest >= denominator - rest ? quotient + 1 : quotient);
}

PART int32_t rescaled(const pare_rescaling *r, int32_t sum) {
    if (r->divisor == 0)
        return rescaled_by_multiplier(sum, r->multiplier, (int32_t)most(0, r->shift), (int32_t)most(0, -r->shift));
    return r->divisor == 1 ? rescaled_by_shift(sum, r->shift) : rescaled_by_division(sum, r->shift, r->divisor);
}

// A row of one channel; the kind of rescaling is the same for all of it.
#define EACH_RESCALED(r, count, sums, i, value, ...)                                                       \
    do {                                                                                                   \
        const int64_t multiplier = (r)->multiplier, divisor = (r)->divisor;                                \
        const int32_t shift = (r)->shift, left = (int32_t)most(0, shift), right = (int32_t)most(0, -shift); \
        if (divisor == 0 && left == 0) {                                                                   \
            EACH_ELEMENT(int64_t i = 0; i < (count); i++) {                                                \
                const int32_t value = rescaled_by_multiplier((sums)[i], multiplier, 0, right);             \
                __VA_ARGS__                                                                                \
            }                                                                                              \
        } else if (divisor == 0) {                                                                         \
            EACH_ELEMENT(int64_t i = 0; i < (count); i++) {                                                \
                const int32_t value = rescaled_by_multiplier((sums)[i], multiplier, left, right);          \
                __VA_ARGS__                                                                                \
            }                                                                                              \
        } else if (divisor == 1 && shift < 0) {                                                            \
            EACH_ELEMENT(int64_t i = 0; i < (count); i++) {                                                \
                const int32_t value = rescaled_by_shift((sums)[i], shift);                                 \
                __VA_ARGS__                                                                                \
            }                                                                                              \
        } else {                                                                                           \
            for (int64_t i = 0; i < (count); i++) {                                                        \
                const int32_t value = divisor == 1 ? rescaled_by_shift((sums)[i], shift)                   \
                                                   : rescaled_by_division((sums)[i], shift, divisor);      \
                __VA_ARGS__                                                                                \
            }                                                                                              \
        }                                                                                                  \
    } while (0)

PART void write_row(const pare_integer_output *o, int64_t channel, int64_t count, const int32_t *sums, int8_t *y) {
    const int32_t zero_point = o->zero_point, lowest = o->lowest;
    EACH_RESCALED(&o->rescalings[channel * o->step], count, sums, i, value, {
        // Far beyond what int8 holds either way.
        const int32_t near = (value > 1024 ? 1024 : value < -1024 ? -1024 : value) + zero_point;
        y[i] = (int8_t)(near > 127 ? 127 : near < lowest ? lowest : near);
    });
}

#endif
