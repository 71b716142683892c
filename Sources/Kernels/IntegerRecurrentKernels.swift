internal import CKernels

/// Steps of recurrent layers in integers, after the products with their weights.
///
/// Parts of the sums of gates are in steps of 2^-16, hidden states and gates in steps of 2^-15.
package enum IntegerRecurrentKernels {
    /// Two functions from Q3.12 to Q0.15, each by its values at 513 points from -8 to 8, between which it is a line.
    package struct Tables: Sendable {
        let sigmoid: [Int16]
        let tanh: [Int16]

        package init(sigmoid: [Int16], tanh: [Int16]) {
            precondition(sigmoid.count == 513 && tanh.count == 513, "a table has 513 points")
            self.sigmoid = sigmoid
            self.tanh = tanh
        }
    }

    /// One step of an LSTM.
    ///
    /// - Parameters:
    ///   - input: The parts of the gates i, f, g, o that the input gives, from the start on.
    ///   - cellPlaces: The cell is in steps of `2^(cellPlaces - 15)`; zero or more.
    package static func lstm(
        input: ArraySlice<Int32>, recurrent: [Int32], _ tables: Tables, cellPlaces: Int, cell: inout [Int16],
        hidden: inout [Int16], units: Int
    ) {
        input.withUnsafeBufferPointer { input in
            pare_integer_lstm_turn(
                Int64(units), input.baseAddress, recurrent, tables.sigmoid, tables.tanh, Int32(cellPlaces), &cell,
                &hidden)
        }
    }

    /// The gates r and z of a GRU, and `r hidden`.
    package static func gruGates(
        input: ArraySlice<Int32>, recurrent: [Int32], _ tables: Tables, hidden: [Int16], gates: inout [Int16],
        reset: inout [Int16], units: Int
    ) {
        input.withUnsafeBufferPointer { input in
            pare_integer_gru_gates(
                Int64(units), input.baseAddress, recurrent, tables.sigmoid, hidden, &gates, &reset)
        }
    }

    /// The rest of a step of a GRU.
    ///
    /// - Parameters:
    ///   - input: The part of n that the input gives.
    ///   - recurrent: That of the state; multiplied by r if `multipliesRecurrent`.
    package static func gru(
        input: ArraySlice<Int32>, recurrent: ArraySlice<Int32>, gates: [Int16], multipliesRecurrent: Bool,
        _ tables: Tables, hidden: inout [Int16], units: Int
    ) {
        input.withUnsafeBufferPointer { input in
            recurrent.withUnsafeBufferPointer { recurrent in
                pare_integer_gru_turn(
                    Int64(units), input.baseAddress, recurrent.baseAddress, gates, multipliesRecurrent ? 1 : 0,
                    tables.tanh, &hidden)
            }
        }
    }
}
