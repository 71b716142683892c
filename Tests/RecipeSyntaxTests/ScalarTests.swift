import RecipeSyntax
import Testing

@Suite struct ScalarTests {
    @Test(
        arguments: [
            ("", Scalar.Value.null), ("~", .null), ("null", .null), ("nULL", .string), ("true", .boolean(true)),
            ("FALSE", .boolean(false)), ("tRUE", .string), ("no", .string), ("on", .string), ("y", .string),
            ("0", .integer(0)), ("-12", .integer(-12)), ("+7", .integer(7)), ("007", .integer(7)),
            ("0o17", .integer(15)),
            ("0xfF", .integer(255)), ("0o8", .string), ("0x", .string), ("1_000", .string), ("12:30", .string),
            ("9223372036854775808", .number(9_223_372_036_854_775_808)), ("1e-3", .number(0.001)),
            ("1E3", .number(1000)),
            ("1.", .number(1)), (".5", .number(0.5)), ("-.5e+2", .number(-50)), (".", .string), ("e3", .string),
            ("1e", .string), ("1.2.3", .string), ("0x1p3", .string), ("inf", .string), ("nan", .string),
            (".inf", .number(.infinity)), ("-.INF", .number(-.infinity)), ("-0.0", .number(0)), ("1 KiB", .string),
            ("٣", .string),
        ])
    func `A plain scalar means what the core schema of YAML 1.2 says`(text: String, value: Scalar.Value) {
        #expect(Scalar(plain: text).value == value)
    }

    @Test(arguments: [".nan", ".NaN", ".NAN"])
    func `Not a number is a number`(text: String) {
        guard case .number(let value) = Scalar(plain: text).value else {
            Issue.record("\(text) is no number")
            return
        }
        #expect(value.isNaN)
    }
}
