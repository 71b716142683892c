internal import Compression
internal import Networks

/// The page that says what each kind of layer supports, made from the kinds themselves.
package enum LayerSupportPage {
    /// The page as Markdown.
    package static var text: String {
        """
        # What each layer supports

        Written by `pare schema --layers` (`make schemas`) from the layers themselves; `pare analyze NETWORK` says it of the layers of one network.
        Pruning removes filters of convolutions (and units of hidden dense layers, with `prunable: [dense]`); what reads them follows. Channels
        that are added or multiplied go together, and those of the network's inputs and outputs stay. A layer without an int8 form can keep
        float32 (`keepFloat`).

        | layer | prune | project | int8 |
        |---|---|---|---|

        """
            + LayerKinds.all.map { kind in
                let support = LayerSupport(of: kind)
                return "| `\(kind.kind)` | \(support.prune) | \(support.project) | \(support.int8) |\n"
            }.joined()
    }
}
