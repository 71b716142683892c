/// The stable names of what can be wrong, printed in brackets after each message.
package enum DiagnosticID: String, CaseIterable, Sendable {
    // The text as YAML.
    case fileEmpty = "file-empty"
    case fileTooLarge = "file-too-large"
    case yamlAlias = "yaml-alias"
    case yamlCharacter = "yaml-character"
    case yamlDocuments = "yaml-documents"
    case yamlEncoding = "yaml-encoding"
    case yamlExpansion = "yaml-expansion"
    case yamlKey = "yaml-key"
    case yamlMerge = "yaml-merge"
    case yamlNesting = "yaml-nesting"
    case yamlSyntax = "yaml-syntax"
    case yamlTab = "yaml-tab"
    case yamlTag = "yaml-tag"

    // Options and their values.
    case conflictingOptions = "conflicting-options"
    case duplicateKey = "duplicate-key"
    case misplacedKey = "misplaced-key"
    case missingOption = "missing-option"
    case missingUnit = "missing-unit"
    case outOfRange = "out-of-range"
    case requirement = "requirement"
    case unknownOption = "unknown-option"
    case unknownValue = "unknown-value"
    case wrongType = "wrong-type"

    // Stages and how they follow each other.
    case duplicateStage = "duplicate-stage"
    case stageCycle = "stage-cycle"
    case stageItem = "stage-item"
    case unknownKind = "unknown-kind"
    case unknownStage = "unknown-stage"

    // The command line.
    case override = "override"

    // What a recipe says about networks and data, found when its stages are resolved.
    case dataInvalid = "data-invalid"
    case dataMismatch = "data-mismatch"
    case fileMissing = "file-missing"
    case goalUnreachable = "goal-unreachable"
    case networkInvalid = "network-invalid"
    case patternUnmatched = "pattern-unmatched"
    case stageOrder = "stage-order"
}
