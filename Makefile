# Everything a developer or CI runs. `make demo` and `make test` set up what they need.

export GOFLAGS := -tags=duckdb_arrow
export CGO_ENABLED := 1

VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LDFLAGS := -X main.version=$(VERSION)
LINT := tools/bin/golangci-lint

.PHONY: help setup gen build web geo run demo lint vet unit race test-web e2e screenshots test fuzz bench clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: web/node_modules ## install what the targets need

build: web bin/spoor ## build the web app and bin/spoor

.PHONY: bin/spoor
bin/spoor:
	go build -trimpath -ldflags '$(LDFLAGS)' -o bin/spoor ./cmd/spoor

web/node_modules: web/package-lock.json
	cd web && npm ci --no-audit --no-fund
	@touch $@

web: web/dist/index.html ## build the web app into web/dist

web/dist/index.html: web/node_modules $(shell find web/src web/index.html web/vite.config.ts web/tsconfig*.json -type f 2>/dev/null)
	cd web && npm run build

geo: geo/node_modules ## fetch the geo and ASN databases

geo/node_modules: geo/package-lock.json
	cd geo && npm ci --ignore-scripts --no-audit --no-fund
	@touch $@

run: build ## start the server on the data folder ./data
	bin/spoor serve --data-dir data

demo: build geo ## a generated organisation on 127.0.0.1:8080
	bin/spoor demo

gen: web/node_modules ## write what is generated: lists of docs/kql.md, API description, web types
	go test ./internal/kql -run TestDocument -update
	go test ./internal/server -run TestOpenAPIFile -update
	cd web && npm run gen

$(LINT): tools/go.mod tools/go.sum
	cd tools && GOFLAGS= go build -o bin/golangci-lint github.com/golangci/golangci-lint/v2/cmd/golangci-lint

lint: $(LINT) ## golangci-lint, go vet among its linters
	$(LINT) run ./...

unit: ## unit and integration tests
	go test ./...

# The packages in which goroutines meet.
RACE := ./internal/ingest ./internal/query ./internal/entitypage ./internal/network ./internal/account ./internal/server/...

race: ## the concurrent packages under the race detector
	go test -race -short $(RACE)

test-web: web/node_modules e2e/node_modules ## types, lint and unit tests of the web app
	cd web && npm run typecheck && npm run lint && npm run knip && npm run test
	@cp web/src/api/schema.gen.ts web/node_modules/.schema.gen.ts
	cd web && npm run gen && cmp src/api/schema.gen.ts node_modules/.schema.gen.ts

e2e: build e2e/node_modules ## Playwright against the real binary and Debian's Chromium
	@command -v chromium >/dev/null || { apt-get update -q && apt-get install -yq chromium; }
	cd e2e && npm test

e2e/node_modules: e2e/package-lock.json
	cd e2e && npm ci --no-audit --no-fund
	@touch $@

screenshots: build geo e2e/node_modules ## take the pictures of docs/images from the demo
	cd e2e && npx playwright test -c demo.config.ts screenshots

test: lint unit race test-web e2e ## every check and test

fuzz: ## ten seconds on every fuzz target
	@for pkg in $$(go list ./...); do \
	  for f in $$(go test -list '^Fuzz' $$pkg | grep '^Fuzz'); do \
	    go test -run '^$$' -fuzz "^$$f$$" -fuzztime 10s $$pkg || exit 1; \
	  done; done

bench: ## the benchmarks of docs/performance.md
	go test -run '^$$' -bench . -benchmem ./internal/...

clean:
	rm -rf bin web/dist/assets web/dist/index.html tools/bin
