#include "pare_loss.h"

#include "vectors.h"

// Exponential and logarithm in double precision, the same on every machine: errors below 2e-15, relative.

PART double bits_to_double(uint64_t bits) {
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

PART uint64_t double_to_bits(double value) {
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

/// `exp(x)` for `x <= 0`, 0 below -700; a NaN stays one.
PART double exp_of_negative(double x) {
    const double magic = 0x1.8p52;
    const double bounded = x < -700 ? -700 : x;
    const double shifted = bounded * 1.4426950408889634 + magic;
    const double k = shifted - magic;
    const double r = (bounded - k * 0x1.62e42fefa3800p-1) - k * 0x1.ef35793c76730p-45;
    double p = 1.0 / 6227020800;
    p = p * r + 1.0 / 479001600;
    p = p * r + 1.0 / 39916800;
    p = p * r + 1.0 / 3628800;
    p = p * r + 1.0 / 362880;
    p = p * r + 1.0 / 40320;
    p = p * r + 1.0 / 5040;
    p = p * r + 1.0 / 720;
    p = p * r + 1.0 / 120;
    p = p * r + 1.0 / 24;
    p = p * r + 1.0 / 6;
    p = p * r + 0.5;
    p = p * r + 1;
    p = p * r + 1;
    // 2^k, from the low bits of the shifted number.
    const double power = bits_to_double((double_to_bits(shifted) << 52) + 0x3ff0000000000000u);
    return x < -700 ? 0 : p * power;
}

/// `log(x)` for `x >= 1`; what is not finite stays as it is.
PART double log_of_one_or_more(double x) {
    if (!(x - x == 0)) return x;
    const uint64_t bits = double_to_bits(x);
    int64_t exponent = (int64_t)(bits >> 52) - 1023;
    double m = bits_to_double((bits & 0x000fffffffffffffu) | 0x3ff0000000000000u);
    if (m > 1.4142135623730951) {
        m *= 0.5;
        exponent += 1;
    }
    const double f = (m - 1) / (m + 1);
    const double s = f * f;
    double p = 1.0 / 23;
    for (int64_t odd = 21; odd >= 1; odd -= 2) p = p * s + 1.0 / (double)odd;
    return 2 * f * p + (double)exponent * 0.6931471805599453;
}

/// What the loss of each example is multiplied with in the gradient. A batch without weight has no loss to follow.
PART double gradient_scale(float scale, double weight) {
    return scale != 0 ? (double)scale : weight > 0 ? 1 / weight : 0;
}

PART double sum_of_weights(int64_t count, const int64_t *labels, const int64_t *rows, const float *weights) {
    double sum = 0;
    for (int64_t i = 0; i < count; i++) sum += (double)weights[labels[rows[i]]];
    return sum;
}

KERNEL void pare_cross_entropy(int64_t count, int64_t classes, const float *restrict logits,
                               const int64_t *restrict labels, const int64_t *restrict rows,
                               const float *restrict weights, double smoothing, float scale, float *restrict gradient,
                               pare_loss_sums *restrict sums) {
    *sums = (pare_loss_sums){.weight = sum_of_weights(count, labels, rows, weights)};
    const double each = gradient_scale(scale, sums->weight);
    const double share = smoothing / (double)classes;
    double all_weights = 0;
    for (int64_t c = 0; c < classes; c++) all_weights += share * (double)weights[c];
    for (int64_t i = 0; i < count; i++) {
        const float *const z = logits + i * classes;
        const int64_t label = labels[rows[i]];
        float peak = -__builtin_inff();
        int64_t best = 0;
        for (int64_t c = 0; c < classes; c++) {
            if (z[c] > peak) {
                peak = z[c];
                best = c;
            }
        }
        double sum = 0;
        for (int64_t c = 0; c < classes; c++) sum += exp_of_negative((double)z[c] - (double)peak);
        // Of a true class alone, and what smoothing spreads over all of them.
        const double own = (1 - smoothing) * (double)weights[label];
        const double normalizer = log_of_one_or_more(sum) + (double)peak;
        sums->loss += own * (normalizer - (double)z[label]);
        if (smoothing > 0) {
            for (int64_t c = 0; c < classes; c++) {
                sums->loss += share * (double)weights[c] * (normalizer - (double)z[c]);
            }
        }
        sums->correct += best == label;
        if (!gradient) continue;
        float *const g = gradient + i * classes;
        const double whole = each * (own + all_weights) / sum;
        for (int64_t c = 0; c < classes; c++) {
            const double target = share * (double)weights[c] + (c == label ? own : 0);
            g[c] = (float)(whole * exp_of_negative((double)z[c] - (double)peak) - each * target);
        }
    }
}

/// Of one output: `log(1 + exp(z)) - t z`, and its derivative `sigmoid(z) - t`.
PART double binary_loss(double z, double target, double *derivative) {
    const double e = exp_of_negative(z < 0 ? z : -z);
    *derivative = (z < 0 ? e : 1) / (1 + e) - target;
    return log_of_one_or_more(1 + e) + (z > 0 ? z : 0) - target * z;
}

KERNEL void pare_binary_cross_entropy(int64_t count, int64_t outputs, const float *restrict logits,
                                      const int64_t *restrict labels, const int64_t *restrict rows,
                                      const float *restrict weights, double smoothing, float scale,
                                      float *restrict gradient, pare_loss_sums *restrict sums) {
    *sums = (pare_loss_sums){.weight = sum_of_weights(count, labels, rows, weights)};
    const double each = gradient_scale(scale, sums->weight) / (double)outputs;
    for (int64_t i = 0; i < count; i++) {
        const float *const z = logits + i * outputs;
        const int64_t label = labels[rows[i]];
        const double weight = (double)weights[label];
        double loss = 0;
        int64_t best = 0;
        for (int64_t o = 0; o < outputs; o++) {
            const double is = outputs == 1 ? (double)label : (double)(o == label);
            double derivative;
            loss += binary_loss((double)z[o], is + smoothing * (0.5 - is), &derivative);
            if (z[o] > z[best]) best = o;
            if (gradient) gradient[i * outputs + o] = (float)(each * weight * derivative);
        }
        if (outputs == 1) best = z[0] > 0;
        sums->loss += weight * loss / (double)outputs;
        sums->correct += best == label;
    }
}

KERNEL void pare_binary_cross_entropy_of_values(int64_t count, int64_t outputs, const float *restrict logits,
                                                const float *restrict targets, const int64_t *restrict rows,
                                                double smoothing, float scale, float *restrict gradient,
                                                pare_loss_sums *restrict sums) {
    *sums = (pare_loss_sums){.weight = (double)count};
    const double each = gradient_scale(scale, sums->weight) / (double)outputs;
    for (int64_t i = 0; i < count; i++) {
        double loss = 0, squares = 0;
        for (int64_t o = 0; o < outputs; o++) {
            const double is = (double)targets[rows[i] * outputs + o];
            const double target = is + smoothing * (0.5 - is);
            double derivative;
            loss += binary_loss((double)logits[i * outputs + o], target, &derivative);
            const double error = derivative + target - is;
            squares += error * error;
            if (gradient) gradient[i * outputs + o] = (float)(each * derivative);
        }
        sums->loss += loss / (double)outputs;
        sums->squares += squares / (double)outputs;
    }
}

KERNEL void pare_regression_loss(int64_t kind, int64_t count, int64_t outputs, const float *restrict values,
                                 const float *restrict targets, const int64_t *restrict rows, double delta, float scale,
                                 float *restrict gradient, pare_loss_sums *restrict sums) {
    *sums = (pare_loss_sums){.weight = (double)count};
    const double each = gradient_scale(scale, sums->weight) / (double)outputs;
    for (int64_t i = 0; i < count; i++) {
        double loss = 0, squares = 0;
        for (int64_t o = 0; o < outputs; o++) {
            const double e = (double)values[i * outputs + o] - (double)targets[rows[i] * outputs + o];
            const double size = e < 0 ? -e : e;
            double derivative;
            squares += e * e;
            if (kind == PARE_SQUARED_ERROR) {
                loss += e * e;
                derivative = 2 * e;
            } else if (kind == PARE_ABSOLUTE_ERROR) {
                loss += size;
                derivative = (double)(e > 0) - (double)(e < 0);
            } else if (size > delta) {
                loss += delta * (size - 0.5 * delta);
                derivative = e < 0 ? -delta : delta;
            } else {
                loss += 0.5 * e * e;
                derivative = e;
            }
            if (gradient) gradient[i * outputs + o] = (float)(each * derivative);
        }
        sums->loss += loss / (double)outputs;
        sums->squares += squares / (double)outputs;
    }
}

/// Of one output, the divergence of the student's sigmoid from the teacher's, and its derivative.
PART double binary_divergence(double z, double teacher, double *derivative) {
    double probability, unused;
    binary_loss(teacher, 0, &probability);
    return binary_loss(z, probability, derivative) - binary_loss(teacher, probability, &unused);
}

/// `log sum exp(z / T)`, with the peak and the sum that it is made of.
PART double log_of_sum(int64_t count, const float *z, double cold, double *peak, double *sum) {
    float largest = z[0];
    for (int64_t c = 1; c < count; c++) largest = z[c] > largest ? z[c] : largest;
    *peak = (double)largest;
    *sum = 0;
    for (int64_t c = 0; c < count; c++) *sum += exp_of_negative(((double)z[c] - *peak) * cold);
    return log_of_one_or_more(*sum) + *peak * cold;
}

KERNEL void pare_distillation(int64_t kind, int64_t count, int64_t outputs, const float *restrict values,
                              const float *restrict teacher, double temperature, double alpha,
                              float *restrict gradient, double *restrict loss) {
    *loss = 0;
    const double cold = 1 / temperature, each = 1 / (double)count, output = 1 / (double)outputs;
    for (int64_t i = 0; i < count; i++) {
        const float *const z = values + i * outputs;
        const float *const t = teacher + i * outputs;
        double peak = 0, sum = 0, teacher_peak = 0, teacher_sum = 0, difference = 0;
        if (kind == PARE_SOFT_CLASSES) {
            difference = log_of_sum(outputs, z, cold, &peak, &sum);
            difference -= log_of_sum(outputs, t, cold, &teacher_peak, &teacher_sum);
        }
        for (int64_t o = 0; o < outputs; o++) {
            double part, derivative;
            if (kind == PARE_SOFT_CLASSES) {
                const double target = exp_of_negative(((double)t[o] - teacher_peak) * cold) / teacher_sum;
                const double own = exp_of_negative(((double)z[o] - peak) * cold) / sum;
                part = temperature * temperature * target * (((double)t[o] - (double)z[o]) * cold + difference);
                derivative = temperature * (own - target);
            } else if (kind == PARE_SOFT_LABELS) {
                part = binary_divergence((double)z[o] * cold, (double)t[o] * cold, &derivative);
                part *= temperature * temperature * output;
                derivative *= temperature * output;
            } else {
                const double error = (double)z[o] - (double)t[o];
                part = error * error * output;
                derivative = 2 * error * output;
            }
            *loss += each * part;
            if (gradient) {
                float *const g = gradient + i * outputs + o;
                *g = (float)((1 - alpha) * (double)*g + alpha * each * derivative);
            }
        }
    }
}
