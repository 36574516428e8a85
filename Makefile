# `make quickstart` and `make test` need Go and nothing else.

GO ?= go
FUZZTIME ?= 10s

.PHONY: build quickstart test race check fuzz clean

build:
	$(GO) build -o luth .

# Crawls the bundled exam site and builds Scholar from it: no server, no GPU.
quickstart: build
	./luth build recipes/quickstart.yaml
	@./luth dataset head -n 3 out/quickstart
	@echo
	@echo "The dataset is in out/quickstart, its card in out/quickstart/README.md."
	@echo "Next: ./luth dataset stats out/quickstart"
	@echo "      ./luth filter explain ID --in out/quickstart     why a row was kept or dropped"
	@echo "      ./luth scrape list                               the real sources"
	@echo "      ./luth build recipes/scholar.yaml                Scholar itself (asks the sites, takes hours)"

test:
	$(GO) test ./...

# The packages that run several goroutines. Of a damaged file parquet-go makes a
# slice of negative length; that panics, which is recovered, but checkptr, which
# -race turns on, would end the process.
race:
	$(GO) test -race -gcflags=github.com/parquet-go/parquet-go=-d=checkptr=0 ./internal/... ./scrape ./scrape/crawl ./translate/... ./filter ./dataset ./merge

check:
	@test -z "$$(gofmt -l .)" || { echo "gofmt these files:"; gofmt -l .; exit 1; }
	$(GO) vet ./...
	$(GO) tool staticcheck ./...
	$(GO) mod tidy -diff
	CGO_ENABLED=0 $(GO) build -o /dev/null .
	CGO_ENABLED=1 $(GO) build -o /dev/null .

# Runs every fuzz target for FUZZTIME.
fuzz:
	@GO=$(GO) .ci/fuzz $(FUZZTIME)

clean:
	rm -rf luth out
