# Syncline: make demo, make test, and what they need.
#
# On Debian and Ubuntu each target installs what is missing. Elsewhere it says
# what to install.

GO   ?= go
TAGS := migrated_fynedo
# The window's tests draw without a display.
HEADLESS := ci,migrated_fynedo
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
LDFLAGS := -X syncline/app.Version=$(VERSION)
GOLANGCI_VERSION := v2.5.0
# Under the race detector: the core, the store, and the parts that are called
# by several goroutines.
# The simulated worlds are left out: their goroutines take turns by virtual time,
# an order that the detector does not know.
RACE := $(filter-out syncline/sync/engine/simulation,$(shell $(GO) list ./sync/... 2>/dev/null)) ./store/... ./app/auth ./app/vault ./app/logbook ./ui/post
TESTFLAGS ?=

export LANG ?= en_US.UTF-8

.PHONY: demo run build test race vet lint faults sim crash switches planted fuzz bench profiles smoke steady closing reference workspace licences dist pictures tour setup setup-test clean

demo: build ## the window on the practice portal, with a sample workbook
	./bin/syncline demo

run: build ## the window
	./bin/syncline

build: setup
	$(GO) build -tags $(TAGS) -ldflags "$(LDFLAGS)" -o bin/syncline .

test: setup-test ## every test that needs neither a display nor the network
	$(GO) test -timeout 20m -tags $(HEADLESS) $(TESTFLAGS) ./...

# Eight tests of a package at once, since many wait for the practice portal.
race: setup-test ## the pure packages and the engine under the race detector
	$(GO) test -race -short -parallel 8 -timeout 20m -tags $(HEADLESS) $(RACE)

vet: setup-test
	$(GO) vet -tags $(HEADLESS) ./...

lint: setup-test
	@.ci/setup lint $(GOLANGCI_VERSION)
	$$($(GO) env GOPATH)/bin/golangci-lint run --build-tags $(HEADLESS) ./...

faults: setup-test ## the inputs made after public reports (app/command/testdata/faults) and those of each kind (docs/values.md), with what is right of each
	$(GO) test -count=1 -v -tags $(HEADLESS) -run '^TestFaultsThatRealFilesShowed$$|^TestKindsOfInputs$$|^TestTheTableOfKinds' ./app/command

N ?= 1000
SEED ?=
sim: setup-test ## N seeded worlds with the ghost oracle; SEED=… replays one with its trace
	SYNCLINE_SIM_WORLDS=$(N) SYNCLINE_SIM_SEED=$(SEED) $(GO) test -count=1 -timeout 4h -tags $(HEADLESS) $(if $(SEED),-v) -run 'World' ./sync/engine/simulation

KILLS ?= 1000
crash: setup-test ## the real program killed KILLS times in the middle of work
	SYNCLINE_CRASH_KILLS=$(KILLS) $(GO) test -count=1 -timeout 4h -v -tags $(HEADLESS) -run '^TestKilled' ./app/command

# The points that hang over every part of a sync; each other switch has its story
# in make test.
SWITCHES ?= OrderedBatchResults ClearedReadsNull ConflictNames=1 ConflictNames=2 MissingEndsPartial MergeKeepsPrimaryID OldIDsReachSurvivor OldIDsOmitted
# The suites that talk to the practice portal. Processes that are killed prove
# nothing more under a switch, and take most of the time.
SWITCHED ?= ./sync/hubspot ./sync/engine ./sync/engine/simulation ./store ./app ./app/auth ./app/records ./app/command
switches: setup-test ## every suite that talks to the practice portal under each behaviour of HubSpot that nobody can settle
	@for s in $(SWITCHES); do echo "== $$s"; \
		SYNCLINE_SWITCHES=$$s $(GO) test -count=1 -short -timeout 60m -tags $(HEADLESS) -skip '^TestKilled' $(SWITCHED) || failed="$$failed $$s"; done; \
		[ -z "$$failed" ] || { echo "failed under:$$failed"; exit 1; }

planted: setup-test ## plants known mistakes one at a time; the tests must notice each
	$(GO) run .ci/planted/*.go

T ?= 10s
fuzz: setup-test ## each fuzz target for T
	@for p in $$(git grep -l '^func Fuzz' -- '*_test.go' | xargs -n1 dirname | sort -u); do \
		for f in $$(grep -ho '^func Fuzz[A-Za-z0-9]*' $$p/*_test.go | sed 's/func //'); do \
			echo "== $$p $$f"; $(GO) test -tags $(HEADLESS) -run '^$$' -fuzz "^$$f$$" -fuzztime $(T) ./$$p || exit 1; done; done

bench: setup-test ## the figures of docs/performance.md
	$(GO) test -tags $(HEADLESS) -run '^$$' -bench . -benchmem -timeout 60m ./sync/... ./store/... ./app/...

profiles: setup-test ## where the time of the four main paths goes, into docs/profiles
	.ci/profiles docs/profiles $(HEADLESS)

smoke: build ## the real window under Xvfb
	.ci/smoke

steady: build ## the real window after N changes of the screen (100 unless told): as quick and as large as at first
	.ci/steady $(if $(filter command line,$(origin N)),$(N))

closing: build ## the real window closed N times (8 unless told), in every state, under Xvfb
	.ci/closing $(if $(filter command line,$(origin N)),$(N))

reference: setup-test ## docs/commands.md and docs/definition.md, made of the program's own help and grammar
	SYNCLINE_REFERENCE=$(abspath docs) $(GO) test -count=1 -tags $(HEADLESS) -run '^TestTheReference' ./app/command ./sync/definition

RELEASE ?=
workspace: build ## what the program of RELEASE leaves of a practice job, for the tests of later ones
	$(GO) run .ci/workspaces/*.go -program bin/syncline -release "$(RELEASE)"

licences: setup-test ## assets/licences.txt, which the packages and About show
	$(GO) run ./assets/internal/licences >assets/licences.new
	mv assets/licences.new assets/licences.txt

dist: ## the packages of every system, into ./dist; twice the same bytes
	.ci/dist dist

PICTURES ?= pictures
pictures: setup-test ## every screen and part, drawn into $(PICTURES)
	mkdir -p $(PICTURES)
	SYNCLINE_PICTURES=$(abspath $(PICTURES)) $(GO) test -count=1 -tags $(HEADLESS) ./ui/...

tour: build ## through the real window under Xvfb, for the pictures of README and guide (docs/pictures)
	.ci/tour

setup:
	@.ci/setup build

setup-test:
	@.ci/setup test

clean:
	rm -rf bin dist pictures
