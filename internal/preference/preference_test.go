package preference_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"spoor/internal/casedb"
	"spoor/internal/preference"
)

func open(t *testing.T) *preference.Store {
	t.Helper()
	db, err := casedb.Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	s := preference.New(db)
	s.Now = func() time.Time { return time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC) }
	return s
}

func TestPreferences(t *testing.T) {
	s := open(t)
	for _, p := range []preference.Preferences{{Theme: "dark"}, {TimeZone: "Europe/Oslo"}, {Theme: "system"}} {
		if err := s.SetPreferences(t.Context(), "alice", p); err != nil {
			t.Fatal(err)
		}
	}
	got, err := s.Preferences(t.Context(), "alice")
	if want := (preference.Preferences{TimeZone: "Europe/Oslo", Theme: "system"}); got != want || err != nil {
		t.Errorf("%+v, %v", got, err)
	}
	if got, err := s.Preferences(t.Context(), "bob"); got != (preference.Preferences{}) || err != nil {
		t.Errorf("bob: %+v, %v", got, err)
	}
	for _, p := range []preference.Preferences{{Theme: "pink"}, {TimeZone: "Mars/Olympus"}, {TimeZone: "../etc/passwd"}} {
		if err := s.SetPreferences(t.Context(), "alice", p); !errors.Is(err, preference.ErrInvalid) {
			t.Errorf("%+v: %v", p, err)
		}
	}
}

func TestColumnSets(t *testing.T) {
	s := open(t)
	put := func(owner, name string, shared bool, columns ...string) preference.Set {
		set, err := s.PutSet(t.Context(), preference.Set{View: "devices", Name: name, Owner: owner, Shared: shared, Columns: columns})
		if err != nil {
			t.Fatal(err)
		}
		return set
	}
	put("alice", "mine", false, "name")
	short := put("alice", "short", true, "name", "last")
	put("bob", "his", false, "name")
	again := put("alice", "short", true, "last", "name")
	if again.ID != short.ID {
		t.Errorf("the same name made another set: %d, %d", short.ID, again.ID)
	}
	names := func(owner string) (list []string) {
		sets, err := s.Sets(t.Context(), owner, "devices")
		if err != nil {
			t.Fatal(err)
		}
		for _, set := range sets {
			list = append(list, set.Owner+" "+set.Name+" "+set.Columns[0])
		}
		return list
	}
	if diff := cmp.Diff([]string{"alice mine name", "alice short last"}, names("alice")); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"bob his name", "alice short last"}, names("bob")); diff != "" {
		t.Error(diff)
	}
	if _, err := s.RemoveSet(t.Context(), "bob", short.ID); !errors.Is(err, preference.ErrNotFound) {
		t.Errorf("bob removed a set of alice: %v", err)
	}
	if set, err := s.RemoveSet(t.Context(), "alice", short.ID); err != nil || set.Name != "short" {
		t.Errorf("%+v, %v", set, err)
	}
	for _, bad := range []preference.Set{{View: "v", Name: "n"}, {View: "v", Columns: []string{"a"}}, {Name: "n", Columns: []string{"a"}}, {View: "v", Name: "n", Columns: []string{""}}} {
		if _, err := s.PutSet(t.Context(), bad); !errors.Is(err, preference.ErrInvalid) {
			t.Errorf("%+v: %v", bad, err)
		}
	}
}
