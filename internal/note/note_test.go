package note_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"spoor/internal/casedb"
	"spoor/internal/note"
)

var about = note.Subject{Kind: "ip", ID: "192.0.2.1"}

// open gives a store whose clock goes on by a minute at every look.
func open(t *testing.T) *note.Store {
	t.Helper()
	db, err := casedb.Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	s := note.New(db)
	minute := 0
	s.Now = func() time.Time {
		minute++
		return time.Date(2026, 11, 1, 12, minute, 0, 0, time.UTC)
	}
	return s
}

func TestNotesKeepTheirHistory(t *testing.T) {
	s := open(t)
	first, err := s.Add(t.Context(), about, " seen in case 7 ", "alice")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Add(t.Context(), note.Subject{Kind: "domain", ID: "192.0.2.1"}, "another", "alice"); err != nil {
		t.Fatal(err)
	}
	second, err := s.Add(t.Context(), about, "second", "bob")
	if err != nil {
		t.Fatal(err)
	}
	changed, err := s.Change(t.Context(), first.ID, "seen in case 8", "bob")
	if err != nil {
		t.Fatal(err)
	}
	want := note.Note{
		ID: first.ID, Version: changed.Version, Subject: about, Text: "seen in case 8", At: time.Date(2026, 11, 1, 12, 4, 0, 0, time.UTC), By: "bob",
		Created: time.Date(2026, 11, 1, 12, 1, 0, 0, time.UTC), Author: "alice", Changes: 1,
	}
	list, err := s.List(t.Context(), about)
	if diff := cmp.Diff([]note.Note{second, want}, list); diff != "" || err != nil {
		t.Errorf("%v -want +got:\n%s", err, diff)
	}
	if removed, err := s.Remove(t.Context(), first.ID, "carol"); err != nil || removed.Text != "seen in case 8" {
		t.Errorf("removed %+v, %v", removed, err)
	}
	if list, _ := s.List(t.Context(), about); len(list) != 1 || list[0].ID != second.ID {
		t.Errorf("after removing: %+v", list)
	}
	history, err := s.History(t.Context(), first.ID)
	var lines []string
	for _, n := range history {
		lines = append(lines, n.By+": "+n.Text)
	}
	if diff := cmp.Diff([]string{"carol: ", "bob: seen in case 8", "alice: seen in case 7"}, lines); diff != "" || err != nil {
		t.Errorf("%v -want +got:\n%s", err, diff)
	}
	for _, id := range []int64{first.ID, 99} {
		if _, err := s.Change(t.Context(), id, "x", "bob"); !errors.Is(err, note.ErrNotFound) {
			t.Errorf("changing note %d: %v", id, err)
		}
	}
	for _, text := range []string{"", " \n", strings.Repeat("a", note.MaxText+1), "\xff"} {
		if _, err := s.Add(t.Context(), about, text, "bob"); !errors.Is(err, note.ErrInvalid) {
			t.Errorf("%.10q was kept: %v", text, err)
		}
	}
}

func TestAliases(t *testing.T) {
	s := open(t)
	if a, err := s.Alias(t.Context(), about); err != nil || a.Text != "" {
		t.Errorf("before: %+v, %v", a, err)
	}
	for _, text := range []string{"C2 of case 7", "  Old C2 "} {
		if err := s.SetAlias(t.Context(), about, text, "alice"); err != nil {
			t.Fatal(err)
		}
	}
	if a, err := s.Alias(t.Context(), about); err != nil || a.Text != "Old C2" || a.By != "alice" {
		t.Errorf("%+v, %v", a, err)
	}
	if all, err := s.AllAliases(t.Context()); err != nil || len(all) != 1 || all[about] != "Old C2" {
		t.Errorf("%v, %v", all, err)
	}
	if err := s.SetAlias(t.Context(), about, "", "bob"); err != nil {
		t.Fatal(err)
	}
	if all, err := s.AllAliases(t.Context()); err != nil || len(all) != 0 {
		t.Errorf("%v, %v", all, err)
	}
	if history, err := s.Aliases(t.Context(), about); err != nil || len(history) != 3 {
		t.Errorf("%v, %v", history, err)
	}
	if err := s.SetAlias(t.Context(), about, "two\nlines", "bob"); !errors.Is(err, note.ErrInvalid) {
		t.Error(err)
	}
}
