package watchlist_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"spoor/internal/casedb"
	"spoor/internal/watchlist"
)

var day = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)

// open makes a store whose clock shows the nth day at its nth reading.
func open(t *testing.T) *watchlist.Store {
	t.Helper()
	db, err := casedb.Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	s := watchlist.New(db)
	now := day
	s.Now = func() time.Time { defer func() { now = now.AddDate(0, 0, 1) }(); return now }
	return s
}

func table(t *testing.T, csv string) *watchlist.Table {
	t.Helper()
	out, err := watchlist.Read(strings.NewReader(csv))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func importCSV(t *testing.T, s *watchlist.Store, in watchlist.Import, csv string) watchlist.List {
	t.Helper()
	in.Table = table(t, csv)
	l, err := s.Import(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestImport(t *testing.T) {
	s := open(t)
	expires := day.AddDate(0, 1, 0)
	got := importCSV(t, s, watchlist.Import{
		Alias: "Crown-Jewels", SearchKey: "Host", Name: "Crown jewels", Description: "what must not fall", Source: "jewels.csv", By: "ann", Expires: &expires,
	}, "Host,Team\nsrv1,db\nsrv2,web\n")
	want := watchlist.List{
		Alias: "Crown-Jewels", Name: "Crown jewels", Description: "what must not fall", Owner: "ann", Expires: expires,
		Version: watchlist.Version{
			ID: got.ID, Number: 1, At: day, By: "ann", Source: "jewels.csv", SearchKey: "Host", Columns: []string{"Host", "Team"}, Rows: 2,
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got.Expired(expires.Add(-time.Second)) || !got.Expired(expires) {
		t.Error("a list expires at its moment, not before")
	}
	if other, err := s.List(t.Context(), "crown-jewels"); err != nil || other.ID != got.ID {
		t.Errorf("the alias in lower case: %+v, %v", other, err)
	}
}

// What an import does not say stays; a row that stays keeps its id and time.
func TestImportAgain(t *testing.T) {
	s := open(t)
	first := importCSV(t, s, watchlist.Import{Alias: "vips", SearchKey: "User", Name: "VIPs", By: "ann"}, "User\nkim\nlee\nlee\n")
	second := importCSV(t, s, watchlist.Import{Alias: "VIPS", Owner: "bob", By: "bob"}, "User\nlee\nmax\n")
	if second.Number != 2 || second.Name != "VIPs" || second.Owner != "bob" || second.SearchKey != "User" || second.Alias != "vips" {
		t.Errorf("the second version is %+v", second)
	}
	before, after := items(t, s, first.ID), items(t, s, second.ID)
	if before[1].ID == before[2].ID {
		t.Error("two rows that say the same have one id")
	}
	if after[0].ID != before[1].ID || !after[0].Updated.Equal(day) {
		t.Errorf("the row that stayed is %+v, was %+v", after[0], before[1])
	}
	if !after[1].Updated.Equal(day.AddDate(0, 0, 1)) {
		t.Errorf("the new row is of %v", after[1].Updated)
	}
}

func items(t *testing.T, s *watchlist.Store, version int64) []watchlist.Item {
	t.Helper()
	out, err := s.Items(t.Context(), version)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestRestore(t *testing.T) {
	s := open(t)
	importCSV(t, s, watchlist.Import{Alias: "a", SearchKey: "x", By: "ann"}, "x\n1\n2\n")
	importCSV(t, s, watchlist.Import{Alias: "a", SearchKey: "y", By: "bob"}, "y\n3\n")
	got, err := s.Restore(t.Context(), "a", 1, "eve")
	if err != nil {
		t.Fatal(err)
	}
	if got.Number != 3 || got.Restore != 1 || got.By != "eve" || got.SearchKey != "x" || got.Rows != 2 {
		t.Errorf("restored as %+v", got)
	}
	versions, err := s.Versions(t.Context(), "a")
	if err != nil || len(versions) != 3 || versions[0].Number != 3 || versions[2].Number != 1 {
		t.Errorf("versions %+v, %v", versions, err)
	}
	if _, err := s.Restore(t.Context(), "a", 9, "eve"); !errors.Is(err, watchlist.ErrNotFound) {
		t.Errorf("a version that is not there: %v", err)
	}
}

func TestOldVersionsGo(t *testing.T) {
	s := open(t)
	for range watchlist.MaxVersions + 2 {
		importCSV(t, s, watchlist.Import{Alias: "a", SearchKey: "x", By: "ann"}, "x\n1\n")
	}
	versions, err := s.Versions(t.Context(), "a")
	if err != nil || len(versions) != watchlist.MaxVersions || versions[0].Number != watchlist.MaxVersions+2 {
		t.Errorf("%d versions, %v", len(versions), err)
	}
}

func TestRemove(t *testing.T) {
	s := open(t)
	first := importCSV(t, s, watchlist.Import{Alias: "a", SearchKey: "x", By: "ann"}, "x\n1\n")
	if _, err := s.Remove(t.Context(), "A"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.List(t.Context(), "a"); !errors.Is(err, watchlist.ErrNotFound) {
		t.Errorf("it is still there: %v", err)
	}
	if _, err := s.Items(t.Context(), first.ID); !errors.Is(err, watchlist.ErrNotFound) {
		t.Errorf("its rows are still there: %v", err)
	}
	if _, err := s.Remove(t.Context(), "a"); !errors.Is(err, watchlist.ErrNotFound) {
		t.Errorf("removed twice: %v", err)
	}
	again := importCSV(t, s, watchlist.Import{Alias: "a", SearchKey: "x", By: "ann"}, "x\n2\n")
	if again.ID == first.ID {
		t.Error("the id of a version was used again")
	}
}

func TestImportRefuses(t *testing.T) {
	s := open(t)
	good := table(t, "x\n1\n")
	for name, in := range map[string]watchlist.Import{
		"no alias":         {SearchKey: "x", Table: good},
		"a bad alias":      {Alias: "a/b", SearchKey: "x", Table: good},
		"no search key":    {Alias: "a", Table: good},
		"another key":      {Alias: "a", SearchKey: "y", Table: good},
		"no table":         {Alias: "a", SearchKey: "x"},
		"a control sign":   {Alias: "a", SearchKey: "x", Name: "a\x1b[0m", Table: good},
		"too long a name":  {Alias: "a", SearchKey: "x", Name: strings.Repeat("n", 201), Table: good},
		"a broken unicode": {Alias: "a", SearchKey: "x", Owner: "\xff", Table: good},
	} {
		if _, err := s.Import(t.Context(), in); !errors.Is(err, watchlist.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if lists, err := s.Lists(t.Context()); err != nil || len(lists) != 0 {
		t.Errorf("something was kept: %v, %v", lists, err)
	}
}
