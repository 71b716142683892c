internal import Kernels
internal import Tensors

/// A folder with a folder of PNG images for each class, which has the class's name.
///
/// Images follow each other by class, in the order of the labels, then by name, in the order of its UTF-8 bytes. They
/// are decoded each time they are read, unless they are held in memory.
struct ImageFolder: ExampleSource {
    private let folder: DataFolder
    private let input: DatasetDescription.Input
    private let classes: [String]
    private let files: [String]
    private let labels: [Int]

    /// Lists the images.
    ///
    /// - Throws: ``DatasetError`` if a folder is no class's, or a class has none.
    init(
        _ name: String, in folder: DataFolder, describedBy description: DatasetDescription
    ) throws(DatasetError) {
        guard case .classification(let classes) = description.task else {
            throw DatasetError(
                .wrongShape, file: name, "folders of images have classes; use another format to predict values")
        }
        guard [1, 3, 4].contains(description.input.channels.count), description.input.isImage else {
            throw DatasetError(
                .wrongShape, file: name, "a PNG image has 1, 3 or 4 channels; write 'kind: image' with those")
        }
        let names = try folder.names(in: name)
        if let stranger = names.first(where: { !classes.contains($0) }) {
            throw .unknownFolder(name, stranger, classes)
        }
        var (files, labels) = ([String](), [Int]())
        for (label, className) in classes.enumerated() where names.contains(className) {
            let images = try folder.names(in: "\(name)/\(className)")
            if let other = images.first(where: { !$0.lowercased().hasSuffix(".png") }) {
                throw .notAnImage("\(name)/\(className)/\(other)")
            }
            files += images.map { "\(name)/\(className)/\($0)" }
            labels += images.map { _ in label }
        }
        guard !files.isEmpty else { throw DatasetError(.emptyFile, file: name, "the folder has no image") }
        (self.folder, self.classes, self.files, self.labels) = (folder, classes, files, labels)
        input = description.input
    }

    var count: Int { files.count }
    var shape: Shape { input.shape }

    /// Decodes every image once.
    ///
    /// - Throws: ``DatasetError`` that names the file.
    func table() throws(DatasetError) -> ExampleTable {
        let scratch = FloatBuffer(count: shape.count)
        for row in 0..<count { unsafe try read(row, to: scratch.pointer) }
        return ExampleTable(source: self, targets: .classes(names: classes, labels: labels))
    }

    func read(_ row: Int, to target: Floats) throws(DatasetError) {
        let file = try folder.file(files[row])
        unsafe try PNGImage.decode(file.read(0..<file.count), file.name, as: input, to: target)
    }
}

// MARK: - Messages

extension DatasetError {
    fileprivate static func unknownFolder(_ folder: String, _ name: String, _ classes: [String]) -> Self {
        Self(
            .unknownLabel, file: folder,
            "'\(name.shortened)' is none of the data set's labels: \(classes.shortList); each folder has a class's name"
        )
    }

    fileprivate static func notAnImage(_ file: String) -> Self {
        Self(.malformedFile, file: file, "not a .png file; convert it or take it out of the folder")
    }
}
