import Documents
import Reports
import Testing

@Suite struct AnalysisReportTests {
    static let analysis: JSONValue = [
        "layers": [
            [
                "name": "conv", "kind": "convolution1d", "outputShape": [16, 200], "learnables": 784, "states": 0,
                "macs": 153_600, "memoryBytes": 3136, "activationBytes": 12_800,
                "prune": ["filters": 16, "minimum": 3, "partners": ["a", "b", "c", "d", "e"]],
                "project": [
                    "minimumLearnables": 51,
                    "atExplainedVariance": [["level": 0.9, "learnables": 151], ["level": 0.95, "learnables": 251]],
                ],
                "quantize": ["memoryBytes": 901],
            ],
            [
                "name": "bn", "kind": "batchNormalization", "outputShape": [16, 200], "learnables": 32, "states": 32,
                "macs": 3200, "memoryBytes": 256, "activationBytes": 12_800,
                "project": ["minimumLearnables": 32, "atExplainedVariance": [], "reason": "no projection"],
                "quantize": ["memoryBytes": 0],
            ],
            [
                "name": "relu", "kind": "relu", "outputShape": [16, 200], "learnables": 0, "states": 0, "macs": 0,
                "memoryBytes": 0, "activationBytes": 12_800, "quantize": ["memoryBytes": 0],
            ],
            [
                "name": "lstm", "kind": "lstm", "outputShape": [100], "learnables": 45_200, "states": 0,
                "macs": 9, "memoryBytes": 180_800, "activationBytes": 400,
                "prune": ["filters": 100, "minimum": 100, "partners": [], "reason": "it keeps its channels"],
                "project": ["minimumLearnables": 45_200, "atExplainedVariance": [], "reason": "no projection"],
                "quantize": ["reason": "none yet"],
            ],
        ],
        "techniques": [
            ["name": "as it is", "learnables": 1522, "totalParameters": 1586, "memoryBytes": 6352, "reduction": 0],
            ["name": "prune", "learnables": 248, "totalParameters": 260, "memoryBytes": 1048, "reduction": 0.8361],
        ],
        "activationMemory": ["float32": 25_600, "int8": 6400],
    ]

    @Test func `layers stand above what each technique leaves`() {
        #expect(
            AnalysisReport(Self.analysis).text == """
                layer  kind                output    learnables     memory  filters  stay  project to  at 95 %    int8  why not, and what goes together
                conv   convolution1d       16 x 200         784    3.1 KiB       16     3          51      251   901 B  goes with a, b, c and 2 more
                bn     batchNormalization  16 x 200          32      256 B                                      folded
                lstm   lstm                100           45,200  176.6 KiB      100   100                               prune: it keeps its channels; project: no projection; int8: none yet

                at the most  parameters   memory    less
                as it is          1,586  6.2 KiB
                prune               260  1.0 KiB  83.6 %

                activations of one example: 25.0 KiB in float32, 6.3 KiB in int8

                """)
    }

    @Test func `an inspection lists every layer and the whole`() {
        let network: JSONValue = [
            "learnables": 64, "states": 32, "memoryBytes": 384, "macs": 9600, "activationMemoryBytes": 12_800,
            "layers": [
                [
                    "name": "conv", "kind": "convolution1d", "outputShape": [16, 200], "learnables": 64, "states": 32,
                    "memoryBytes": 384, "macs": 9600, "activationBytes": 12_800,
                ],
                [
                    "name": "relu", "kind": "relu", "outputShape": [16, 200], "learnables": 0, "states": 0,
                    "memoryBytes": 0, "macs": 0, "activationBytes": 12_800,
                ],
            ],
        ]
        #expect(
            InspectionReport(network).text == """
                layer   kind           output    learnables  states  memory   macs  activations
                conv    convolution1d  16 x 200          64      32   384 B  9,600     12.5 KiB
                relu    relu           16 x 200                                        12.5 KiB
                in all                                   64      32   384 B  9,600     12.5 KiB

                """)
    }
}
