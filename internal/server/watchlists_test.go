package server_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"spoor/internal/account"
	"spoor/internal/server"
)

func TestWatchlists(t *testing.T) {
	f := newFixture(t)
	put := func(query, file string) answer {
		return f.call(account.Analyst, "PUT", "/api/watchlists/jewels?"+query, file, "Content-Type", "application/octet-stream")
	}
	var l server.Watchlist
	put("searchKey=Host&name=Crown+jewels&source=j.csv&expires=2026-11-30", "Host,Team\nsrv1,db\nsrv2,web\n").into(t, http.StatusOK, &l)
	expires := time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC) // the moment after the day
	want := server.Watchlist{
		Alias: "jewels", Name: "Crown jewels", Owner: "token:test analyst", Expires: &expires,
		WatchlistVersion: server.WatchlistVersion{
			Version: 1, At: l.At, By: "token:test analyst", Source: "j.csv", SearchKey: "Host", Columns: []string{"Host", "Team"}, Rows: 2,
		},
	}
	if diff := cmp.Diff(want, l); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	put("", "Host,Team\nsrv3,db\n").into(t, http.StatusOK, &l)

	var items server.WatchlistItems
	f.call(account.Reader, "GET", "/api/watchlists/jewels/items?version=1&offset=1", "").into(t, http.StatusOK, &items)
	if items.Total != 2 || len(items.Items) != 1 || !cmp.Equal(items.Items[0].Values, []string{"srv2", "web"}) {
		t.Errorf("the second row of version 1: %+v", items)
	}
	f.call(account.Analyst, "POST", "/api/watchlists/jewels/restore", `{"version":1}`).into(t, http.StatusOK, &l)
	if l.Version != 3 || l.Restored != 1 || l.Rows != 2 {
		t.Errorf("restored: %+v", l)
	}
	var detail server.WatchlistDetail
	f.call(account.Reader, "GET", "/api/watchlists/jewels", "").into(t, http.StatusOK, &detail)
	if len(detail.Versions) != 3 || detail.Versions[0].Version != 3 {
		t.Errorf("versions: %+v", detail.Versions)
	}
	if got := f.call(account.Analyst, "DELETE", "/api/watchlists/jewels", ""); got.status != http.StatusNoContent {
		t.Errorf("removing: %d %s", got.status, got.body)
	}
	f.call(account.Reader, "GET", "/api/watchlists/jewels", "").problem(t, http.StatusNotFound)

	bad := put("searchKey=Host", "Host\nsrv1\n\"x\n")
	if bad.problem(t, http.StatusBadRequest); !strings.Contains(bad.body, "line 3") {
		t.Errorf("the line is not named: %s", bad.body)
	}
	var list struct{ Items []server.Watchlist }
	f.call(account.Reader, "GET", "/api/watchlists", "").into(t, http.StatusOK, &list)
	if len(list.Items) != 0 {
		t.Errorf("something was kept: %+v", list.Items)
	}
}
