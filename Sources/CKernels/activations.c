// Functions of one element and their slopes.

#include "functions.h"
#include "pare_layers.h"
#include "vectors.h"

// `exp(-x^2 / 2) / sqrt(2 pi)`.
PART void normal_density(const vector *x, vector *density) {
    vector power = -0.5f * *x * *x;
    vector_exp(&power, density);
    *density *= 0.398942280f;
}

// `P(X <= x)` of a standard normal X.
PART void normal_probability(const vector *x, vector *probability) {
    vector scaled = *x * 0.707106781f;
    vector_erf(&scaled, probability);
    *probability = 0.5f + 0.5f * *probability;
}

// `tanh(sqrt(2 / pi) (x + 0.044715 x^3))`.
PART void gelu_tanh(const vector *x, vector *t) {
    vector inner = 0.797884561f * (*x + 0.044715f * *x * *x * *x);
    vector_tanh(&inner, t);
}

PART void value(const int function, float parameter, const vector *at, vector *y) {
    const vector x = *at, zero = {0};
    vector v;
    switch (function) {
    case PARE_RELU: *y = SELECT(x <= 0, zero, x); break;
    case PARE_LEAKY_RELU: *y = SELECT(x <= 0, parameter * x, x); break;
    case PARE_CLIPPED_RELU: vector_clamp(&x, 0, parameter, y); break;
    case PARE_ELU:
        vector_expm1(&x, &v);
        *y = SELECT(x <= 0, parameter * v, x);
        break;
    case PARE_GELU:
        normal_probability(&x, &v);
        *y = x * v;
        break;
    case PARE_GELU_TANH:
        gelu_tanh(&x, &v);
        *y = 0.5f * x * (1 + v);
        break;
    case PARE_SWISH:
        vector_sigmoid(&x, &v);
        *y = x * v;
        break;
    case PARE_TANH: vector_tanh(&x, y); break;
    case PARE_SIGMOID: vector_sigmoid(&x, y); break;
    case PARE_HARD_SIGMOID:
        *y = x * (1.0f / 6) + 0.5f;
        vector_clamp(y, 0, 1, y);
        break;
    case PARE_HARD_SWISH:
        v = x * (1.0f / 6) + 0.5f;
        vector_clamp(&v, 0, 1, &v);
        *y = x * v;
        break;
    default: vector_clamp(&x, -1, 1, y);
    }
}

PART void slope(const int function, float parameter, const vector *at, const vector *output, vector *slope) {
    const vector x = *at, y = *output, zero = {0}, one = 1 - zero;
    vector v, w;
    switch (function) {
    case PARE_RELU: *slope = SELECT(y <= 0, zero, one); break;
    case PARE_LEAKY_RELU: *slope = SELECT(y <= 0, parameter * one, one); break;
    case PARE_CLIPPED_RELU: *slope = SELECT((y <= 0) | (y >= parameter), zero, one); break;
    case PARE_ELU: *slope = SELECT(y <= 0, y + parameter, one); break;
    case PARE_GELU:
        normal_probability(&x, &v);
        normal_density(&x, &w);
        *slope = v + x * w;
        break;
    case PARE_GELU_TANH:
        gelu_tanh(&x, &v);
        *slope = 0.5f * (1 + v) + 0.5f * x * (1 - v * v) * (0.797884561f * (1 + 3 * 0.044715f * x * x));
        break;
    case PARE_SWISH:
        vector_sigmoid(&x, &v);
        *slope = v * (1 + x * (1 - v));
        break;
    case PARE_TANH: *slope = 1 - y * y; break;
    case PARE_SIGMOID: *slope = y * (1 - y); break;
    case PARE_HARD_SIGMOID: *slope = SELECT((y <= 0) | (y >= 1), zero, (1.0f / 6) * one); break;
    case PARE_HARD_SWISH:
        *slope = SELECT(x <= -3, zero, x * (1.0f / 3) + 0.5f);
        *slope = SELECT(x >= 3, one, *slope);
        break;
    default: *slope = SELECT((y <= -1) | (y >= 1), zero, one);
    }
}

PART void forward(const int function, float parameter, int64_t count, const float *x, float *y) {
    vector v, result;
    int64_t i = 0;
    for (; i + LANES <= count; i += LANES) {
        v = LOAD(x + i);
        value(function, parameter, &v, &result);
        STORE(y + i, result);
    }
    if (i == count) return;
    load_first(x + i, count - i, &v);
    value(function, parameter, &v, &result);
    store_first(y + i, count - i, &result);
}

PART void backward(const int function, float parameter, int64_t count, const float *x, const float *y, const float *dy,
                   float *dx) {
    vector v, output, result;
    int64_t i = 0;
    for (; i + LANES <= count; i += LANES) {
        v = LOAD(x + i);
        output = LOAD(y + i);
        slope(function, parameter, &v, &output, &result);
        STORE(dx + i, result * LOAD(dy + i));
    }
    if (i == count) return;
    vector gradient;
    load_first(x + i, count - i, &v);
    load_first(y + i, count - i, &output);
    load_first(dy + i, count - i, &gradient);
    slope(function, parameter, &v, &output, &result);
    result *= gradient;
    store_first(dx + i, count - i, &result);
}

#define EACH_FUNCTION(CASE)                                                                                  \
    CASE(PARE_RELU) CASE(PARE_LEAKY_RELU) CASE(PARE_CLIPPED_RELU) CASE(PARE_ELU) CASE(PARE_GELU)             \
        CASE(PARE_GELU_TANH) CASE(PARE_SWISH) CASE(PARE_TANH) CASE(PARE_SIGMOID) CASE(PARE_HARD_SIGMOID)     \
            CASE(PARE_HARD_SWISH) CASE(PARE_HARD_TANH)

KERNEL void pare_function_forward(int function, float parameter, int64_t count, const float *x, float *y) {
#define FORWARD(name) case name: forward(name, parameter, count, x, y); break;
    switch (function) { EACH_FUNCTION(FORWARD) }
}

KERNEL void pare_function_backward(int function, float parameter, int64_t count, const float *x, const float *y,
                                   const float *dy, float *dx) {
#define BACKWARD(name) case name: backward(name, parameter, count, x, y, dy, dx); break;
    switch (function) { EACH_FUNCTION(BACKWARD) }
}
