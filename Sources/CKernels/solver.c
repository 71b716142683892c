#include "pare_solver.h"

#include <math.h>

#include "vectors.h"

KERNEL void pare_adam(int64_t count, float *restrict weights, const float *restrict gradients, float *restrict first,
                      float *restrict second, float rate, float beta1, float beta2, float correction1,
                      float correction2, float epsilon) {
    const float step = rate / correction1;
    const float root = 1 / sqrtf(correction2);
    for (int64_t i = 0; i < count; i++) {
        const float g = gradients[i];
        const float m = beta1 * first[i] + (1 - beta1) * g;
        const float v = beta2 * second[i] + (1 - beta2) * g * g;
        first[i] = m;
        second[i] = v;
        weights[i] -= step * m / (__builtin_elementwise_sqrt(v) * root + epsilon);
    }
}

KERNEL void pare_sgdm(int64_t count, float *restrict weights, const float *restrict gradients,
                      float *restrict velocity, float rate, float momentum) {
    for (int64_t i = 0; i < count; i++) {
        velocity[i] = momentum * velocity[i] - rate * gradients[i];
        weights[i] += velocity[i];
    }
}

KERNEL void pare_axpy(int64_t count, float a, const float *restrict x, float *restrict y) {
    for (int64_t i = 0; i < count; i++) y[i] += a * x[i];
}

KERNEL void pare_scale(int64_t count, float a, float *restrict x) {
    for (int64_t i = 0; i < count; i++) x[i] *= a;
}

KERNEL double pare_sum_of_squares(int64_t count, const float *x) {
    double_vector lanes = {0};
    int64_t i = 0;
    for (; i + 8 <= count; i += 8) {
        const double_vector v = LOAD_DOUBLES(x + i);
        lanes += v * v;
    }
    double sum = double_lane_sum(&lanes);
    for (; i < count; i++) sum += (double)x[i] * x[i];
    return sum;
}
