import Networks
import Tensors
import TestSupport
import Testing

/// The counts of the published examples, exactly.
@Suite struct CountsTests {
    @Test func `the road network has 1,586 parameters`() throws {
        let counts = try ExampleNetworks.road().counts
        #expect(counts.learnables == 1_522)
        #expect(counts.states == 64)
        #expect(counts.totalParameters == 1_586)
        #expect(4 * counts.totalParameters == 6_344)
        // Mean and deviation of the input are neither learnables nor states, but inference needs their bytes.
        #expect(counts.constants == 2)
        #expect(counts.float32Bytes == 6_352)
        // Convolutions 48 and 768 a step, batch norms 16 each, dense layers 512 and 64.
        #expect(counts.macs == 200 * (48 + 768 + 2 * 16) + 512 + 64)
    }

    @Test func `with 7 and 13 filters it has 908`() throws {
        let counts = try ExampleNetworks.road(filters: [7, 13]).counts
        #expect(counts.learnables == 868)
        #expect(counts.states == 40)
    }

    @Test func `the digits network has 123,090 learnables in 14 rows`() throws {
        let network = try ExampleNetworks.digits()
        #expect(network.counts.learnables == 123_090)
        #expect(network.counts.states == 120)
        #expect(rows(network, .learnable) == 14)
        #expect(rows(network, .state) == 6)
    }

    @Test func `the residual network has 273,258 learnables in 86 rows`() throws {
        let network = try ExampleNetworks.resNet()
        #expect(network.counts.learnables == 273_258)
        #expect(rows(network, .learnable) == 86)
        #expect(rows(network, .state) == 42)
    }

    @Test func `the vowels network has 46,109 learnables`() throws {
        let network = try ExampleNetworks.vowels()
        let lstm = try #require(network.nodes.first { $0.name == "lstm" })
        #expect(network.counts(of: lstm).learnables == 45_200)
        #expect(network.counts.learnables == 46_109)
        #expect(network.counts.totalParameters == 46_109)
        // Four gates of 100 units read 12 channels and 100 units at each of 29 steps.
        #expect(network.counts.macs == 1_299_200 + 900)
    }

    private func rows(_ network: Network, _ role: ParameterSpecification.Role) -> Int {
        network.specifications.filter { $0.specification.role == role }.count
    }
}
