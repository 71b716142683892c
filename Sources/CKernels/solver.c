#include "pare_solver.h"

#include <math.h>

#include "vectors.h"

// Comparisons that keep a NaN, so that a training that diverges is noticed.
PART float changed(float gradient, float weight, const pare_gradient_change *change) {
    const float g = change->scale * (gradient + change->l2 * weight);
    const float high = g > change->limit ? change->limit : g;
    return high < -change->limit ? -change->limit : high;
}

KERNEL void pare_adam(int64_t count, float *restrict weights, const float *restrict gradients, float *restrict first,
                      float *restrict second, const pare_gradient_change *restrict change, float rate, float decay,
                      float beta1, float beta2, float correction1, float correction2, float epsilon) {
    const pare_gradient_change by = *change;
    const float step = rate / correction1;
    const float root = 1 / sqrtf(correction2);
    const float kept = 1 - rate * decay;
    for (int64_t i = 0; i < count; i++) {
        const float g = changed(gradients[i], weights[i], &by);
        const float m = beta1 * first[i] + (1 - beta1) * g;
        const float v = beta2 * second[i] + (1 - beta2) * g * g;
        first[i] = m;
        second[i] = v;
        weights[i] = kept * weights[i] - step * m / (__builtin_elementwise_sqrt(v) * root + epsilon);
    }
}

KERNEL void pare_sgdm(int64_t count, float *restrict weights, const float *restrict gradients,
                      float *restrict velocity, const pare_gradient_change *restrict change, float rate,
                      float momentum) {
    const pare_gradient_change by = *change;
    for (int64_t i = 0; i < count; i++) {
        velocity[i] = momentum * velocity[i] - rate * changed(gradients[i], weights[i], &by);
        weights[i] += velocity[i];
    }
}

KERNEL void pare_rmsprop(int64_t count, float *restrict weights, const float *restrict gradients,
                         float *restrict second, const pare_gradient_change *restrict change, float rate, float kept,
                         float fresh, float epsilon) {
    const pare_gradient_change by = *change;
    for (int64_t i = 0; i < count; i++) {
        const float g = changed(gradients[i], weights[i], &by);
        const float v = kept * second[i] + fresh * g * g;
        second[i] = v;
        weights[i] -= rate * g / (__builtin_elementwise_sqrt(v) + epsilon);
    }
}

KERNEL double pare_sum_of_squares(int64_t count, const float *x, float a, const float *y) {
    double_vector lanes = {0};
    int64_t i = 0;
    for (; i + 8 <= count; i += 8) {
        const double_vector v = LOAD_DOUBLES(x + i) + (double)a * LOAD_DOUBLES(y + i);
        lanes += v * v;
    }
    double sum = double_lane_sum(&lanes);
    for (; i < count; i++) {
        const double v = x[i] + (double)a * y[i];
        sum += v * v;
    }
    return sum;
}
