// Losses of a batch and their gradients, one pass over the outputs.
//
// `rows` says which examples of a data set the batch is: the target of example `i` is that of row `rows[i]`. Every
// function overwrites `gradient`, if it is given, and adds to no sum: `sums` is overwritten, too. The gradient is that
// of the sum of the losses, times `scale`, or of their weighted mean if `scale` is zero.

#ifndef PARE_LOSS_H
#define PARE_LOSS_H

#include <stdint.h>

typedef struct {
    /// The sum of the weighted losses and that of the weights.
    double loss;
    double weight;
    /// The sum over examples of the mean square of an output's error; of values only.
    double squares;
    /// How many examples are taken for their class; of classes only.
    int64_t correct;
} pare_loss_sums;

/// `(1 - smoothing) w[y] (-log p[y]) + smoothing / classes sum_c w[c] (-log p[c])`, `p = softmax(logits)`.
void pare_cross_entropy(int64_t count, int64_t classes, const float *logits, const int64_t *labels,
                        const int64_t *rows, const float *weights, double smoothing, float scale, float *gradient,
                        pare_loss_sums *sums);

/// The mean over the outputs of `log(1 + exp(z)) - t z`, times `w[y]`; `t` is 1 for output `y` and 0 for the others, or
/// the label itself if there is one output, moved towards a half by `smoothing`. The prediction is the largest output;
/// of one, whether it is above zero.
void pare_binary_cross_entropy(int64_t count, int64_t outputs, const float *logits, const int64_t *labels,
                               const int64_t *rows, const float *weights, double smoothing, float scale,
                               float *gradient, pare_loss_sums *sums);

/// The same with targets of their own, `[row][output]`, each from 0 to 1; every example has the weight 1.
void pare_binary_cross_entropy_of_values(int64_t count, int64_t outputs, const float *logits, const float *targets,
                                         const int64_t *rows, double smoothing, float scale, float *gradient,
                                         pare_loss_sums *sums);

/// What the mean over the outputs is of, where `e` is an output less its target: `e^2`, `|e|`, or Huber's: `e^2 / 2` up
/// to `delta`, `delta (|e| - delta / 2)` beyond.
enum { PARE_SQUARED_ERROR = 0, PARE_ABSOLUTE_ERROR = 1, PARE_HUBER_ERROR = 2 };

void pare_regression_loss(int64_t kind, int64_t count, int64_t outputs, const float *values, const float *targets,
                          const int64_t *rows, double delta, float scale, float *gradient, pare_loss_sums *sums);

/// What a student follows of a teacher: the probabilities of one of several classes, those of labels of their own, or
/// values.
enum { PARE_SOFT_CLASSES = 0, PARE_SOFT_LABELS = 1, PARE_SOFT_VALUES = 2 };

/// The mean over the examples of a teacher's loss: `T^2 KL(teacher / T || student / T)` of the softmax or, as a mean over
/// the outputs, of the sigmoid; of values the mean over the outputs of the square of their difference.
///
/// `gradient`, if there is one, becomes `(1 - alpha)` times what it was and `alpha` times that of this mean.
void pare_distillation(int64_t kind, int64_t count, int64_t outputs, const float *values, const float *teacher,
                       double temperature, double alpha, float *gradient, double *loss);

#endif
