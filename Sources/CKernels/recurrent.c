// What LSTM and GRU share; see recurrent.h for where everything lies.

#include "recurrent.h"

int64_t pare_recurrent_packed(const pare_recurrent *layer) { return places_of(layer, 1).packed; }
int64_t pare_recurrent_kept(const pare_recurrent *layer) { return places_of(layer, 1).kept; }
int64_t pare_recurrent_scratch(const pare_recurrent *layer, int64_t examples) {
    return places_of(layer, examples).scratch;
}

// MARK: - Packing

void pare_recurrent_pack(const pare_recurrent *l, int64_t part, int64_t parts, int64_t for_backward,
                         const float *input_weights, const float *recurrent_weights, const float *bias,
                         const float *recurrent_bias, float *packed) {
    const places p = places_of(l, 1);
    const int64_t channels = l->channels, units = l->units, depth = channels + units;
    const int64_t both = l->cell == pare_lstm ? 4 * units : 2 * units;
    pare_pack_columns(depth, both, 0, channels, input_weights, part, parts, packed + p.both);
    pare_pack_columns(depth, both, channels, units, recurrent_weights, part, parts, packed + p.both);
    if (l->cell != pare_lstm) {
        pare_pack_columns(channels, units, 0, channels, input_weights + both * channels, part, parts,
                          packed + p.input);
        pare_pack_columns(units, units, 0, units, recurrent_weights + both * units, part, parts,
                          packed + p.recurrent);
    }
    if (for_backward) {
        // The order of slots: a GRU has n before r and z.
        const int64_t all = p.input_gates * units, after = all - both;
        pare_pack_rows(p.recurrent_gates * units, units, 0, p.recurrent_gates * units, recurrent_weights, part, parts,
                       packed + p.back_recurrent);
        pare_pack_rows(all, channels, 0, after, input_weights + both * channels, part, parts, packed + p.back_input);
        pare_pack_rows(all, channels, after, both, input_weights, part, parts, packed + p.back_input);
    }
    if (part != 0) return;
    float *target = packed + p.bias;
    if (l->cell == pare_lstm) {
        memcpy(target, bias, (size_t)(4 * units) * sizeof(float));
    } else {
        memcpy(target, bias + 2 * units, (size_t)units * sizeof(float));
        memcpy(target + units, bias, (size_t)(2 * units) * sizeof(float));
        if (recurrent_bias) memcpy(target + 3 * units, recurrent_bias, (size_t)units * sizeof(float));
        else memset(target + 3 * units, 0, (size_t)units * sizeof(float));
    }
}

// MARK: - Examples

// Between the elements `[count, steps]` of an example and its rows, one a turn, which are `step` apart.
PART void rows_from_example(const pare_recurrent *l, int64_t count, int64_t length, const float *example, float *rows,
                            int64_t step) {
    if (l->is_reversed) pare_transpose(count, length, example, l->steps, rows + (length - 1) * step, -step);
    else pare_transpose(count, length, example, l->steps, rows, step);
}

PART void example_from_rows(const pare_recurrent *l, int64_t count, int64_t length, const float *rows, int64_t step,
                            float *example) {
    if (l->is_reversed) pare_transpose(length, count, rows + (length - 1) * step, -step, example, l->steps);
    else pare_transpose(length, count, rows, step, example, l->steps);
    for (int64_t i = 0; i < count; i++)
        for (int64_t t = length; t < l->steps; t++) example[i * l->steps + t] = 0;
}

PART void set_row(float *row, const float *values, int64_t count) {
    if (values) memcpy(row, values, (size_t)count * sizeof(float));
    else memset(row, 0, (size_t)count * sizeof(float));
}

void pare_recurrent_gather(const pare_recurrent *l, int64_t examples, const int64_t *lengths, const float *x,
                           const float *hidden, const float *cell, float *kept) {
    const places p = places_of(l, examples);
    const int64_t turns = turns_of(l, lengths, examples);
    for (int64_t e = 0; e < examples; e++) {
        const int64_t length = length_of(l, lengths, e);
        float *rows = kept + e * p.row;
        rows_from_example(l, l->channels, length, x + e * l->channels * l->steps, rows, examples * p.row);
        for (int64_t turn = length; turn < turns; turn++) set_row(rows + turn * examples * p.row, NULL, l->channels);
        set_row(rows + l->channels, hidden, l->units);
        if (p.cells_row > 0) set_row(kept + p.cells + e * p.cells_row, cell, l->units);
    }
}

void pare_recurrent_scatter(const pare_recurrent *l, int64_t examples, const int64_t *lengths, const float *kept,
                            float *y) {
    const places p = places_of(l, examples);
    const int64_t step = examples * p.row;
    for (int64_t e = 0; e < examples; e++) {
        const int64_t length = length_of(l, lengths, e);
        const float *states = kept + e * p.row + l->channels;
        if (l->is_last) set_row(y + e * l->output_step, states + length * step, l->units);
        else example_from_rows(l, l->units, length, states + step, step, y + e * l->output_step);
    }
}

void pare_recurrent_gather_gradient(const pare_recurrent *l, int64_t examples, const int64_t *lengths,
                                    const float *dy, float *scratch) {
    const places p = places_of(l, examples);
    for (int64_t e = 0; e < examples; e++) {
        float *rows = scratch + p.dy + e * p.units;
        const float *example = dy + e * l->output_step;
        if (l->is_last) set_row(rows, example, l->units);
        else rows_from_example(l, l->units, length_of(l, lengths, e), example, rows, examples * p.units);
    }
    set_row(scratch + p.state_a, NULL, 3 * examples * p.units);
    set_row(scratch + p.zeros, NULL, p.units);
}

float pare_recurrent_cell_peak(const pare_recurrent *l, int64_t examples, const int64_t *lengths, const float *kept) {
    const places p = places_of(l, examples);
    float peak = 0;
    for (int64_t e = 0; p.cells_row > 0 && e < examples; e++)
        for (int64_t turn = 0; turn <= length_of(l, lengths, e); turn++) {
            const float *cell = kept + p.cells + (turn * examples + e) * p.cells_row;
            for (int64_t u = 0; u < l->units; u++) {
                const float magnitude = cell[u] < 0 ? -cell[u] : cell[u];
                peak = magnitude > peak ? magnitude : peak;
            }
        }
    return peak;
}

// MARK: - Gradients of learnables and input

// Adds `left' right` to the gradients: the first columns of the product belong to the input weights, the others to the
// recurrent weights.
PART void add_weight_gradients(int64_t count, int64_t input_columns, int64_t recurrent_columns, int64_t turns,
                               left_matrix left, right_matrix right, float *dinput, float *drecurrent, float *tile,
                               int64_t tile_row) {
    const int64_t columns = input_columns + recurrent_columns;
    for (int64_t first = 0; first < count; first += GRADIENT_ROWS) {
        const int64_t rows = least(GRADIENT_ROWS, count - first);
        const left_matrix block = {left.start + first, left.row, left.depth};
        pare_product(rows, columns, turns, block, right, 0, NULL, tile, tile_row);
        for (int64_t i = 0; i < rows; i++) {
            const float *restrict sums = tile + i * tile_row;
            float *restrict input = dinput + (first + i) * input_columns;
            float *restrict recurrent = drecurrent + (first + i) * recurrent_columns;
            for (int64_t j = 0; j < input_columns; j++) input[j] += sums[j];
            for (int64_t j = 0; j < recurrent_columns; j++) recurrent[j] += sums[input_columns + j];
        }
    }
}

PART void add_to(float *restrict target, const float *restrict values, int64_t count) {
    for (int64_t i = 0; i < count; i++) target[i] += values[i];
}

KERNEL void pare_recurrent_finish(const pare_recurrent *l, int64_t examples, const int64_t *lengths,
                                  const float *packed, const float *kept, float *dx, int64_t adds_to_dx,
                                  float *dinput_weights, float *drecurrent_weights, float *dbias,
                                  float *drecurrent_bias, float *scratch) {
    const places p = places_of(l, examples);
    const int64_t channels = l->channels, units = l->units, turns = turns_of(l, lengths, examples) * examples;
    const float *deltas = scratch + p.deltas;
    float *tile = scratch + p.tile;
    const right_matrix rows = {kept, p.row, 0};
#define SLOT(index) ((left_matrix){deltas + (index) * units, 1, p.delta_row})

    if (l->cell == pare_lstm) {
        add_weight_gradients(4 * units, channels, units, turns, SLOT(0), rows, dinput_weights, drecurrent_weights,
                             tile, p.tile_row);
    } else {
        float *dinput = dinput_weights + 2 * units * channels, *drecurrent = drecurrent_weights + 2 * units * units;
        const int64_t is_before = l->cell == pare_gru_reset_before;
        // What the recurrent weights of n multiply: the reset state, kept in the last slot of the gates, or the state.
        const right_matrix states =
            is_before ? (right_matrix){kept + p.gates + 3 * units, p.gate_row, 0}
                      : (right_matrix){kept + channels, p.row, 0};
        add_weight_gradients(units, channels, 0, turns, SLOT(0), rows, dinput, NULL, tile, p.tile_row);
        add_weight_gradients(2 * units, channels, units, turns, SLOT(1), rows, dinput_weights, drecurrent_weights,
                             tile, p.tile_row);
        add_weight_gradients(units, 0, units, turns, is_before ? SLOT(0) : SLOT(3), states, NULL, drecurrent, tile,
                             p.tile_row);
    }

    set_row(tile, NULL, p.delta_row);
    for (int64_t k = 0; k < turns; k++) {
        for (int64_t i = 0; i < p.delta_row; i += LANES)
            STORE(tile + i, LOAD(tile + i) + LOAD(deltas + k * p.delta_row + i));
    }
    if (l->cell == pare_lstm) {
        add_to(dbias, tile, 4 * units);
    } else {
        add_to(dbias + 2 * units, tile, units);
        add_to(dbias, tile + units, 2 * units);
        if (drecurrent_bias) add_to(drecurrent_bias, tile + 3 * units, units);
    }

    if (!dx) return;
    float *dx_rows = scratch + p.dx, *example = dx_rows + l->steps * examples * p.channels;
    const int64_t depth = p.input_gates * units;
    pare_product(turns, channels, depth, (left_matrix){deltas, p.delta_row, 1},
                 (right_matrix){packed + p.back_input, 0, depth}, 0, NULL, dx_rows, p.channels);
    for (int64_t e = 0; e < examples; e++) {
        float *target = dx + e * channels * l->steps;
        example_from_rows(l, channels, length_of(l, lengths, e), dx_rows + e * p.channels, examples * p.channels,
                          adds_to_dx ? example : target);
        if (adds_to_dx) add_to(target, example, channels * l->steps);
    }
}

// MARK: - Directions

void pare_recurrent_forward(const pare_recurrent *l, int64_t examples, const int64_t *lengths, const float *x,
                            const float *packed, const float *hidden, const float *cell, float *y, float *kept,
                            float *scratch) {
    const int64_t turns = turns_of(l, lengths, examples);
    pare_recurrent_gather(l, examples, lengths, x, hidden, cell, kept);
    if (l->cell == pare_lstm) pare_lstm_forward(l, examples, turns, packed, kept, scratch);
    else pare_gru_forward(l, examples, turns, packed, kept, scratch);
    pare_recurrent_scatter(l, examples, lengths, kept, y);
}

void pare_recurrent_backward(const pare_recurrent *l, int64_t examples, const int64_t *lengths, const float *dy,
                             const float *packed, const float *kept, float *dx, int64_t adds_to_dx,
                             float *dinput_weights, float *drecurrent_weights, float *dbias, float *drecurrent_bias,
                             float *scratch) {
    const int64_t turns = turns_of(l, lengths, examples);
    pare_recurrent_gather_gradient(l, examples, lengths, dy, scratch);
    if (l->cell == pare_lstm) pare_lstm_backward(l, examples, lengths, turns, packed, kept, scratch);
    else pare_gru_backward(l, examples, lengths, turns, packed, kept, scratch);
    pare_recurrent_finish(l, examples, lengths, packed, kept, dx, adds_to_dx, dinput_weights, drecurrent_weights,
                          dbias, drecurrent_bias, scratch);
}
