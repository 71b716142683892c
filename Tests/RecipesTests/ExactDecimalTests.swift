import Recipes
import Testing

@Suite struct ExactDecimalTests {
    @Test(
        arguments: [
            ("0.7585", 0.7585), ("-12.50e1", -125), ("1e-3", 0.001), (".5", 0.5), ("7.", 7), ("-0", 0), ("1E+2", 100),
            ("00012", 12),
        ])
    func `A decimal text is read`(text: String, value: Double) {
        #expect(ExactDecimal(text: text)?.double == value)
        #expect(ExactDecimal(text: text) == ExactDecimal(value))
    }

    @Test(arguments: ["", "-", ".", "e5", "1e", "1e999", "1e-999", "1,5", "1 ", "0x1", "inf", "٣"])
    func `What is no decimal is refused`(text: String) {
        #expect(ExactDecimal(text: text) == nil)
    }

    @Test(
        arguments: [
            ("984.5095", 984), ("-0.1", -1), ("-3", -3), ("0", 0), ("1e3", 1000), ("-1.5e1", -15), ("0.999", 0),
            ("9223372036854775807.9", Int.max),
        ])
    func `The floor is the largest whole number that is not above`(text: String, floor: Int) {
        #expect(ExactDecimal(text: text)?.floor == floor)
    }

    @Test func `A floor that does not fit is nil`() {
        #expect(ExactDecimal(text: "1e19")?.floor == nil)
    }

    @Test func `Products and sums of random numbers are those of whole numbers`() {
        var seed: UInt64 = 1
        func random() -> Int {
            seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(seed >> 40) - 1 << 23
        }
        for _ in 0..<500 {
            let (a, b) = (random(), random())
            let (x, y) = (ExactDecimal(a).shifted(by: -3), ExactDecimal(b).shifted(by: -2))
            #expect((x * y).shifted(by: 5) == ExactDecimal(a * b), "\(a) * \(b)")
            #expect((x + y).shifted(by: 3) == ExactDecimal(a + 10 * b), "\(a) + 10 * \(b)")
            #expect((x - y).shifted(by: 3) == ExactDecimal(a - 10 * b), "\(a) - 10 * \(b)")
            #expect((x < y) == (a < 10 * b), "\(a) < 10 * \(b)")
        }
    }

    @Test func `Decimals stay exact where binary numbers do not`() {
        let tenth = ExactDecimal(0.1)
        #expect(tenth + ExactDecimal(0.2) == ExactDecimal(0.3))
        #expect((ExactDecimal(1) - tenth * tenth).double == 0.99)
        #expect((ExactDecimal(100) * (ExactDecimal(1) - ExactDecimal(0.42))).floor == 58)
    }
}
