// Functions of a number, over arrays; `y` may be `x`. A NaN gives a NaN, an infinity the limit.

#ifndef PARE_FUNCTIONS_ARRAYS_H
#define PARE_FUNCTIONS_ARRAYS_H

#include <stdint.h>

void pare_exp(int64_t count, const float *x, float *y);
/// `y = exp(x) - 1`.
void pare_expm1(int64_t count, const float *x, float *y);
/// `y = 1 / (1 + exp(-x))`.
void pare_sigmoid(int64_t count, const float *x, float *y);
void pare_tanh(int64_t count, const float *x, float *y);
void pare_erf(int64_t count, const float *x, float *y);

#endif
