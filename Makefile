# Each target installs its pinned tools into .cache/. Run make help for a list of targets.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

export PYTHONDONTWRITEBYTECODE := 1

# All targets compile with the same settings, those of a release, so that each dependency is compiled once. The race detector
# alone needs others.
export CGO_ENABLED := 0
# grpc-go's pages of traces, which ecsd does not serve, would bring html/template into the program. pgx's table of all types is
# 1.4 MB; the store names the types that ecsd uses.
export GOFLAGS := $(filter-out -trimpath -tags=%,$(GOFLAGS)) -trimpath -tags=grpcnotrace,nopgxregisterdefaulttypes

BENCH ?= .
PKG ?= ./...
RUN ?= .

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' Makefile

.PHONY: doctor
doctor: ## list the tools that the build and the tests need, and how to install the missing ones
	@tools/doctor

# ---- the product

.PHONY: build
build: ## build bin/ecsd as it is released, stripped and static
	@echo "compiling bin/ecsd; the first time takes some minutes"
	go build -ldflags "-s -w" -o bin/ecsd ./server/cmd/ecsd

# The release program is a module of its own, whose dependencies concern no other tool.
.PHONY: release
release: ## build the artifacts of VERSION=vX.Y.Z into dist/ from a tree without changes; KEY=file signs, CLIENTS=no omits the client packages
	cd tools/release && go run . -version '$(VERSION)' -key '$(abspath $(KEY))' -clients='$(or $(CLIENTS),yes)'

.PHONY: test
test: ## run every test: Go, the release, the vendor's SDKs, the generated clients
	go run ./test

.PHONY: test-release
test-release: ## build a release for linux/amd64 twice and check its artifacts
	cd tools/release && go vet ./... && go test -count=1 ./... # what it reads lies outside its module: go test does not see a change

# SQLite is C translated to Go. The race detector finds nothing in it, and made the tests with a database take four times
# as long. The requests and responses of the SDK are plain structs, and their compilation with the detector takes long.
SDK_STRUCTS := github.com/aliyun/alibaba-cloud-sdk-go/services/...
RACE := -race -gcflags=modernc.org/...=-race=false -gcflags=$(SDK_STRUCTS)=-race=false

# These suites wait more than they compute. They start first, and beside others.
WAITING := ./test/... ./client/conformance

.PHONY: test-go
test-go: ## run the Go tests with the race detector; set PKG=./path to select
	@tools/doctor go cc
	@go run ./test/lib/postgres/fetch
	@tools/previous >/dev/null
	CGO_ENABLED=1 go test $(RACE) -vet=off -timeout 25m -p 4 $(if $(filter ./...,$(PKG)),$(WAITING)) $(PKG)
	$(if $(filter ./...,$(PKG)),go test -vet=off -run 'Storm|CrashAtEveryStep|PeakMemory|Begin_Stack|IdleWatcher' ./server/internal/renewal ./server/internal/modification ./test/load)

.PHONY: test-short
test-short: ## run the unit tests in two minutes, without the race detector and PostgreSQL
	go test -short -vet=off $(PKG)

.PHONY: storm
storm: ## run HISTORIES new random histories of payments in virtual time (default 10,000)
	go test -run Storm -timeout 24h -v ./server/internal/renewal -storm.histories $(or $(HISTORIES),10000) -storm.first 0

.PHONY: mutants
mutants: ## break each rule of payments and each promise of watches, and check that its test fails; RUN=regexp chooses
	cd tools && go run ./mutants -run '$(RUN)'

.PHONY: test-seeds
test-seeds: .cache/venv/seeds.stamp ## run the vendor's legacy Python SDK and the sample scripts against the simulator
	.cache/venv/seeds/bin/pytest -q -p no:cacheprovider test/seeds

# These suites install their clients. A client with missing tools is skipped, and fails if CI is set.
.PHONY: test-sdks
test-sdks: ## run the vendor's current SDKs and libcloud against the simulator; SDK=name chooses python go node java libcloud
	go run ./test/sdks $(SDK)

.PHONY: test-clients
test-clients: ## run a smoke test of each generated client
	go run ./test/clients

.PHONY: test-languages
test-languages: ## compile and run the clients in Rust and C++ of docs/clients.md
	go run ./test/clients -languages

.PHONY: test-conformance
test-conformance: ## hold the clients of all languages to one behaviour; REPORT=1 writes the table of docs/clients.md
	go run ./client/conformance $(if $(REPORT),-report docs/clients.md)

.PHONY: client-python
client-python: .cache/client-python/stamp ## build the Python client's wheel in .cache/client-python/dist, and check it

.PHONY: client-typescript
client-typescript: .cache/client-typescript/stamp ## build the TypeScript client's tarball in .cache/client-typescript/dist, and check it

.PHONY: bench
bench: ## run the benchmarks; set BENCH=regexp and PKG=./path to select
	go test -run '^$$' -bench '$(BENCH)' -benchmem $(PKG)

# ---- the contract

GENERATORS := .cache/bin/buf .cache/bin/protoc-gen-go .cache/bin/protoc-gen-go-grpc

.PHONY: generate
generate: $(GENERATORS) ## write gen/, docs/reference and docs/errors.md from proto/
	tools/generate
	tools/document

.PHONY: generate-check
generate-check: $(GENERATORS) ## fail if gen/, docs/reference or docs/errors.md differs from the output of proto/
	tools/generate --check
	tools/document --check

.PHONY: lint
lint: lint-proto lint-go ## check the contract, the code and the imports

.PHONY: lint-proto
lint-proto: .cache/bin/buf ## check the contract: style, comments, format, breaking changes
	.cache/bin/buf lint
	.cache/bin/buf format --diff --exit-code
	tools/breaking

.PHONY: lint-oldest
lint-oldest: .cache/oldest.stamp ## check that the oldest protoc that the contract promises, 3.12, reads it
	.cache/oldest/protoc --experimental_allow_proto3_optional -I.cache/oldest -Iproto -o /dev/null proto/ecsd/v1/*.proto

.PHONY: lint-go
lint-go: .cache/bin/golangci-lint ## check the code: go vet, golangci-lint with the import rules, gofmt
	go vet ./...
	.cache/bin/golangci-lint run
	cd tools && go run ./mutants -n

.PHONY: fmt
fmt: .cache/bin/buf .cache/bin/golangci-lint ## format the contract and the code
	.cache/bin/buf format --write
	.cache/bin/golangci-lint fmt

.PHONY: tools
tools: $(addprefix .cache/bin/,buf benchstat golangci-lint grpcurl) ## build the tools of tools/go.mod into .cache/bin

.PHONY: clean
clean: ## remove bin/ and .cache/
	rm -rf bin .cache

# ---- tools, installed once per change of the file that pins them

.cache/bin/%: tools/go.mod tools/go.sum
	@echo "compiling $*; the first time takes some minutes"
	cd tools && GOBIN=$(CURDIR)/.cache/bin go install "$$(go list tool | grep '/$*$$')"
	@touch $@

.cache/venv/generate.stamp: tools/python/requirements.txt
.cache/venv/seeds.stamp: test/seeds/requirements.txt
.cache/venv/sdks.stamp: test/sdks/python/requirements.txt
.cache/venv/client-python.stamp: client/python/build-requirements.txt
.cache/venv/client-python-generator.stamp: client/python/generator-requirements.txt
.cache/venv/%.stamp:
	@tools/doctor python
	rm -rf .cache/venv/$*
	python3 -m venv .cache/venv/$*
	.cache/venv/$*/bin/pip install --quiet --disable-pip-version-check -r $<
	@touch $@

.cache/npm/sdks.stamp: test/sdks/node/package.json test/sdks/node/package-lock.json
.cache/npm/%.stamp:
	@tools/doctor node
	mkdir -p .cache/npm/$*
	cp $^ .cache/npm/$*/
	cd .cache/npm/$* && npm ci --no-audit --no-fund
	@touch $@

CLIENT_PYTHON := $(wildcard client/python/*.* client/python/src/ecsd/*.py client/python/examples/*.py proto/ecsd/v1/*.proto) tools/client-python
.cache/client-python/stamp: .cache/venv/generate.stamp .cache/venv/client-python.stamp .cache/venv/client-python-generator.stamp $(CLIENT_PYTHON)
	@tools/doctor node
	tools/client-python
	@touch $@

.PHONY: client-packages
client-packages: .cache/venv/generate.stamp .cache/venv/client-python.stamp .cache/venv/client-python-generator.stamp
	@tools/doctor python node java
	tools/client-packages '$(OUT)' '$(VERSION)'

.PHONY: client-java
client-java: .cache/java/client.stamp ## build the Java client's JAR, sources and javadoc, and install them into .cache/m2

CLIENT_TYPESCRIPT := $(wildcard client/typescript/*.* client/typescript/src/*.ts proto/ecsd/v1/*.proto) tools/client-typescript
.cache/client-typescript/stamp: .cache/venv/generate.stamp $(CLIENT_TYPESCRIPT)
	@tools/doctor node
	tools/client-typescript
	@touch $@

# Maven writes to a repository of this checkout: what it installs is built from this checkout's proto/.
.cache/java/client.stamp: client/java/pom.xml $(wildcard client/java/src/main/java/io/ecsd/client/*.java) $(wildcard proto/ecsd/v1/*.proto)
	@tools/doctor java
	mvn --batch-mode --no-transfer-progress --quiet -Dmaven.repo.local=$(CURDIR)/.cache/m2 --file $< clean install
	@touch $@

# Platform names of Maven Central. This protoc is older than macOS on ARM, which runs the one for x86_64.
.cache/oldest.stamp: platform = $(shell uname -sm | sed 's/Linux /linux-/; s/Darwin .*/osx-x86_64/; s/arm64\|aarch64/aarch_64/')
.cache/oldest.stamp: tools/oldest/pom.xml
	mvn --batch-mode --no-transfer-progress --quiet --file $< dependency:copy \
	  -Dclassifier=$(platform) -Dbin.directory=$(CURDIR)/.cache/oldest
	chmod +x .cache/oldest/protoc
	python3 -m zipfile -e .cache/oldest/protobuf.jar .cache/oldest
	@touch $@
