# make run    installs what is missing, builds, runs the main recipe
# make test   the same set-up, then every check and test
# make lint | build | schemas | networks | results | torture | test-slurm    one part of it

LIBRARIES = libyaml-dev libpng-dev zlib1g-dev libopenblas-dev liblapacke-dev libssl-dev
TESTING = python3-jsonschema
SLURM = slurm-wlm munge
SWIFT = swift
CONFIGURATION = -c release
CHECKED = $(CONFIGURATION) --explicit-target-dependency-import-check error

.PHONY: run test test-slurm build lint schemas networks results torture setup setup-tests

run: build
	.build/release/pare run pipelines/road-damage.yaml

test: setup-tests lint
	$(SWIFT) build $(CHECKED) --build-tests
	$(SWIFT) test $(CONFIGURATION) --skip-build

build: setup
	$(SWIFT) build $(CONFIGURATION) --product pare

lint:
	$(SWIFT) format lint --strict --recursive Sources Tests Benchmarks Package.swift

# Writes what follows from the code: schemas/, docs/options.md and docs/layers.md.
schemas: build
	.build/release/pare schema --write schemas
	.build/release/pare schema --options > docs/options.md
	.build/release/pare schema --layers > docs/layers.md

NETWORKS = road-damage japanese-vowels digits keywords residual

# Trains the shipped networks anew; a file does not change unless its recipe or the code does.
networks: build
	datasets/cifar10-standin/make
	datasets/keywords-standin/make
	for name in $(NETWORKS); do \
		.build/release/pare run pipelines/train-$$name.yaml --fresh --output .pare/networks/$$name || exit; \
		cp .pare/networks/$$name/network.safetensors pipelines/networks/$$name.safetensors; \
	done

# Runs every recipe that compresses and writes the tables of docs/results.md.
results: build
	datasets/cifar10-standin/make
	Benchmarks/results --write docs/results.md

# The crash campaign: kills, full disks, failing writes, flipped bits, eight processes on one store.
# PARTS="kills flips" COUNT=50 SEED=2 make torture
torture: build
	@.ci/install gcc libc6-dev
	Tests/Torture/torture $(PARTS) $(if $(COUNT),--count $(COUNT)) --seed $(or $(SEED),1)

# Runs recipes on a real Slurm, which is started on this machine and stopped again.
test-slurm: build
	@.ci/install $(SLURM)
	Tests/Slurm/test

setup:
	@.ci/install $(LIBRARIES)

setup-tests:
	@.ci/install $(LIBRARIES) $(TESTING)
