package server_test

import (
	"bytes"
	"flag"
	"os"
	"strings"
	"testing"

	"spoor/internal/account"
)

var update = flag.Bool("update", false, "write api/openapi.json anew")

// The committed description is what the handlers' types give, so that a change of the
// API shows as a change of the file.
func TestOpenAPIFile(t *testing.T) {
	const path = "../../api/openapi.json"
	f := newFixture(t)
	got, err := f.server.OpenAPI()
	if err != nil {
		t.Fatal(err)
	}
	got = bytes.Replace(got, []byte(`"version": "1.2.3"`), []byte(`"version": "0"`), 1)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s is not what the handlers give; write it anew with go test ./internal/server -run OpenAPIFile -update", path)
	}
}

func TestOpenAPIRoute(t *testing.T) {
	f := newFixture(t)
	a := f.call(account.Reader, "GET", "/api/openapi.json", "")
	var doc struct {
		OpenAPI string
		Paths   map[string]map[string]struct {
			OperationID string
			Parameters  []struct{ Name string }
		}
	}
	a.into(t, 200, &doc)
	if !strings.HasPrefix(doc.OpenAPI, "3.1") {
		t.Errorf("version %s", doc.OpenAPI)
	}
	if doc.Paths["/api/ingest"]["post"].OperationID != "ingest" || doc.Paths["/api/entities/{kind}/{id}"]["get"].OperationID != "entity" {
		t.Errorf("paths: %v", doc.Paths)
	}
	for path, methods := range doc.Paths {
		for method, op := range methods {
			if want, got := strings.Count(path, "{"), len(op.Parameters); got < want {
				t.Errorf("%s %s: %d parameters, the path alone has %d", method, path, got, want)
			}
		}
	}
}
