internal import CPNG
internal import Kernels

/// Decodes one PNG image by libpng's simplified interface.
enum PNGImage {
    /// Writes the pixels as 0...255, channel by channel.
    ///
    /// Palettes become colours. Grey is written to each of three colours. Alpha is kept for four channels; for fewer it
    /// has to be opaque, and is dropped. Colour for one channel, 16 bits a channel, and any other size are refused.
    ///
    /// - Parameters:
    ///   - name: What messages call the file.
    ///   - input: Of 1, 3 or 4 channels.
    static func decode(
        _ bytes: [UInt8], _ name: String, as input: DatasetDescription.Input, to target: Floats
    ) throws(DatasetError) {
        let (height, width, channels) = (input.extent[0], input.extent[1], input.channels.count)
        var image = unsafe png_image()
        unsafe image.version = UInt32(PNG_IMAGE_VERSION)
        defer { unsafe png_image_free(&image) }
        // The image refers to the bytes until it is finished.
        let pixels: Result<[UInt8], DatasetError> = unsafe bytes.withUnsafeBytes { memory in
            guard unsafe png_image_begin_read_from_memory(&image, memory.baseAddress, memory.count) != 0 else {
                return .failure(.notPNG(name))
            }
            let (foundWidth, foundHeight) = unsafe (Int(image.width), Int(image.height))
            guard (foundHeight, foundWidth) == (height, width) else {
                return .failure(.size(name, (foundHeight, foundWidth), (height, width)))
            }
            let format = unsafe image.format
            guard format & png_uint_32(PNG_FORMAT_FLAG_LINEAR) == 0 else { return .failure(.depth(name)) }
            guard channels > 1 || format & png_uint_32(PNG_FORMAT_FLAG_COLOR) == 0 else {
                return .failure(.colour(name))
            }
            unsafe image.format = png_uint_32(PNG_FORMAT_FLAG_COLOR | PNG_FORMAT_FLAG_ALPHA)
            var pixels = [UInt8](repeating: 0, count: 4 * height * width)
            guard unsafe png_image_finish_read(&image, nil, &pixels, 0, nil) != 0,
                unsafe image.warning_or_error & 2 == 0
            else { return .failure(.notPNG(name)) }
            return .success(pixels)
        }
        let rgba = try pixels.get()
        if channels < 4, stride(from: 3, to: rgba.count, by: 4).contains(where: { rgba[$0] != 255 }) {
            throw .transparent(name, channels)
        }
        for channel in 0..<channels {
            for pixel in 0..<height * width {
                unsafe target[channel * height * width + pixel] = Float(rgba[4 * pixel + channel])
            }
        }
    }
}

// MARK: - Messages

extension DatasetError {
    fileprivate static func notPNG(_ file: String) -> Self {
        Self(.malformedFile, file: file, "no PNG image, or a damaged one; write it anew or leave it out")
    }

    fileprivate static func size(_ file: String, _ found: (Int, Int), _ expected: (Int, Int)) -> Self {
        Self(
            .wrongShape, file: file,
            "the image has \(found.0) x \(found.1) pixels (height x width); expected \(expected.0) x \(expected.1): "
                + "scale all images to one size first")
    }

    fileprivate static func depth(_ file: String) -> Self {
        Self(.unsupportedContent, file: file, "the image has 16 bits a channel; convert it to 8")
    }

    fileprivate static func colour(_ file: String) -> Self {
        Self(
            .wrongShape, file: file,
            "the image has colours, and the data set one channel; convert it to grey, or write 'channels: 3'")
    }

    fileprivate static func transparent(_ file: String, _ channels: Int) -> Self {
        Self(
            .wrongShape, file: file,
            "the image is transparent in places, and the data set has \(channels) channel\(channels == 1 ? "" : "s"); "
                + "lay it on a ground first, or write 'channels: 4'")
    }
}
