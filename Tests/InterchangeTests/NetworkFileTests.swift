import Foundation
import Interchange
import Networks
import Tensors
import TestSupport
import Testing

@Suite struct NetworkFileTests {
    @Test(arguments: UInt64(0)..<60)
    func `a random network reads back equal, and so do its bytes`(seed: UInt64) throws {
        let network = try RandomNetworks.sequenceClassifier(seed: seed)
        let data = NetworkFile.encode(network)
        let read = try NetworkFile.decode(data)
        #expect(read == network, "seed \(seed)")
        #expect(NetworkFile.encode(read) == data, "seed \(seed)")
    }

    @Test func `the published networks read back equal, with parameters and without`() throws {
        for network in [try ExampleNetworks.road(), try ExampleNetworks.digits(), try ExampleNetworks.resNet()] {
            #expect(try NetworkFile.decode(NetworkFile.encode(network)) == network)
            let filled = network.initialized(seed: 1, stream: "test")
            #expect(try NetworkFile.decode(NetworkFile.encode(filled)) == filled)
        }
    }

    @Test func `bfloat16 takes half of the bytes and rounds once`() throws {
        let network = try RandomNetworks.sequenceClassifier(seed: 4)
        let data = NetworkFile.encode(network, as: .bfloat16)
        let read = try NetworkFile.decode(data, as: .bfloat16)
        #expect(read.architecture == network.architecture)
        for (name, tensor) in network.parameters {
            #expect(read.parameters[name] == tensor.roundedToBFloat16.widenedToFloat32)
        }
        #expect(NetworkFile.encode(read, as: .bfloat16) == data)
        let file = try SafetensorsFile(decoding: data)
        #expect(file.tensors.values.reduce(0) { $0 + $1.byteCount } == network.counts.float32Bytes / 2)
        #expect(
            throws: InterchangeError(
                .otherForm, "the file holds a network of the form 'bfloat16'; expected 'float32'")
        ) { try NetworkFile.decode(data) }
    }

    @Test func `what a layer was projected from is kept`() throws {
        let network = try Network(nodes: [
            Network.Node("input", SequenceInput(channels: 2, steps: 3), inputs: []),
            Network.Node("conv_in", Convolution1D(filters: 1, filterSize: 1), inputs: ["input"], projectedFrom: "conv"),
        ])
        #expect(try NetworkFile.decode(NetworkFile.encode(network)).nodes[1].projectedFrom == "conv")
    }

    @Test func `the text of an architecture is pinned`() throws {
        let network = try Network(nodes: [
            Network.Node("input", SequenceInput(channels: 2, steps: 3), inputs: []),
            Network.Node("bn", BatchNormalization(), inputs: ["input"]),
            Network.Node("relu", ReLU(), inputs: ["bn"], projectedFrom: "a/b"),
        ])
        #expect(
            NetworkFile.architectureText(of: network)
                == #"{"layers":[{"attributes":{"channels":2,"normalization":"none","steps":3},"inputs":[],"#
                + #""kind":"sequenceInput","name":"input"},{"attributes":{"epsilon":1e-05,"momentum":0.1},"#
                + #""inputs":["input"],"kind":"batchNormalization","name":"bn"},{"inputs":["bn"],"kind":"relu","#
                + #""name":"relu","projectedFrom":"a/b"}],"version":1}"#)
    }

    @Test(arguments: UInt64(0)..<3)
    func `a network cut anywhere is refused`(seed: UInt64) throws {
        let data = NetworkFile.encode(try RandomNetworks.sequenceClassifier(seed: seed))
        for count in 0..<data.count where count < 2000 || count % 7 == 0 {
            #expect(throws: InterchangeError.self, "seed \(seed), cut to \(count)") {
                try NetworkFile.decode(data.prefix(count))
            }
        }
    }

    @Test(arguments: UInt64(0)..<3)
    func `a flipped byte of the header is read or refused, but never stops the program`(seed: UInt64) throws {
        let data = NetworkFile.encode(try RandomNetworks.sequenceClassifier(seed: seed))
        let header = 8 + Int(data[0]) + Int(data[1]) << 8
        var random = RandomStream(seed: seed, name: "damage")
        var refused = 0
        for index in 0..<header {
            var damaged = data
            damaged[index] ^= UInt8(1 + random.below(255))
            if (try? NetworkFile.decode(damaged)) == nil { refused += 1 }
        }
        #expect(refused > header / 2, "seed \(seed): \(refused) of \(header)")
    }

    private static func file(_ metadata: [String: String], _ tensors: [String: Tensor] = [:]) -> Data {
        SafetensorsFile(metadata: metadata, tensors: tensors).encoded
    }

    static let faults: [(Data, InterchangeError)] = [
        (
            file([:], ["w": Tensor([1])]),
            InterchangeError(
                .invalidNetwork, "the file holds tensors, but no network of ours: its metadata have no 'pare.form'")
        ),
        (
            file(["pare.form": "float32"]),
            InterchangeError(
                .invalidNetwork, "the file holds tensors, but no network of ours: its metadata have no 'pare.network'")
        ),
        (
            file(["pare.form": "int8", "pare.network": "{}"]),
            InterchangeError(.otherForm, "the file holds a network of the form 'int8'; expected 'float32'")
        ),
        (
            file(["pare.form": "float32", "pare.network": #"{"version":2}"#]),
            InterchangeError(
                .unsupportedVersion, "the network is described in version 2; this program reads version 1")
        ),
        (
            file(["pare.form": "float32", "pare.network": #"{"version":1,"layers":[{"name":"a"}]}"#]),
            InterchangeError(.invalidNetwork, "'pare.network' in the metadata does not describe layers")
        ),
        (
            file(["pare.form": "float32", "pare.network": #"{"version":1,"layers":[{"name":"a","kind":"wish"}]}"#]),
            InterchangeError(
                .invalidNetwork,
                "layer 'a': unknown layer kind 'wish'; known: "
                    + LayerKinds.all.map { $0.kind }.joined(separator: ", "))
        ),
        (
            file(["pare.form": "float32", "pare.network": #"{"version":1,"layers":[]}"#], ["w": Tensor([1])]),
            InterchangeError(.invalidNetwork, "no layer has a parameter 'w'")
        ),
    ]

    @Test(arguments: faults)
    func `a file without a sound network is refused with the reason`(data: Data, error: InterchangeError) {
        #expect(throws: error) { try NetworkFile.decode(data) }
    }
}
