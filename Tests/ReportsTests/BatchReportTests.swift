import Documents
import Execution
import Foundation
import Planning
import Reports
import Testing

#if canImport(FoundationXML)
    import FoundationXML
#endif

@Suite struct BatchReportTests {
    private struct Nothing: Holdings {
        func state(of key: StageKey) -> RecordState { .absent }
        func latestIngredients(recipe: String, stage: String) -> JSONValue? { nil }
        func latestIngredients(kind: String, reads: JSONValue) -> JSONValue? { nil }
    }

    private func run(_ summary: RunSummary) throws -> RunRecord {
        let context = ExecutionContext(instructionSet: "avx2", versions: ["pare": "0.1.0"])
        var plan = Sample.graph().recipes
        plan[0].stages[2].options = ["require": ["accuracy": ">= load - 1 points"]]
        return try #require(
            RunRecord.all(
                of: summary, plan: try RunPlan(StageGraph(plan), holdings: Nothing()), context: context
            ).first)
    }

    private func outcome(_ entries: [BatchOutcome.Entry], _ status: Int32, command: String? = nil) -> BatchOutcome {
        BatchOutcome(entries: entries, exitStatus: status, seconds: 12.6, version: "0.1.0", command: command)
    }

    private func entry(_ summary: RunSummary, differences: [String]? = nil) throws -> BatchOutcome.Entry {
        BatchOutcome.Entry(name: "road-damage", run: try run(summary), differences: differences)
    }

    private func key(_ index: Int) -> String { Sample.stage(index).key.description }

    @Test func `a run is a suite with a case for each stage, goal and requirement`() throws {
        #expect(
            try JUnitReport(outcome([entry(Sample.done, differences: [])], 3)).text == """
                <?xml version="1.0" encoding="UTF-8"?>
                <testsuites name="pare" tests="8" failures="2" errors="0" time="12.600">
                  <testsuite name="road-damage" tests="8" failures="2" errors="0" skipped="0" time="12.600" timestamp="1970-01-01T00:00:00">
                    <properties>
                      <property name="pare" value="0.1.0"/>
                      <property name="instructionSet" value="avx2"/>
                      <property name="folder" value=".pare/runs/road-damage"/>
                      <property name="key.load" value="\(key(0))"/>
                      <property name="key.prune" value="\(key(1))"/>
                      <property name="key.evaluate" value="\(key(2))"/>
                    </properties>
                    <testcase classname="road-damage" name="lock" time="0.000"/>
                    <testcase classname="road-damage" name="load" time="0.000">
                      <system-out>1,586 parameters, 6.2 KiB</system-out>
                    </testcase>
                    <testcase classname="road-damage" name="prune" time="12.340">
                      <system-out>377 parameters, 474 B, goal 383 met</system-out>
                    </testcase>
                    <testcase classname="road-damage" name="prune: goal 383" time="0.000"/>
                    <testcase classname="road-damage" name="evaluate" time="0.200">
                      <system-out>accuracy 92.8 % (155 of 167), 1 of 3 requirements met</system-out>
                    </testcase>
                    <testcase classname="road-damage" name="evaluate: accuracy &gt;= load - 1 points" time="0.000"/>
                    <testcase classname="road-damage" name="evaluate: memory &lt;= 0.4 KiB" time="0.000">
                      <failure message="measured 474 B, required &lt;= 0.4 KiB (409.6 B)" type="requirement"/>
                    </testcase>
                    <testcase classname="road-damage" name="evaluate: loss &lt;= 0.5" time="0.000">
                      <failure message="measured not finite, required &lt;= 0.5 (0.5)" type="requirement"/>
                    </testcase>
                  </testsuite>
                </testsuites>

                """)
    }

    @Test func `a stage that failed is an error, and what it kept from running is skipped`() throws {
        let text = JUnitReport(outcome([try entry(Sample.failed)], 1)).text
        #expect(
            text.contains(
                """
                    <testcase classname="road-damage" name="prune" time="3.000">
                      <error message="layer 'conv1d_1': the loss is not finite" type="stage"/>
                    </testcase>
                    <testcase classname="road-damage" name="evaluate" time="0.000">
                      <skipped message="needs prune, which failed"/>
                    </testcase>
                    <testcase classname="road-damage" name="evaluate: accuracy &gt;= load - 1 points" time="0.000">
                      <skipped message="not measured, as 'evaluate' did not end"/>
                    </testcase>
                """))
        #expect(text.contains(#"tests="4" failures="0" errors="1" skipped="2" time="3.100""#))
        #expect(
            JUnitReport(outcome([try entry(Sample.interrupted)], 130)).text.contains(
                #"<error message="interrupted: the same command goes on from there" type="interrupted"/>"#))
    }

    @Test func `a goal that was missed, and a difference from the lock file, are failures`() throws {
        let summary = RunSummary(
            stages: [Sample.report(1, .ran, result: Sample.missed, met: false)], exitStatus: .requirementNotMet,
            seconds: 61, folders: ["out"])
        let text = JUnitReport(outcome([try entry(summary, differences: ["a changed", "b changed"])], 1)).text
        #expect(text.contains(#"<failure message="reached 391, requested 383" type="goal"/>"#))
        #expect(
            text.contains("<failure message=\"2 differences from the lock file\" type=\"lock\">a changed\nb changed<"))
    }

    @Test func `a recipe with faults is an error, and the others were not run`() {
        let entries = [
            BatchOutcome.Entry(name: "a.yaml", fault: "a.yaml:1:1: error: unknown\n1 | x: y\n  | ^\n1 error\n"),
            BatchOutcome.Entry(name: "b.yaml"),
        ]
        #expect(
            JUnitReport(outcome(entries, 2)).text == """
                <?xml version="1.0" encoding="UTF-8"?>
                <testsuites name="pare" tests="2" failures="0" errors="1" time="12.600">
                  <testsuite name="a.yaml" tests="1" failures="0" errors="1" skipped="0" time="0.000">
                    <properties>
                      <property name="pare" value="0.1.0"/>
                    </properties>
                    <testcase classname="a.yaml" name="recipe" time="0.000">
                      <error message="a.yaml:1:1: error: unknown" type="recipe">a.yaml:1:1: error: unknown
                1 | x: y
                  | ^
                1 error
                </error>
                    </testcase>
                  </testsuite>
                  <testsuite name="b.yaml" tests="1" failures="0" errors="0" skipped="1" time="0.000">
                    <properties>
                      <property name="pare" value="0.1.0"/>
                    </properties>
                    <testcase classname="b.yaml" name="recipe" time="0.000">
                      <skipped message="not run, as another recipe could not be"/>
                    </testcase>
                  </testsuite>
                </testsuites>

                """)
        #expect(
            MarkdownReport(outcome(entries, 2)).text == """
                ## pare: a recipe is invalid

                | recipe | result |
                |---|---|
                | a.yaml | could not run |
                | b.yaml | not run |

                **a.yaml**

                ```text
                a.yaml:1:1: error: unknown
                1 | x: y
                  | ^
                1 error
                ```

                """)
    }

    /// Every character that could break a document.
    private static let hostile =
        String(String.UnicodeScalarView((0...0x2FF).compactMap { Unicode.Scalar(UInt32($0)) }))
        + "\u{2028}\u{FFFE}\u{FFFF}\u{1F600} ]]> <![CDATA[ <!-- --> &amp; ``` ````"

    @Test func `no name and no message can break the XML`() throws {
        let graph = Sample.graph([Self.hostile])
        let summary = RunSummary(
            stages: [
                Sample.report(0, .failed, message: Self.hostile, graph: graph),
                Sample.report(1, .skipped, message: Self.hostile, graph: graph),
            ], exitStatus: .failed, seconds: 1, folders: [Self.hostile])
        let run = try #require(RunRecord.all(of: summary).first)
        let entry = BatchOutcome.Entry(
            name: Self.hostile, run: run, fault: Self.hostile, differences: [Self.hostile])
        let text = JUnitReport(outcome([entry], 1)).text

        final class Reader: NSObject, XMLParserDelegate {
            var messages: [String] = []
            func parser(
                _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
                attributes: [String: String]
            ) { if name == "skipped" { messages.append(attributes["message"] ?? "") } }
        }
        let parser = XMLParser(data: Data(text.utf8))
        let reader = Reader()
        parser.delegate = reader
        #expect(parser.parse(), "\(String(describing: parser.parserError))")
        // What XML can hold arrives as it was; the rest is replaced.
        let expected = Self.hostile.unicodeScalars.map { scalar in
            let isLost = scalar.value < 0x20 && !"\t\n\r".unicodeScalars.contains(scalar) || scalar.value == 0xFFFE
            return isLost || scalar.value == 0xFFFF ? "\u{FFFD}" : String(scalar)
        }
        #expect(reader.messages == [expected.joined()])
    }

    @Test func `a page shows networks before and after, requirements, failures and the command that goes on`() throws {
        let command = "pare run 'a b.yaml'"
        let entries = [
            try entry(Sample.done, differences: []), try entry(Sample.failed, differences: ["input `x` <b>"]),
        ]
        #expect(
            MarkdownReport(outcome(entries, 1, command: command)).text == """
                ## pare: failed

                | recipe | result | parameters | memory | accuracy | time |
                |---|---|---|---|---|---|
                | road-damage | a requirement or a goal was not met | 1,586 → 377 | 6.2 KiB → 474 B | 93.4 % (156 of 167) → 92.8 % (155 of 167) | 12.6 s |
                | road-damage | failed; differs from its lock file | 1,586 | 6.2 KiB |  | 3.1 s |

                | recipe | stage | of | required | measured |  |
                |---|---|---|---|---|---|
                | road-damage | prune | goal | 383 | 377 | met |
                | road-damage | evaluate | accuracy | >= load - 1 points (92.4 %) | 92.8 % | met |
                | road-damage | evaluate | memory | &lt;= 0.4 KiB (409.6 B) | 474 B | **not met** |
                | road-damage | evaluate | loss | &lt;= 0.5 (0.5) | not finite | **not met** |

                - **road-damage**: stage `prune` failed: layer 'conv1d\\_1': the loss is not finite

                - **road-damage**: input \\`x\\` &lt;b>

                Go on from there, once the cause is removed, with

                ```sh
                pare run 'a b.yaml'
                ```

                """)
    }

    @Test func `no name and no message can break the page`() throws {
        let entry = BatchOutcome.Entry(name: "a|b\n| c", fault: "````\n| not a table |")
        let lines = MarkdownReport(outcome([entry], 2)).text.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines[4] == "| a\\|b \\| c | could not run |")
        #expect(lines[6...] == ["**a\\|b \\| c**", "", "`````text", "````", "| not a table |", "`````", ""])
    }
}
