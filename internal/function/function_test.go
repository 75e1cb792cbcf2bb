package function_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"spoor/internal/casedb"
	"spoor/internal/function"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func open(t *testing.T) *function.Store {
	t.Helper()
	db, err := casedb.Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	s := function.New(db)
	s.Now = func() time.Time { return noon }
	return s
}

func put(t *testing.T, s *function.Store, f function.Function, mode function.Mode) function.Function {
	t.Helper()
	out, err := s.Put(t.Context(), f, mode)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestPut(t *testing.T) {
	s := open(t)
	first := put(t, s, function.Function{Name: "Recent", Parameters: "(n:long)", Body: "{ n }", Folder: "hunt", DocString: "doc", By: "ann"}, function.Create)
	want := function.Function{ID: first.ID, Name: "Recent", Parameters: "(n:long)", Body: "{ n }", Folder: "hunt", DocString: "doc", At: noon, By: "ann"}
	if diff := cmp.Diff(want, first); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	second := put(t, s, function.Function{Name: "Recent", Parameters: "()", Body: "{ 1 }", By: "bob"}, function.CreateOrAlter)
	if second.Folder != "hunt" || second.DocString != "doc" || second.Body != "{ 1 }" {
		t.Errorf("altered to %+v", second)
	}
	if same := put(t, s, function.Function{Name: "Recent", Parameters: "()", Body: "{ 2 }", By: "eve"}, function.CreateIfMissing); same.ID != second.ID {
		t.Errorf("created though it was there: %+v", same)
	}
	list, err := s.List(t.Context())
	if err != nil || len(list) != 1 || list[0].ID != second.ID {
		t.Errorf("list %+v, %v", list, err)
	}
	history, err := s.History(t.Context(), "Recent")
	if err != nil || len(history) != 2 || history[0].By != "bob" || history[1].By != "ann" {
		t.Errorf("history %+v, %v", history, err)
	}
}

func TestPutRefuses(t *testing.T) {
	s := open(t)
	there := function.Function{Name: "There", Parameters: "()", Body: "{ 1 }"}
	put(t, s, there, function.Create)
	for name, c := range map[string]struct {
		f    function.Function
		mode function.Mode
		want error
	}{
		"creating what is there":   {there, function.Create, function.ErrExists},
		"altering what is not":     {function.Function{Name: "Other"}, function.Alter, function.ErrNotFound},
		"a name with a blank":      {function.Function{Name: "a b"}, function.Create, function.ErrInvalid},
		"a name of digits":         {function.Function{Name: "1a"}, function.Create, function.ErrInvalid},
		"a body beyond the bounds": {function.Function{Name: "a", Body: strings.Repeat("x", function.MaxText+1)}, function.Create, function.ErrInvalid},
	} {
		if _, err := s.Put(t.Context(), c.f, c.mode); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestDrop(t *testing.T) {
	s := open(t)
	put(t, s, function.Function{Name: "A", Parameters: "()", Body: "{ 1 }", By: "ann"}, function.Create)
	before, _ := s.Mark(t.Context())
	if err := s.Drop(t.Context(), []string{"A", "B"}, false, "bob"); !errors.Is(err, function.ErrNotFound) {
		t.Errorf("dropping one that is not there: %v", err)
	}
	if _, err := s.Function(t.Context(), "A"); err != nil {
		t.Errorf("half of it was dropped: %v", err)
	}
	if err := s.Drop(t.Context(), []string{"A", "B"}, true, "bob"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Function(t.Context(), "A"); !errors.Is(err, function.ErrNotFound) {
		t.Errorf("it is still there: %v", err)
	}
	history, err := s.History(t.Context(), "A")
	if err != nil || len(history) != 2 || !history[0].Dropped || history[0].By != "bob" {
		t.Errorf("history %+v, %v", history, err)
	}
	if after, _ := s.Mark(t.Context()); after == before {
		t.Error("the mark stayed")
	}
	put(t, s, function.Function{Name: "A", Parameters: "()", Body: "{ 2 }", By: "ann"}, function.Create)
}
