import Documents
import Foundation
import Testing

@Suite struct JSONValueTests {
    @Test func `the canonical text is sorted, without blanks, and pinned`() {
        let value: JSONValue = [
            "b": [1, 2.5, "é\n\"", nil, true], "a": ["y": 3.0, "x": -0.001], "B": .number(1e300), "empty": [:],
        ]
        #expect(
            value.canonicalText
                == #"{"B":1e+300,"a":{"x":-0.001,"y":3},"b":[1,2.5,"é\n\"",null,true],"empty":{}}"#)
        #expect(
            Digest(of: value).hex == "d5e62946534c0b28b72857a81200a1b1e3ffa9c0233018e8d0ea1fda9289b21a")
    }

    @Test func `numbers are read as they were written`() throws {
        var state: UInt64 = 1
        for _ in 0..<20_000 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let number = Double(bitPattern: state)
            guard number.isFinite else { continue }
            let text = JSONValue.number(number).canonicalText
            #expect(try JSONValue(parsing: text).double == number)
            #expect(try JSONValue(parsing: text).canonicalText == text)
        }
        #expect(try JSONValue(parsing: "9007199254740993") == .integer(9_007_199_254_740_993))
        #expect(try JSONValue(parsing: "-0").canonicalText == "0")
    }

    @Test func `what is not finite is written as null`() {
        #expect(JSONValue.array([.number(.nan), .number(.infinity)]).canonicalText == "[null,null]")
    }

    @Test(arguments: [
        ("", "expected a value at byte 0"), ("{\"a\":1,}", "expected the name of a member at byte 7"),
        ("[1 2]", "expected ',' or ']' at byte 3"), ("{\"a\":1,\"a\":2}", "the member \"a\" stands twice at byte 12"),
        ("\"\\ud800\"", "half of a surrogate pair at byte 7"), ("01", "expected a value at byte 2"),
        ("1e999", "the number 1e999 is too large at byte 5"),
        ("true false", "something follows the document at byte 5"),
        ("\"abc", "a string does not end at byte 4"),
    ])
    func `what is no JSON is refused with its place`(text: String, problem: String) {
        #expect(throws: JSONError(description: "not a JSON document: \(problem)")) { try JSONValue(parsing: text) }
    }

    @Test func `deep nesting is refused and does not exhaust the stack`() {
        let text = String(repeating: "[", count: 100_000)
        #expect(throws: JSONError(description: "not a JSON document: nested deeper than 64 levels at byte 64")) {
            try JSONValue(parsing: text)
        }
    }

    @Test func `escapes are read and written`() throws {
        let value = try JSONValue(parsing: #""\u0041\ud83d\ude00\t\/""#)
        #expect(value == .string("A😀\t/"))
        #expect(JSONValue.string("\u{1}").canonicalText == "\"\\u0001\"")
    }

    @Test func `text for people reads back as the same value`() throws {
        let value: JSONValue = ["a": [[1, 2], [3]], "b": [1, 2], "c": ["d": "e"]]
        #expect(try JSONValue(parsing: value.prettyText) == value)
        #expect(
            value.prettyText
                == "{\n  \"a\": [\n    [1, 2],\n    [3]\n  ],\n  \"b\": [1, 2],\n  \"c\": {\"d\": \"e\"}\n}\n")
    }

    @Test func `a digest is that of the standard`() {
        #expect(
            Digest(of: Data("abc".utf8)).hex == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        #expect(Digest(hex: "BA78") == nil)
    }
}
