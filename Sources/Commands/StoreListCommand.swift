internal import ArgumentParser
internal import Checkpoints
internal import Documents
internal import Foundation
internal import Reports

/// `pare store ls`: what the store holds.
struct StoreListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ls", abstract: "List the records of a store: kind, state, size, age, and who used them last.")

    @OptionGroup var arguments: StoreArguments

    func run() throws {
        let listing = try arguments.use { store in
            StoreListing(try store.inventory(), uses: store.uses(), at: Date(), style: Output.results.style)
        }
        if arguments.json {
            for event in listing.events { Output.write(event.canonicalText + "\n") }
        } else {
            Output.write(listing.text)
        }
    }
}
