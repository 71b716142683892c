// GRU (Cho et al. 2014), with the reset gate before or after the product with the recurrent weights.

#include "recurrent.h"

PART void reset_states(int64_t units, int64_t padded, const float *sums, const float *hidden, float *reset,
                       float *reset_hidden) {
    for (int64_t u = padded - LANES; u >= 0; u -= LANES) {
        vector r = LOAD(sums + units + u);
        vector_sigmoid(&r, &r);
        STORE(reset + u, r);
        STORE(reset_hidden + u, r * LOAD(hidden + u));
    }
}

// The rest of a turn. `reset` and `reset_hidden` are given if the reset gate comes before the product.
PART void gru_turn(int64_t units, int64_t padded, const float *sums, const float *hidden, const float *reset,
                   const float *reset_hidden, float *gates, float *next_hidden) {
    for (int64_t u = padded - LANES; u >= 0; u -= LANES) {
        vector n = LOAD(sums + u), r = LOAD(sums + units + u), z = LOAD(sums + 2 * units + u);
        const vector recurrent = LOAD(sums + 3 * units + u);
        vector last = recurrent;
        vector_sigmoid(&z, &z);
        if (reset) {
            r = LOAD(reset + u);
            n += recurrent;
            last = LOAD(reset_hidden + u);
        } else {
            vector_sigmoid(&r, &r);
            n += r * recurrent;
        }
        vector_tanh(&n, &n);
        STORE(gates + u, n);
        STORE(gates + units + u, r);
        STORE(gates + 2 * units + u, z);
        STORE(gates + 3 * units + u, last);
        STORE(next_hidden + u, n + z * (LOAD(hidden + u) - n));
    }
}

KERNEL void pare_gru_forward(const pare_recurrent *l, int64_t examples, int64_t turns, const float *packed,
                             float *kept, float *scratch) {
    const places p = places_of(l, examples);
    const int64_t channels = l->channels, units = l->units, depth = channels + units;
    const int64_t is_before = l->cell == pare_gru_reset_before;
    const float *bias = packed + p.bias;
    float *sums = scratch + p.sums, *reset = scratch + p.state_a, *reset_hidden = scratch + p.state_b;
    for (int64_t turn = 0; turn < turns; turn++) {
        float *rows = kept + turn * examples * p.row, *next = rows + examples * p.row;
        pare_product(examples, units, channels, (left_matrix){rows, p.row, 1},
                     (right_matrix){packed + p.input, 0, channels}, 0, bias, sums, p.delta_row);
        pare_product(examples, 2 * units, depth, (left_matrix){rows, p.row, 1},
                     (right_matrix){packed + p.both, 0, depth}, 0, bias + units, sums + units, p.delta_row);
        for (int64_t e = 0; is_before && e < examples; e++)
            reset_states(units, p.units, sums + e * p.delta_row, rows + e * p.row + channels, reset + e * p.units,
                         reset_hidden + e * p.units);
        const left_matrix states =
            is_before ? (left_matrix){reset_hidden, p.units, 1} : (left_matrix){rows + channels, p.row, 1};
        pare_product(examples, units, units, states, (right_matrix){packed + p.recurrent, 0, units}, 0,
                     bias + 3 * units, sums + 3 * units, p.delta_row);
        for (int64_t e = 0; e < examples; e++)
            gru_turn(units, p.units, sums + e * p.delta_row, rows + e * p.row + channels,
                     is_before ? reset + e * p.units : NULL, reset_hidden + e * p.units,
                     kept + p.gates + (turn * examples + e) * p.gate_row, next + e * p.row + channels);
    }
}

// The deltas of n and z, and with the reset gate after the product of r and the recurrent part of n too. `dh` is what
// the next turn gave through its products, `direct` what it gave past them.
PART void gru_turn_backward(int64_t units, int64_t padded, const float *gates, const float *hidden, const float *dy,
                            const float *dh, float *direct, int64_t is_before, float *deltas) {
    for (int64_t u = padded - LANES; u >= 0; u -= LANES) {
        const vector n = LOAD(gates + u), r = LOAD(gates + units + u), z = LOAD(gates + 2 * units + u);
        const vector gradient = LOAD(dy + u) + LOAD(dh + u) + LOAD(direct + u);
        const vector dn = gradient * (1.0f - z) * (1.0f - n * n);
        STORE(deltas + u, dn);
        if (!is_before) STORE(deltas + units + u, dn * LOAD(gates + 3 * units + u) * r * (1.0f - r));
        STORE(deltas + 2 * units + u, gradient * (LOAD(hidden + u) - n) * z * (1.0f - z));
        STORE(deltas + 3 * units + u, dn * r);
        STORE(direct + u, gradient * z);
    }
}

// The delta of r with the reset gate before the product, from the gradient of the reset state. The first lanes of z
// lie where the last vector of r ends.
PART void reset_backward(int64_t units, int64_t padded, const float *gates, const float *hidden, const float *dreset,
                         float *direct, float *deltas) {
    const vector first = LOAD(deltas + 2 * units);
    for (int64_t u = padded - LANES; u >= 0; u -= LANES) {
        const vector r = LOAD(gates + units + u), gradient = LOAD(dreset + u);
        STORE(deltas + units + u, gradient * LOAD(hidden + u) * r * (1.0f - r));
        STORE(direct + u, LOAD(direct + u) + gradient * r);
    }
    STORE(deltas + 2 * units, first);
}

KERNEL void pare_gru_backward(const pare_recurrent *l, int64_t examples, const int64_t *lengths, int64_t turns,
                              const float *packed, const float *kept, float *scratch) {
    const places p = places_of(l, examples);
    const int64_t units = l->units, is_before = l->cell == pare_gru_reset_before;
    const right_matrix weights = {packed + p.back_recurrent, 0, 3 * units};
    float *dh = scratch + p.state_a, *direct = scratch + p.state_b, *dreset = scratch + p.state_c;
    for (int64_t turn = turns - 1; turn >= 0; turn--) {
        const float *rows = kept + turn * examples * p.row + l->channels;
        const float *gates = kept + p.gates + turn * examples * p.gate_row;
        float *deltas = scratch + p.deltas + turn * examples * p.delta_row;
        for (int64_t e = 0; e < examples; e++)
            gru_turn_backward(units, p.units, gates + e * p.gate_row, rows + e * p.row,
                              output_gradient(l, &p, examples, lengths, turn, e, scratch), dh + e * p.units,
                              direct + e * p.units, is_before, deltas + e * p.delta_row);
        if (is_before) {
            pare_product(examples, units, units, (left_matrix){deltas, p.delta_row, 1}, weights, 2 * units, NULL,
                         dreset, p.units);
            for (int64_t e = 0; e < examples; e++)
                reset_backward(units, p.units, gates + e * p.gate_row, rows + e * p.row, dreset + e * p.units,
                               direct + e * p.units, deltas + e * p.delta_row);
        }
        if (turn > 0)
            pare_product(examples, units, is_before ? 2 * units : 3 * units,
                         (left_matrix){deltas + units, p.delta_row, 1}, weights, 0, NULL, dh, p.units);
    }
}
