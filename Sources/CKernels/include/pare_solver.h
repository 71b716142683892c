// What solvers do to flat arrays of learnables: one pass each, with regularization and clipping inside.

#ifndef PARE_SOLVER_H
#define PARE_SOLVER_H

#include <stdint.h>

/// What happens to a gradient before a solver sees it: `g = clamp(scale (g + l2 w), -limit, limit)`.
typedef struct {
    float l2;
    float scale;
    float limit;
} pare_gradient_change;

/// Adam (Kingma and Ba 2015): `m += (1 - beta1) (g - m)`, `v += (1 - beta2) (g g - v)`,
/// `w -= rate m / correction1 / (sqrt(v / correction2) + epsilon)`, with `correction = 1 - beta^step`. Before that,
/// `w -= rate decay w` (AdamW, Loshchilov and Hutter 2019).
void pare_adam(int64_t count, float *weights, const float *gradients, float *first, float *second,
               const pare_gradient_change *change, float rate, float decay, float beta1, float beta2,
               float correction1, float correction2, float epsilon);

/// `velocity = momentum velocity - rate g`, `w += velocity`.
void pare_sgdm(int64_t count, float *weights, const float *gradients, float *velocity,
               const pare_gradient_change *change, float rate, float momentum);

/// `v = kept v + fresh g g`, `w -= rate g / (sqrt(v) + epsilon)`.
void pare_rmsprop(int64_t count, float *weights, const float *gradients, float *second,
                  const pare_gradient_change *change, float rate, float kept, float fresh, float epsilon);

/// The sum of the squares of `x + a y`, in double precision.
double pare_sum_of_squares(int64_t count, const float *x, float a, const float *y);

#endif
