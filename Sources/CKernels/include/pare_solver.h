// What solvers do to flat arrays of learnables.

#ifndef PARE_SOLVER_H
#define PARE_SOLVER_H

#include <stdint.h>

/// Adam (Kingma and Ba 2015): `m += (1 - beta1) (g - m)`, `v += (1 - beta2) (g g - v)`,
/// `w -= rate m / correction1 / (sqrt(v / correction2) + epsilon)`, with `correction = 1 - beta^step`.
void pare_adam(int64_t count, float *weights, const float *gradients, float *first, float *second, float rate,
               float beta1, float beta2, float correction1, float correction2, float epsilon);

/// `velocity = momentum velocity - rate g`, `w += velocity`.
void pare_sgdm(int64_t count, float *weights, const float *gradients, float *velocity, float rate, float momentum);

/// `y += a x`.
void pare_axpy(int64_t count, float a, const float *x, float *y);

/// `x *= a`.
void pare_scale(int64_t count, float a, float *x);

/// The sum of squares, in double precision.
double pare_sum_of_squares(int64_t count, const float *x);

#endif
