package watch_test

import (
	"errors"
	"testing"
	"time"

	"spoor/internal/casedb"
	"spoor/internal/entity"
	"spoor/internal/watch"
)

var (
	id  = entity.ID{Kind: entity.IP, Value: "192.0.2.1"}
	now = time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
)

func open(t *testing.T) *watch.Store {
	t.Helper()
	db, err := casedb.Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	s := watch.New(db)
	s.Now = func() time.Time { return now }
	return s
}

func check(t *testing.T, s *watch.Store, c watch.Count) int {
	t.Helper()
	marks, err := s.Marks(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	n, err := s.Check(t.Context(), marks, map[entity.ID]watch.Count{id: c})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// The owner of a mark hears once of what comes after it, and nobody else does.
func TestNotices(t *testing.T) {
	s := open(t)
	if _, err := s.Add(t.Context(), watch.Mark{Entity: id, Owner: "alice", Reason: "case 7"}, watch.Count{Records: 10, Contacts: 2}); err != nil {
		t.Fatal(err)
	}
	if n := check(t, s, watch.Count{Records: 10, Contacts: 2}); n != 0 {
		t.Errorf("%d notices of nothing new", n)
	}
	if n := check(t, s, watch.Count{Records: 13, Contacts: 3, Last: now.Add(-time.Hour), Devices: 4}); n != 1 {
		t.Errorf("%d notices of new records", n)
	}
	if n := check(t, s, watch.Count{Records: 13, Contacts: 3}); n != 0 {
		t.Errorf("%d notices of what was told", n)
	}
	if n := check(t, s, watch.Count{Records: 3}); n != 0 { // a source was removed
		t.Errorf("%d notices of fewer records", n)
	}
	if n := check(t, s, watch.Count{Records: 4}); n != 1 {
		t.Errorf("%d notices after fewer records", n)
	}
	list, unread, err := s.Notices(t.Context(), "alice", 10)
	if err != nil || unread != 2 || len(list) != 2 {
		t.Fatalf("%d unread of %d, %v", unread, len(list), err)
	}
	if n := list[1]; n.Records != 3 || n.Contacts != 1 || n.Devices != 4 || !n.Last.Equal(now.Add(-time.Hour)) || n.Mark.Reason != "case 7" || n.Mark.Entity != id || n.Read {
		t.Errorf("%+v", n)
	}
	if list, unread, _ := s.Notices(t.Context(), "bob", 10); len(list) != 0 || unread != 0 {
		t.Errorf("bob hears of %v", list)
	}
	if err := s.MarkRead(t.Context(), "bob", list[0].ID); err != nil {
		t.Fatal(err)
	}
	if _, unread, _ := s.Notices(t.Context(), "alice", 10); unread != 2 {
		t.Errorf("bob read for alice: %d unread", unread)
	}
	if err := s.MarkRead(t.Context(), "alice", list[1].ID); err != nil {
		t.Fatal(err)
	}
	if _, unread, _ := s.Notices(t.Context(), "alice", 10); unread != 1 {
		t.Errorf("%d unread after reading the first", unread)
	}
}

func TestMarksEnd(t *testing.T) {
	s := open(t)
	first, err := s.Add(t.Context(), watch.Mark{Entity: id, Owner: "alice", Reason: "old"}, watch.Count{})
	if err != nil {
		t.Fatal(err)
	}
	second, err := s.Add(t.Context(), watch.Mark{Entity: id, Owner: "alice", Reason: "new", Expires: now.Add(time.Hour)}, watch.Count{})
	if err != nil {
		t.Fatal(err)
	}
	if marks, _ := s.Marks(t.Context()); len(marks) != 1 || marks[0].ID != second.ID || !marks[0].Holds(now) || marks[0].Holds(now.Add(time.Hour)) {
		t.Errorf("after another mark: %+v", marks)
	}
	if _, err := s.End(t.Context(), first.ID); !errors.Is(err, watch.ErrNotFound) {
		t.Errorf("ending what has ended: %v", err)
	}
	if m, err := s.End(t.Context(), second.ID); err != nil || m.Reason != "new" {
		t.Errorf("%+v, %v", m, err)
	}
	s.Now = func() time.Time { return now.Add(-2 * time.Hour) }
	if _, err := s.Add(t.Context(), watch.Mark{Entity: id, Owner: "alice", Reason: "short", Expires: now.Add(-time.Hour)}, watch.Count{}); err != nil {
		t.Fatal(err)
	}
	s.Now = func() time.Time { return now }
	if marks, _ := s.Marks(t.Context()); len(marks) != 0 {
		t.Errorf("past its end: %+v", marks)
	}
	for _, m := range []watch.Mark{{Entity: id, Owner: "alice"}, {Entity: id, Owner: "alice", Reason: "x", Expires: now}} {
		if _, err := s.Add(t.Context(), m, watch.Count{}); !errors.Is(err, watch.ErrInvalid) {
			t.Errorf("%+v was kept: %v", m, err)
		}
	}
}
