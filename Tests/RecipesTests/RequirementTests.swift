import Recipes
import Testing

@Suite struct RequirementTests {
    @Test(
        arguments: [
            (">=0.92", ">= 0.92"), ("<= 0.5KiB", "<= 0.5 KiB"), (">=  load  -  1 points", ">= load - 1 points"),
            ("> 93%", "> 93 %"), ("== 384", "== 384"), ("< quantize-2 + 4 B", "< quantize-2 + 4 B"),
            (">= load", ">= load"),
        ])
    func `A requirement has one spelling`(text: String, canonical: String) throws {
        #expect(try Requirement(text).description == canonical)
        #expect(try Requirement(canonical).description == canonical)
    }

    @Test(
        arguments: [
            ("0.92", "has no comparison, expected >=, <=, ==, > or <"),
            (">=", "has no bound, expected a number, a size or a stage"),
            (">= 1 points", "has points without a stage to count from"),
            (">= load - 1 %", "has a difference in %, which could be of the measure or of the whole"),
            (">= load 1 points", "has no difference after 'load', expected '+' or '-' and a number"),
            (">= load - much", "has no difference after 'load', expected '+' or '-' and a number"),
            (">= 1 TB", "has no bound, expected a number, a size or a stage"),
        ])
    func `What is no requirement is refused with the reason`(text: String, problem: String) {
        let fault = #expect(throws: Requirement.Fault.self) { try Requirement(text) }
        #expect(fault?.problem == problem)
    }

    @Test(
        arguments: [
            (">= load - 1 points", 0.92, 0.93, true), (">= load - 1 points", 0.9199, 0.93, false),
            (">= load - 1 points", 0.57, 0.58, true), ("> load", 0.5, 0.5, false),
            ("<= load + 512 B", 1512, 1000, true),
        ] as [(String, Double, Double?, Bool)])
    func `A bound that is relative to a stage is exact`(text: String, measured: Double, reference: Double?, isMet: Bool)
        throws
    {
        #expect(try Requirement(text).isMet(by: measured, reference: reference) == isMet)
    }

    @Test(
        arguments: [
            ("<= 0.5 KiB", 512, true), ("<= 0.5 KiB", 513, false), ("< 0.5 KiB", 512, false), (">= 93 %", 0.93, true),
            (">= 0.93", 0.9299, false), ("== 384", 384, true), ("> 1 MB", 1_000_000, false), (">= 0", .nan, false),
        ] as [(String, Double, Bool)])
    func `A measure meets its bound or not`(text: String, measured: Double, isMet: Bool) throws {
        #expect(try Requirement(text).isMet(by: measured, reference: nil) == isMet)
    }
}
