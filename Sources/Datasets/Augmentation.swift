package import Kernels
package import Tensors

/// Changes training examples a little, so that a network does not learn them by heart; the names in files are those of
/// recipes.
///
/// What happens to an example is drawn by seed, epoch and row alone: the same whatever the batch, the number of threads,
/// and where a stopped training goes on. Steps that leave an example are replaced by zeros, in raw values, before the
/// input layer normalizes. Crop and shift add up and come first, then flips, scale and noise.
package struct Augmentation: Codable, Hashable, Sendable {
    /// Pixels or steps of zeros put around an example, of which a part of the old size is cut out at random.
    ///
    /// For images see He et al. 2016, section 4.2.
    package var cropPadding = 0
    /// Whether images are mirrored, left to right, half of the time.
    package var flipHorizontal = false
    /// Whether images are mirrored, top to bottom, half of the time.
    package var flipVertical = false
    /// The most pixels (in each direction) or steps by which an example is moved either way.
    package var shift = 0
    /// The most by which all values are multiplied: a factor from `1 - scale` to `1 + scale`.
    package var scale: Float = 0
    /// The standard deviation of the normal noise added to each value.
    package var noise: Float = 0

    package init() {}

    private enum CodingKeys: String, CodingKey {
        case cropPadding = "RandomCropPadding"
        case flipHorizontal = "RandomHorizontalFlip"
        case flipVertical = "RandomVerticalFlip"
        case shift = "RandomShift"
        case scale = "RandomScale"
        case noise = "NoiseDeviation"
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        cropPadding = try container.decodeIfPresent(Int.self, forKey: .cropPadding) ?? 0
        flipHorizontal = try container.decodeIfPresent(Bool.self, forKey: .flipHorizontal) ?? false
        flipVertical = try container.decodeIfPresent(Bool.self, forKey: .flipVertical) ?? false
        shift = try container.decodeIfPresent(Int.self, forKey: .shift) ?? 0
        scale = try container.decodeIfPresent(Float.self, forKey: .scale) ?? 0
        noise = try container.decodeIfPresent(Float.self, forKey: .noise) ?? 0
    }

    /// Whether nothing is changed.
    package var isIdentity: Bool { self == Augmentation() }
}

// MARK: - Applying

/// An augmentation with the memory that it needs; used by one thread at a time.
package final class Augmenter {
    private let options: Augmentation
    private let shape: Shape
    private let seed: UInt64
    private let stream: String
    private let scratch: FloatBuffer

    /// - Parameters:
    ///   - shape: Of one example: `[channels, steps]` or `[channels, height, width]`.
    ///   - stream: What the names of the random streams begin with.
    package init(_ options: Augmentation, shape: Shape, seed: UInt64, stream: String) {
        self.options = options
        self.shape = shape
        self.seed = seed
        self.stream = stream
        scratch = FloatBuffer(count: shape.count)
    }

    /// Changes gathered examples in place.
    ///
    /// - Parameters:
    ///   - examples: `[rows.count] + shape`, raw.
    ///   - rows: Which examples of the data set they are.
    ///   - steps: The valid steps of each of these examples, if they differ; what lies beyond stays zero.
    ///   - epoch: The number of the epoch, from 0.
    package func apply(to examples: Floats, rows: ArraySlice<Int>, steps: [Int]? = nil, epoch: Int) {
        var random = RandomStream(seed: seed, name: "\(stream)/augment/\(epoch)")
        for (index, row) in rows.enumerated() {
            random.enter(at: UInt64(row) << 32)
            unsafe change(examples + index * shape.count, steps: steps?[index] ?? shape.dimensions.last ?? 1, &random)
        }
    }

    private func change(_ example: Floats, steps: Int, _ random: inout RandomStream) {
        let width = shape.dimensions.last ?? 1
        let height = shape.dimensions.count == 3 ? shape[1] : 1
        let isImage = shape.dimensions.count == 3
        // Every draw is made whether it is used or not, so that one option does not change what another one draws.
        let crop = (random.below(2 * options.cropPadding + 1), random.below(2 * options.cropPadding + 1))
        let flips = (random.below(2) == 1, random.below(2) == 1)
        let shift = (random.below(2 * options.shift + 1), random.below(2 * options.shift + 1))
        let factor = 1 + options.scale * (2 * random.uniform() - 1)
        let move = (
            x: crop.0 - options.cropPadding + shift.0 - options.shift,
            y: isImage ? crop.1 - options.cropPadding + shift.1 - options.shift : 0
        )
        let mirror = (x: isImage && options.flipHorizontal && flips.0, y: isImage && options.flipVertical && flips.1)
        if move != (0, 0) || mirror != (false, false) {
            unsafe scratch.pointer.update(from: example, count: shape.count)
            for channel in 0..<shape[0] {
                for y in 0..<height {
                    for x in 0..<steps {
                        let (from, line) = (
                            (mirror.x ? steps - 1 - x : x) - move.x, (mirror.y ? height - 1 - y : y) - move.y
                        )
                        let isInside = from >= 0 && from < steps && line >= 0 && line < height
                        unsafe example[(channel * height + y) * width + x] =
                            isInside ? scratch.pointer[(channel * height + line) * width + from] : 0
                    }
                }
            }
        }
        guard options.scale > 0 || options.noise > 0 else { return }
        for line in 0..<shape[0] * height {
            for x in 0..<steps {
                let noise = options.noise > 0 ? options.noise * Float(random.normal()) : 0
                unsafe example[line * width + x] = example[line * width + x] * factor + noise
            }
        }
    }
}
