internal import Checkpoints
internal import Diagnostics
internal import LockFiles

/// The files that the arguments of a command name.
enum RecipePaths {
    /// Each file once, in the order of the arguments; patterns that the shell left are expanded, in the order of names.
    ///
    /// A lock file among several files is that of a recipe among them, and no recipe.
    ///
    /// - Returns: A path for each file; for a pattern that matches none, the pattern with a diagnostic.
    static func expanded(_ arguments: [String]) -> [(path: String, fault: Diagnostic?)] {
        var paths: [(path: String, fault: Diagnostic?)] = []
        var seen: Set<String> = []
        for argument in arguments {
            let matches = matches(argument)
            if matches.isEmpty { paths.append((argument, .noMatch(argument))) }
            for path in matches where seen.insert(clean(path)).inserted { paths.append((path, nil)) }
        }
        return paths.compactMap { path, fault in
            guard fault == nil, path.hasSuffix(LockFile.suffix) else { return (path, fault) }
            let stem = clean(path).dropLast(LockFile.suffix.count)
            return seen.contains(stem + ".yaml") || seen.contains(stem + ".yml") ? nil : (path, .lockFile(path))
        }
    }

    private static func matches(_ argument: String) -> [String] {
        let isPattern = argument.contains { "*?[".contains($0) }
        return isPattern ? DiskFileSystem().paths(matching: argument) : [argument]
    }

    /// The path without `.` on the way, so that `a.yaml` and `./a.yaml` are one file.
    private static func clean(_ path: String) -> String {
        let parts = path.split(separator: "/").filter { $0 != "." }
        return (path.hasPrefix("/") ? "/" : "") + parts.joined(separator: "/")
    }
}

extension Diagnostic {
    fileprivate static func noMatch(_ pattern: String) -> Diagnostic {
        Diagnostic(
            .fileMissing, "no file matches '\(pattern)'", at: nil,
            help: ["name recipes, or a pattern that matches some, such as 'pipelines/*.yaml'"])
    }

    fileprivate static func lockFile(_ path: String) -> Diagnostic {
        let recipe = path.dropLast(LockFile.suffix.count) + ".yaml"
        return Diagnostic(
            .fileMissing, "'\(path)' is a lock file, expected a recipe", at: nil,
            help: ["name the recipe beside it, '\(recipe)'"])
    }
}
