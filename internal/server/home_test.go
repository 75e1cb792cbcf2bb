package server_test

import (
	"strings"
	"testing"

	"spoor/internal/account"
)

// The pages that someone looked at lately are their own, each once, the latest first.
func TestRecentPages(t *testing.T) {
	f := newFixture(t)
	for _, path := range []string{"ip/192.0.2.1", "ip/192.0.2.1/devices", "domain/EXAMPLE.test", "ip/192.0.2.1", "ip/nonsense"} {
		f.call(account.Reader, "GET", "/api/entities/"+path, "")
	}
	f.call(account.Analyst, "GET", "/api/entities/ip/192.0.2.9", "")
	var got struct {
		Items []struct{ Kind, ID string }
		Query string
	}
	// The query is for those who may ask the audit log.
	f.call(account.Admin, "GET", "/api/recent", "").into(t, 200, &got)
	if !strings.HasPrefix(got.Query, "SpoorAudit\n| where") || !strings.Contains(got.Query, `Actor == "token:test admin"`) {
		t.Errorf("%q", got.Query)
	}
	f.call(account.Reader, "GET", "/api/recent", "").into(t, 200, &got)
	if got.Query != "" {
		t.Errorf("for a reader: %q", got.Query)
	}
	var names []string
	for _, item := range got.Items {
		names = append(names, item.Kind+" "+item.ID)
	}
	if want := "ip 192.0.2.1, domain example.test"; strings.Join(names, ", ") != want {
		t.Errorf("%q, want %q", names, want)
	}
}
