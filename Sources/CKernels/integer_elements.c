// What integer layers do element by element, and their poolings.

#include "integer.h"

KERNEL void pare_integer_write(const pare_integer_output *output, int64_t channels, int64_t positions,
                               const int32_t *sums, int8_t *y) {
    for (int64_t channel = 0; channel < channels; channel++)
        write_row(output, channel, positions, sums + channel * positions, y + channel * positions);
}

PART void rescale_row(const pare_rescaling *rescaling, int64_t count, const int32_t *sums, const int32_t *offsets,
                      int32_t *y) {
    if (offsets)
        EACH_RESCALED(rescaling, count, sums, i, value, y[i] = saturated((int64_t)value + offsets[i]););
    else
        EACH_RESCALED(rescaling, count, sums, i, value, y[i] = value;);
}

KERNEL void pare_integer_rescale(const pare_rescaling *rescalings, int64_t step, int64_t count, const int32_t *sums,
                                 const int32_t *offsets, int32_t *y) {
    if (step == 0) return rescale_row(rescalings, count, sums, offsets, y);
    for (int64_t i = 0; i < count; i++)
        y[i] = saturated((int64_t)rescaled(&rescalings[i * step], sums[i]) + (offsets ? offsets[i] : 0));
}

void pare_integer_map(int64_t channels, int64_t positions, const int8_t *tables, int64_t table_step, const int8_t *x,
                      int8_t *y) {
    for (int64_t channel = 0; channel < channels; channel++) {
        const int8_t *table = tables + channel * table_step + 128;
        const int8_t *source = x + channel * positions;
        int8_t *target = y + channel * positions;
        for (int64_t i = 0; i < positions; i++) target[i] = table[source[i]];
    }
}


PART void add_term_row(int64_t positions, const int8_t *x, int64_t x_step, int32_t zero_point, int32_t sign,
                       int32_t places, const pare_rescaling *r, int32_t *sums) {
    const int32_t left = (int32_t)most(0, r->shift), right = (int32_t)most(0, -r->shift);
    const int64_t multiplier = r->multiplier;
    if (r->divisor == 0) {
        EACH_ELEMENT(int64_t i = 0; i < positions; i++)
            sums[i] += sign
                * rescaled_by_multiplier((int32_t)((uint32_t)(x[i * x_step] - zero_point) << places), multiplier,
                                         left, right);
    } else {
        // Brought to the finest exponent by its places alone.
        EACH_ELEMENT(int64_t i = 0; i < positions; i++)
            sums[i] += sign * (int32_t)((uint32_t)(x[i * x_step] - zero_point) << places);
    }
}

KERNEL void pare_integer_add_term(int64_t channels, int64_t positions, const int8_t *x, int64_t x_positions,
                                  int32_t zero_point, int32_t sign, int32_t places, const pare_rescaling *rescaling,
                                  int32_t *sums) {
    if (x_positions == positions) {
        add_term_row(channels * positions, x, 1, zero_point, sign, places, rescaling, sums);
    } else {
        for (int64_t channel = 0; channel < channels; channel++)
            add_term_row(positions, x + channel, 0, zero_point, sign, places, rescaling, sums + channel * positions);
    }
}

KERNEL void pare_integer_multiply(int64_t channels, int64_t positions, const int8_t *x, int64_t x_positions,
                                  int32_t zero_point, int32_t *products) {
    for (int64_t channel = 0; channel < channels; channel++) {
        int32_t *row = products + channel * positions;
        if (x_positions == positions) {
            EACH_ELEMENT(int64_t i = 0; i < positions; i++) row[i] *= x[channel * positions + i] - zero_point;
        } else {
            EACH_ELEMENT(int64_t i = 0; i < positions; i++) row[i] *= x[channel] - zero_point;
        }
    }
}

// MARK: - Pooling

PART int8_t mean(int64_t sum, int64_t count, pare_integer_rule rule) {
    if (rule == pare_integer_mean_half_away) return (int8_t)((sum + (sum < 0 ? -(count / 2) : count / 2)) / count);
    int64_t quotient = sum / count, rest = sum % count;
    if (rest < 0) {
        quotient--;
        rest += count;
    }
    return (int8_t)(rest >= count - rest ? quotient + 1 : quotient);
}

KERNEL void pare_integer_pool(const pare_integer_pooling *p, const int8_t *x, int8_t *y) {
    for (int64_t channel = 0; channel < p->channels; channel++, x += p->height * p->width) {
        for (int64_t row = 0; row < p->output_height; row++) {
            const int64_t top = row * p->row_stride - p->rows_before;
            const int64_t first_row = most(0, top), end_row = least(p->height, top + p->window_height);
            for (int64_t column = 0; column < p->output_width; column++) {
                const int64_t left = column * p->column_stride - p->columns_before;
                const int64_t first = most(0, left), end = least(p->width, left + p->window_width);
                int64_t sum = 0;
                int8_t largest = INT8_MIN;
                for (int64_t r = first_row; r < end_row; r++)
                    for (int64_t c = first; c < end; c++) {
                        const int8_t value = x[r * p->width + c];
                        sum += value;
                        largest = value > largest ? value : largest;
                    }
                *y++ = p->rule == pare_integer_largest
                    ? largest : mean(sum, (end_row - first_row) * (end - first), p->rule);
            }
        }
    }
}
