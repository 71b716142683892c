internal import Diagnostics
package import Documents
internal import RecipeSyntax

/// Jobs for Kubernetes: one with a pod for each point, and one that collects what came of them.
///
/// The first is an Indexed Job. A pod that is moved or whose node goes away is no failure: another goes on from its
/// checkpoint. A recipe that is invalid fails the whole job at once, and a stage that fails is tried again, but not for
/// ever. The second job is suspended: it is to be started when the first has ended.
package struct KubernetesManifest: Sendable {
    /// What the pods get.
    package struct Settings: Hashable, Sendable {
        /// The image that has pare as its program.
        package var image: String
        /// The claim of the volume that holds the folder in which the command is typed.
        package var claim: String
        /// The processors of a pod, and so its threads.
        package var processors: Int
        /// The memory of a pod, as Kubernetes writes it.
        package var memory: String
        /// How many pods run at the same time.
        package var pods: Int

        package init(image: String, claim: String, processors: Int, memory: String, pods: Int) {
            self.image = image
            self.claim = claim
            self.processors = processors
            self.memory = memory
            self.pods = pods
        }
    }

    private let name: String
    private let points: Int?
    private let arguments: [String]
    private let preparing: [String]?
    private let collecting: [String]?
    private let settings: Settings

    /// Creates the jobs of a recipe.
    ///
    /// - Parameters:
    ///   - recipe: The name of the recipe.
    ///   - points: How many points its sweep has, or `nil` if it is run as it stands.
    ///   - arguments: What pare is told to do; the number of the point is put behind it.
    ///   - preparing: What pare is told to do before the job is made, if anything.
    ///   - collecting: What pare is told to do at the end, if anything.
    ///   - settings: What the pods get.
    package init(
        recipe: String, points: Int?, arguments: [String], preparing: [String]? = nil, collecting: [String]? = nil,
        settings: Settings
    ) {
        name = Self.name(recipe)
        self.points = points
        self.arguments = arguments
        self.preparing = preparing
        self.collecting = collecting
        self.settings = settings
    }

    /// The jobs as documents of the API `batch/v1`.
    package var documents: [JSONValue] {
        let threads = ["--threads", "\(settings.processors)"]
        let point = points == nil ? [] : ["--point", "$(JOB_COMPLETION_INDEX)"]
        let indexed: [String: JSONValue] = [
            "completionMode": "Indexed", "completions": .integer(points ?? 1),
            "parallelism": .integer(min(settings.pods, points ?? 1)), "backoffLimitPerIndex": 2,
            "podReplacementPolicy": "Failed",
            "podFailurePolicy": [
                "rules": [
                    ["action": "Ignore", "onPodConditions": [["type": "DisruptionTarget", "status": "True"]]],
                    ["action": "Ignore", "onExitCodes": ["containerName": "pare", "operator": "In", "values": [143]]],
                    [
                        "action": "FailJob",
                        "onExitCodes": ["containerName": "pare", "operator": "In", "values": [2, 64]],
                    ],
                ]
            ],
        ]
        let work = job(name, indexed, arguments + point + threads + ["--as-job"], processors: settings.processors)
        guard let collecting else { return [work] }
        return [work, job(name + "-collect", ["suspend": true, "backoffLimit": 0], collecting, processors: 1)]
    }

    /// The manifest as a file, with the commands that use it.
    package var text: String {
        var lines = ["# In the folder that the claim '\(settings.claim)' holds:"]
        if let preparing { lines.append("# \(ShellCommand(arguments: ["pare"] + preparing))") }
        lines.append("# kubectl apply -f FILE")
        if collecting != nil {
            lines += [
                "# kubectl wait --for=condition=Complete --timeout=-1s job/\(name)",
                "# kubectl patch job/\(name)-collect --patch '{\"spec\": {\"suspend\": false}}'",
            ]
        }
        return lines.map { $0 + "\n" }.joined() + documents.map { "---\n" + Self.yaml($0) }.joined()
    }
}

extension KubernetesManifest {
    private func job(
        _ name: String, _ more: [String: JSONValue], _ arguments: [String], processors: Int
    ) -> JSONValue {
        let resources: JSONValue = ["cpu": .string("\(processors)"), "memory": .string(settings.memory)]
        let container: JSONValue = [
            "name": "pare", "image": .string(settings.image), "command": ["pare"],
            "args": .array(arguments.map { .string($0) }), "workingDir": .string(Self.folder),
            "resources": ["requests": resources, "limits": ["memory": .string(settings.memory)]],
            "volumeMounts": [["name": "work", "mountPath": .string(Self.folder)]],
        ]
        let pod: JSONValue = [
            "restartPolicy": "Never",
            // The time that a pod has for its checkpoint.
            "terminationGracePeriodSeconds": 120,
            "containers": [container],
            "volumes": [["name": "work", "persistentVolumeClaim": ["claimName": .string(settings.claim)]]],
        ]
        let spec: [String: JSONValue] = ["template": ["metadata": ["labels": Self.labels(name)], "spec": pod]]
        return [
            "apiVersion": "batch/v1", "kind": "Job",
            "metadata": ["name": .string(name), "labels": Self.labels(name)],
            "spec": .object(spec.merging(more) { $1 }),
        ]
    }

    private static func labels(_ name: String) -> JSONValue {
        ["app.kubernetes.io/name": "pare", "app.kubernetes.io/instance": .string(name)]
    }

    private static func yaml(_ document: JSONValue) -> String {
        Node(document, at: SourceSpan(startOf: SourceFile(name: "manifest", text: ""))).documentText
    }

    /// Where the claim is mounted.
    private static let folder = "/work"

    /// A name as Kubernetes takes it, with room for the number of a pod: small letters, digits and hyphens.
    private static func name(_ recipe: String) -> String {
        let words = recipe.lowercased().split { !($0.isASCII && ($0.isLetter || $0.isNumber)) }
        let name = "pare-" + words.joined(separator: "-")
        return String(name.prefix(40).reversed().drop { $0 == "-" }.reversed())
    }
}
