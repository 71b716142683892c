// LSTM (Hochreiter and Schmidhuber 1997; with a forget gate, Gers et al. 2000), step by step.
//
// Gradients of recurrent weights are taken with the first state as it is, zero or given: some libraries drop it when it
// is omitted and return other gradients then.

#include "recurrent.h"

// One turn's gates and states from its sums.
PART void lstm_turn(int64_t units, int64_t padded, const float *sums, const float *cell, float *gates,
                    float *next_cell, float *next_hidden) {
    for (int64_t u = padded - LANES; u >= 0; u -= LANES) {
        vector i = LOAD(sums + u), f = LOAD(sums + units + u), g = LOAD(sums + 2 * units + u),
               o = LOAD(sums + 3 * units + u);
        vector_sigmoid(&i, &i);
        vector_sigmoid(&f, &f);
        vector_tanh(&g, &g);
        vector_sigmoid(&o, &o);
        const vector c = f * LOAD(cell + u) + i * g;
        vector bent;
        vector_tanh(&c, &bent);
        STORE(gates + u, i);
        STORE(gates + units + u, f);
        STORE(gates + 2 * units + u, g);
        STORE(gates + 3 * units + u, o);
        STORE(gates + 4 * units + u, bent);
        STORE(next_cell + u, c);
        STORE(next_hidden + u, o * bent);
    }
}

KERNEL void pare_lstm_forward(const pare_recurrent *l, int64_t examples, int64_t turns, const float *packed,
                              float *kept, float *scratch) {
    const places p = places_of(l, examples);
    const int64_t units = l->units, depth = l->channels + units;
    for (int64_t turn = 0; turn < turns; turn++) {
        float *rows = kept + turn * examples * p.row, *next = rows + examples * p.row;
        float *sums = scratch + p.sums;
        pare_product(examples, 4 * units, depth, (left_matrix){rows, p.row, 1},
                     (right_matrix){packed + p.both, 0, depth}, 0, packed + p.bias, sums, p.delta_row);
        for (int64_t e = 0; e < examples; e++) {
            const int64_t row = turn * examples + e;
            float *cell = kept + p.cells + row * p.cells_row;
            lstm_turn(units, p.units, sums + e * p.delta_row, cell, kept + p.gates + row * p.gate_row,
                      cell + examples * p.cells_row, next + e * p.row + l->channels);
        }
    }
}

// One turn's deltas from the gradient of its output; `dh` is what the next turn gave, `dc` is carried.
PART void lstm_turn_backward(int64_t units, int64_t padded, const float *gates, const float *cell, const float *dy,
                             const float *dh, float *dc, float *deltas) {
    for (int64_t u = padded - LANES; u >= 0; u -= LANES) {
        const vector i = LOAD(gates + u), f = LOAD(gates + units + u), g = LOAD(gates + 2 * units + u),
                     o = LOAD(gates + 3 * units + u), bent = LOAD(gates + 4 * units + u);
        const vector gradient = LOAD(dy + u) + LOAD(dh + u);
        const vector carried = LOAD(dc + u) + gradient * o * (1.0f - bent * bent);
        STORE(deltas + u, carried * g * i * (1.0f - i));
        STORE(deltas + units + u, carried * LOAD(cell + u) * f * (1.0f - f));
        STORE(deltas + 2 * units + u, carried * i * (1.0f - g * g));
        STORE(deltas + 3 * units + u, gradient * bent * o * (1.0f - o));
        STORE(dc + u, carried * f);
    }
}

KERNEL void pare_lstm_backward(const pare_recurrent *l, int64_t examples, const int64_t *lengths, int64_t turns,
                               const float *packed, const float *kept, float *scratch) {
    const places p = places_of(l, examples);
    const int64_t units = l->units, depth = 4 * units;
    float *dh = scratch + p.state_a, *dc = scratch + p.state_b;
    for (int64_t turn = turns - 1; turn >= 0; turn--) {
        float *deltas = scratch + p.deltas + turn * examples * p.delta_row;
        for (int64_t e = 0; e < examples; e++) {
            const int64_t row = turn * examples + e;
            lstm_turn_backward(units, p.units, kept + p.gates + row * p.gate_row, kept + p.cells + row * p.cells_row,
                               output_gradient(l, &p, examples, lengths, turn, e, scratch), dh + e * p.units,
                               dc + e * p.units, deltas + e * p.delta_row);
        }
        if (turn > 0)
            pare_product(examples, units, depth, (left_matrix){deltas, p.delta_row, 1},
                         (right_matrix){packed + p.back_recurrent, 0, depth}, 0, NULL, dh, p.units);
    }
}
