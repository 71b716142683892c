internal import ArgumentParser
internal import Clusters

/// What the pods of a manifest get.
struct KubernetesArguments: ParsableArguments {
    @Option(help: ArgumentHelp("Of a manifest: the image that has pare as its program.", valueName: "image"))
    var image = "pare:\(Program.version)"

    @Option(
        help: ArgumentHelp(
            "Of a manifest: the volume claim that holds the current folder for all pods.", valueName: "claim"))
    var claim = "pare"

    @Option(help: ArgumentHelp("Of a manifest: how many pods run at the same time.", valueName: "n"))
    var pods = 8

    @Option(help: ArgumentHelp("Of a manifest: the processors of a pod, and its threads.", valueName: "n"))
    var podCpus = 2

    @Option(help: ArgumentHelp("Of a manifest: the memory of a pod, as Kubernetes writes it.", valueName: "size"))
    var podMemory = "2Gi"

    func validate() throws {
        if pods < 1 { throw ValidationError("--pods is \(pods), expected 1 or more") }
        if podCpus < 1 { throw ValidationError("--pod-cpus is \(podCpus), expected 1 or more") }
        if podMemory.wholeMatch(of: #/[1-9][0-9]*([kMGT]i?)?/#) == nil {
            throw ValidationError("--pod-memory is '\(podMemory)', expected a size such as 512Mi or 2Gi")
        }
    }

    var settings: KubernetesManifest.Settings {
        KubernetesManifest.Settings(
            image: image, claim: claim, processors: podCpus, memory: podMemory, pods: pods)
    }
}
