// Recurrent layers over sequences: one direction of LSTM or GRU, forward and backward.
//
// Examples are `[channels, steps]`; gates are rows of the weights in the order i, f, g, o (LSTM) or r, z, n (GRU). The
// first state is given, and taken as given: it has no gradient.

#ifndef PARE_RECURRENT_H
#define PARE_RECURRENT_H

#include <stdint.h>

typedef enum {
    pare_lstm,
    pare_gru_reset_before,
    pare_gru_reset_after,
} pare_cell;

typedef struct {
    pare_cell cell;
    int64_t channels, units, steps;
    /// Whether an example runs from its own last step to its first.
    int64_t is_reversed;
    /// Whether the output is the state after the example's last turn, `[units]`, and not `[units, steps]`.
    int64_t is_last;
    /// How far apart the outputs of two examples lie.
    int64_t output_step;
} pare_recurrent;

/// Floats of packed weights; of what forward leaves for backward, an example; of scratch memory for so many examples.
int64_t pare_recurrent_packed(const pare_recurrent *layer);
int64_t pare_recurrent_kept(const pare_recurrent *layer);
int64_t pare_recurrent_scratch(const pare_recurrent *layer, int64_t examples);

/// Lays the weights out as forward reads them, and backward if it will; all parts, in any order, give the whole.
void pare_recurrent_pack(const pare_recurrent *layer, int64_t part, int64_t parts, int64_t for_backward,
                         const float *input_weights, const float *recurrent_weights, const float *bias,
                         const float *recurrent_bias_or_null, float *packed);

/// `lengths` are the steps of each example; what lies beyond them is taken as zero and left as zero. States are zero
/// if they are not given.
void pare_recurrent_forward(const pare_recurrent *layer, int64_t examples, const int64_t *lengths_or_null,
                            const float *x, const float *packed, const float *hidden_or_null,
                            const float *cell_or_null, float *y, float *kept, float *scratch);

/// The largest magnitude that the cell of an LSTM took, from what forward kept of as many examples; 0 of a GRU.
float pare_recurrent_cell_peak(const pare_recurrent *layer, int64_t examples, const int64_t *lengths_or_null,
                               const float *kept);

/// Adds to the gradients of learnables; adds to `dx`, or overwrites it.
void pare_recurrent_backward(const pare_recurrent *layer, int64_t examples, const int64_t *lengths_or_null,
                             const float *dy, const float *packed, const float *kept, float *dx_or_null,
                             int64_t adds_to_dx, float *dinput_weights, float *drecurrent_weights, float *dbias,
                             float *drecurrent_bias_or_null, float *scratch);

#endif
