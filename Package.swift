// swift-tools-version: 6.2
import PackageDescription

// Modules and what each may import. `Tests/PackageTests` compares this manifest with the table in
// CONTRIBUTING.md; `--explicit-target-dependency-import-check error` holds the sources to the manifest.

/// Targets whose work is pointers: they are exempt from strict memory safety.
let pointerTargets: Set<String> = ["RecipeSyntax", "Checkpoints", "Documents", "Tensors", "Kernels", "Networks"]

func module(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
    .testTarget(name: name, dependencies: dependencies + ["TestSupport"], exclude: exclude)
}

let package = Package(
    name: "pare",
    products: [.executable(name: "pare", targets: ["pare"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2")
    ],
    targets: [
        // Libraries of the system.
        .systemLibrary(
            name: "CLibYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"]), .brew(["libyaml"])]),
        .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"]), .brew(["openssl"])]),
        .systemLibrary(name: "CPNG", pkgConfig: "libpng16", providers: [.apt(["libpng-dev"]), .brew(["libpng"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),
        .systemLibrary(
            name: "CLAPACKE", pkgConfig: "lapacke",
            providers: [.apt(["liblapacke-dev", "libopenblas-dev"]), .brew(["openblas"])]),

        // The workflow half: knows no tensor.
        module("Documents", ["CCrypto"]),
        module("Diagnostics", ["Documents"]),
        module("RecipeSyntax", ["CLibYAML", "Diagnostics", "Documents"]),
        module("Recipes", ["Diagnostics", "Documents", "RecipeSyntax"]),
        module("Planning", ["Documents"]),
        module("Checkpoints", ["Documents", "Planning"]),
        module("Execution", ["Checkpoints", "Documents", "Planning"]),
        module("Clusters", ["Checkpoints", "Diagnostics", "Documents", "Planning", "RecipeSyntax"]),
        module("Sweeps", ["Checkpoints", "Documents", "Execution", "Planning", "Recipes"]),
        module(
            "LockFiles", ["Checkpoints", "Diagnostics", "Documents", "Planning", "RecipeSyntax", "Recipes"]),

        // The model half: knows no YAML, no stage, no store.
        .target(name: "CKernels"),
        module("Tensors"),
        module("Kernels", ["CKernels", "CLAPACKE", "Tensors"]),
        module("Networks", ["Kernels", "Tensors"]),
        module("Interchange", ["Networks", "Tensors"]),
        module("Datasets", ["CPNG", "CZlib", "Kernels", "Tensors"]),
        module("Training", ["Datasets", "Interchange", "Kernels", "Networks", "Tensors"]),
        module("Compression", ["Datasets", "Interchange", "Kernels", "Networks", "Tensors", "Training"]),

        // Where the halves meet, and what stands on them.
        module(
            "Stages",
            [
                "Checkpoints", "Compression", "Datasets", "Diagnostics", "Documents", "Execution", "Interchange",
                "Kernels", "Networks", "Planning", "RecipeSyntax", "Recipes", "Tensors", "Training",
            ]),
        module("Reports", ["Checkpoints", "Documents", "Execution", "Planning", "Sweeps"]),
        module(
            "Commands",
            [
                "Checkpoints", "Clusters", "Diagnostics", "Documents", "Execution", "Kernels", "LockFiles", "Planning",
                "Recipes", "Reports", "Stages", "Sweeps",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]),
        .executableTarget(name: "pare", dependencies: ["Commands"]),

        // What is timed beside a peer.
        .executableTarget(
            name: "step",
            dependencies: [
                "Datasets", "Kernels", "Networks", "Tensors", "Training",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            path: "Benchmarks/step"),
        .executableTarget(
            name: "overhead",
            dependencies: [
                "Checkpoints", "Documents", "Execution", "Planning",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            path: "Benchmarks/overhead"),

        // Tests.
        .target(
            name: "TestSupport",
            dependencies: ["Checkpoints", "Diagnostics", "Documents", "Networks", "Tensors"],
            path: "Tests/TestSupport"),
        .target(name: "AllocationCounter", path: "Tests/AllocationCounter"),
        tests("DocumentsTests", ["Documents"]),
        tests("DiagnosticsTests", ["Diagnostics", "Documents"]),
        tests("RecipeSyntaxTests", ["Diagnostics", "Documents", "RecipeSyntax"]),
        tests("RecipesTests", ["Diagnostics", "Documents", "RecipeSyntax", "Recipes"]),
        tests("PlanningTests", ["Documents", "Planning"]),
        tests("CheckpointsTests", ["Checkpoints", "Documents", "Planning"]),
        tests("ExecutionTests", ["Checkpoints", "Documents", "Execution", "Planning"]),
        tests("ClustersTests", ["Checkpoints", "Clusters", "Documents", "Planning"], exclude: ["Snapshots"]),
        tests(
            "SweepsTests", ["Checkpoints", "Diagnostics", "Documents", "Execution", "Planning", "Recipes", "Sweeps"]),
        tests("LockFilesTests", ["Diagnostics", "Documents", "LockFiles", "Planning"]),
        tests("TensorsTests", ["Tensors"]),
        tests("KernelsTests", ["Kernels", "Tensors"]),
        tests("NetworksTests", ["AllocationCounter", "Kernels", "Networks", "Tensors"]),
        tests("InterchangeTests", ["Interchange", "Networks", "Tensors"]),
        tests("DatasetsTests", ["Datasets", "Kernels", "Tensors"]),
        tests(
            "TrainingTests",
            ["AllocationCounter", "Datasets", "Interchange", "Kernels", "Networks", "Tensors", "Training"]),
        tests(
            "CompressionTests",
            ["Compression", "Datasets", "Interchange", "Kernels", "Networks", "Tensors", "Training"]),
        tests(
            "StagesTests",
            [
                "Checkpoints", "Compression", "Datasets", "Diagnostics", "Documents", "Execution", "Interchange",
                "Kernels", "Networks", "Planning", "Recipes", "Stages", "Tensors", "Training",
            ]),
        tests("ReportsTests", ["Checkpoints", "Documents", "Execution", "Planning", "Reports"]),
        tests(
            "ToolTests", ["Diagnostics", "Documents", "RecipeSyntax", "pare"],
            exclude: ["fake-slurm.py", "kubernetes-job.schema.json", "validate.py"]),
        tests("PackageTests", ["Documents"]),
    ],
    swiftLanguageModes: [.v6]
)

for target in package.targets where target.type != .system && !["CKernels", "AllocationCounter"].contains(target.name) {
    target.swiftSettings =
        (target.swiftSettings ?? []) + [
            .enableUpcomingFeature("ExistentialAny"),  // SE-0335
            .enableUpcomingFeature("InternalImportsByDefault"),  // SE-0409
            .enableUpcomingFeature("MemberImportVisibility"),  // SE-0444
            .treatAllWarnings(as: .error),
        ]
    if target.type != .test && target.name != "TestSupport" && !pointerTargets.contains(target.name) {
        target.swiftSettings?.append(.strictMemorySafety())
    }
}
