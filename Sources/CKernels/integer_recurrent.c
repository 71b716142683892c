// The steps of integer LSTM and GRU: gates from Q3.12 to Q0.15 by tables, states in int16.

#include "integer.h"

// The function of a sum in steps of 2^-16, which is rounded to Q3.12.
PART int32_t gate_of(int64_t sum, pare_gate_table table) {
    const int32_t x = saturated16((sum + 8) >> 4) + 32768;
    const int32_t point = x >> 7, part = x & 127;
    return table[point] + (((table[point + 1] - table[point]) * part + 64) >> 7);
}

// `x 2^places`, rounded halves up.
PART int64_t shifted(int64_t x, int32_t places) {
    return places >= 0 ? x * (1LL << places) : (x + (1LL << (-places - 1))) >> -places;
}

KERNEL void pare_integer_lstm_turn(int64_t units, const int32_t *input, const int32_t *recurrent,
                                   pare_gate_table sigmoid, pare_gate_table tangent, int32_t cell_places, int16_t *cell,
                                   int16_t *hidden) {
    for (int64_t u = 0; u < units; u++) {
#define SUM(gate) ((int64_t)input[(gate) * units + u] + recurrent[(gate) * units + u])
        const int32_t i = gate_of(SUM(0), sigmoid), f = gate_of(SUM(1), sigmoid);
        const int32_t g = gate_of(SUM(2), tangent), o = gate_of(SUM(3), sigmoid);
#undef SUM
        // Both in steps of 2^(cell_places - 30).
        const int64_t kept = (int64_t)f * cell[u], added = shifted((int64_t)i * g, -cell_places);
        cell[u] = saturated16((kept + added + (1 << 14)) >> 15);
        // Steps of 2^(cell_places - 15) as steps of 2^-16.
        const int32_t bent = gate_of(shifted(cell[u], cell_places + 1), tangent);
        hidden[u] = saturated16((o * bent + (1 << 14)) >> 15);
    }
}

KERNEL void pare_integer_gru_gates(int64_t units, const int32_t *input, const int32_t *recurrent,
                                   pare_gate_table sigmoid, const int16_t *hidden, int16_t *gates, int16_t *reset) {
    for (int64_t u = 0; u < 2 * units; u++) gates[u] = (int16_t)gate_of((int64_t)input[u] + recurrent[u], sigmoid);
    for (int64_t u = 0; u < units; u++) reset[u] = (int16_t)((gates[u] * hidden[u] + (1 << 14)) >> 15);
}

KERNEL void pare_integer_gru_turn(int64_t units, const int32_t *input, const int32_t *recurrent, const int16_t *gates,
                                  int64_t multiplies_recurrent, pare_gate_table tangent, int16_t *hidden) {
    for (int64_t u = 0; u < units; u++) {
        const int64_t part = multiplies_recurrent ? (gates[u] * (int64_t)recurrent[u] + (1 << 14)) >> 15 : recurrent[u];
        const int32_t n = gate_of(input[u] + part, tangent), z = gates[units + u];
        hidden[u] = saturated16(((32768 - z) * n + z * hidden[u] + (1 << 14)) >> 15);
    }
}
