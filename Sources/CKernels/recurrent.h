// What LSTM and GRU share: where everything lies, and how examples come in and go out.
//
// A chunk of examples runs through all steps together; a matrix has a row for each (turn, example), in this order,
// where an example's turn counts in the direction of the layer. The matrices:
//
//   rows    what a turn reads: its input `[channels]`, then the hidden state before it `[units]`
//   gates   the activated gates of a turn, slot after slot of `[units]`
//   cells   the cell state before a turn (LSTM)
//   deltas  the gradients of the sums that the gates are functions of, slot after slot
//
// Slots are i, f, g, o and, of the gates, tanh(cell) for an LSTM; n, r, z and the recurrent part of n for a GRU, so
// that the slots of the input weights and those of the recurrent weights both follow each other.
//
// Slots lie unit after unit without padding, and whole vectors are stored: the last vector of a slot runs into the next
// slot, which is why vectors are always worked on from the last to the first. A row ends with room for one more.

#ifndef PARE_RECURRENT_PLACES_H
#define PARE_RECURRENT_PLACES_H

#include <stddef.h>

#include "functions.h"
#include "pare_recurrent.h"
#include "products.h"

enum { GRADIENT_ROWS = 32 };

typedef struct {
    int64_t units;    // rounded up to whole vectors
    int64_t channels; // rounded up to whole vectors
    int64_t row, gate_row, delta_row;
    int64_t input_gates, recurrent_gates; // how many slots of deltas the weights have
    int64_t cells_row;

    // Starts in packed memory: the sums of a turn as products, then those of the gradients.
    int64_t bias, both, input, recurrent, back_recurrent, back_input, packed;
    // Starts in the kept memory of a chunk.
    int64_t gates, cells, kept;
    // Starts in the scratch memory of a chunk.
    int64_t dy, deltas, sums, state_a, state_b, state_c, zeros, dx, tile, tile_row, scratch;
} places;

PART places places_of(const pare_recurrent *l, int64_t examples) {
    const int64_t is_lstm = l->cell == pare_lstm;
    const int64_t channels = l->channels, units = l->units, turns = l->steps * examples;
    places p;
    p.units = whole_vectors(units);
    p.channels = whole_vectors(channels);
    p.row = whole_vectors(channels + p.units);
    p.delta_row = whole_vectors(3 * units + p.units);
    p.gate_row = is_lstm ? whole_vectors(4 * units + p.units) : p.delta_row;
    p.cells_row = is_lstm ? p.units : 0;
    p.input_gates = p.recurrent_gates = is_lstm ? 4 : 3;

    p.bias = 0;
    p.both = p.bias + p.delta_row;
    p.input = p.both + pare_packed_count(channels + units, (is_lstm ? 4 : 2) * units);
    p.recurrent = p.input + (is_lstm ? 0 : pare_packed_count(channels, units));
    p.back_recurrent = p.recurrent + (is_lstm ? 0 : pare_packed_count(units, units));
    p.back_input = p.back_recurrent + pare_packed_count(p.recurrent_gates * units, units);
    p.packed = p.back_input + pare_packed_count(p.input_gates * units, channels);

    p.gates = (turns + examples) * p.row;
    p.cells = p.gates + turns * p.gate_row;
    p.kept = p.cells + (turns + examples) * p.cells_row;

    p.dy = 0;
    p.deltas = p.dy + (l->is_last ? examples : turns) * p.units;
    p.sums = p.deltas + turns * p.delta_row;
    p.state_a = p.sums + examples * p.delta_row;
    p.state_b = p.state_a + examples * p.units;
    p.state_c = p.state_b + examples * p.units;
    p.zeros = p.state_c + examples * p.units;
    p.dx = p.zeros + p.units;
    p.tile = p.dx + turns * p.channels + whole_vectors(channels * l->steps);
    p.tile_row = whole_vectors(channels + units);
    p.scratch = p.tile + most(GRADIENT_ROWS * p.tile_row, p.delta_row);
    return p;
}

PART int64_t length_of(const pare_recurrent *l, const int64_t *lengths, int64_t example) {
    return lengths ? lengths[example] : l->steps;
}

// How many turns the longest example takes.
PART int64_t turns_of(const pare_recurrent *l, const int64_t *lengths, int64_t examples) {
    int64_t longest = 0;
    for (int64_t e = 0; e < examples; e++) longest = most(longest, length_of(l, lengths, e));
    return longest;
}

/// Fills the inputs of all turns and the state before the first.
void pare_recurrent_gather(const pare_recurrent *layer, int64_t examples, const int64_t *lengths, const float *x,
                           const float *hidden, const float *cell, float *kept);

/// Writes the output from the states.
void pare_recurrent_scatter(const pare_recurrent *layer, int64_t examples, const int64_t *lengths, const float *kept,
                            float *y);

/// Lays the gradient of the output out turn by turn, and clears the states that are carried backward.
void pare_recurrent_gather_gradient(const pare_recurrent *layer, int64_t examples, const int64_t *lengths,
                                    const float *dy, float *scratch);

/// From the deltas of all turns: the gradients of the learnables and, if wanted, of the input.
void pare_recurrent_finish(const pare_recurrent *layer, int64_t examples, const int64_t *lengths,
                           const float *packed, const float *kept, float *dx, int64_t adds_to_dx,
                           float *dinput_weights, float *drecurrent_weights, float *dbias, float *drecurrent_bias,
                           float *scratch);

/// The gradient that the output of a turn gets from outside: a row of units.
PART const float *output_gradient(const pare_recurrent *l, const places *p, int64_t examples, const int64_t *lengths,
                                  int64_t turn, int64_t e, const float *scratch) {
    const int64_t length = length_of(l, lengths, e);
    if (l->is_last) return turn == length - 1 ? scratch + p->dy + e * p->units : scratch + p->zeros;
    return turn < length ? scratch + p->dy + (turn * examples + e) * p->units : scratch + p->zeros;
}

void pare_lstm_forward(const pare_recurrent *layer, int64_t examples, int64_t turns, const float *packed, float *kept,
                       float *scratch);
void pare_lstm_backward(const pare_recurrent *layer, int64_t examples, const int64_t *lengths, int64_t turns,
                        const float *packed, const float *kept, float *scratch);
void pare_gru_forward(const pare_recurrent *layer, int64_t examples, int64_t turns, const float *packed, float *kept,
                      float *scratch);
void pare_gru_backward(const pare_recurrent *layer, int64_t examples, const int64_t *lengths, int64_t turns,
                       const float *packed, const float *kept, float *scratch);

#endif
