internal import ArgumentParser
internal import Checkpoints
internal import Documents
internal import Foundation
internal import LockFiles
internal import Stages

/// `pare schema`: the JSON Schemas that editors and other programs check files with.
struct SchemaCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema", abstract: "Print the JSON Schemas of our files, by file name, or write them.")

    @Option(help: ArgumentHelp("Write each schema to a file in this folder.", valueName: "dir"))
    var write: String?

    @Flag(help: "Print the page of all options instead.")
    var options = false

    @Flag(help: "Print the page of what each layer supports instead.")
    var layers = false

    /// File names in `schemas/` and their documents.
    private static var documents: [(fileName: String, document: JSONValue)] {
        Schemas.documents + [("lock.schema.json", LockFile.jsonSchema)]
    }

    func run() throws {
        if layers {
            Output.write(LayerSupportPage.text)
            return
        }
        if options {
            Output.write(OptionsPage.text)
            return
        }
        guard let folder = write else {
            let documents = Self.documents.map { ($0.fileName, $0.1) }
            Output.write(JSONValue.object(Dictionary(documents, uniquingKeysWith: { $1 })).prettyText)
            return
        }
        do {
            let files = DiskFileSystem()
            try files.createFolder(folder)
            for (name, schema) in Self.documents {
                let path = "\(folder)/\(name)"
                try files.write(Data(schema.prettyText.utf8), to: path, durably: false)
                Output.write("\(path)\n")
            }
        } catch {
            Output.fail(error)
            throw ExitCode.failure
        }
    }
}
