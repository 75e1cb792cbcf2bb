package entitypage

import (
	"context"
	"slices"
	"testing"
	"time"

	"spoor/internal/entity"
	"spoor/internal/schema"
	"spoor/internal/store"
)

// asked is a ledger that notes of which entities it was asked for stretches.
type asked struct {
	Ledger
	ids []string
}

func (a *asked) StretchesOf(ctx context.Context, ids []entity.ID, site string) ([]store.Stretch, error) {
	for _, id := range ids {
		a.ids = append(a.ids, id.Value)
	}
	return a.Ledger.StretchesOf(ctx, ids, site)
}

// Summaries are looked up once until the store changes, also those of what was never seen.
func TestSummariesAreKept(t *testing.T) {
	b := newBench(t)
	b.saw("203.0.113.9", "zeek.conn", "", "10.1.1.5", at(3, 8), at(3, 9), 7, destination, schema.OutcomeEstablished)
	b.commit()
	ledger := &asked{Ledger: b.db}
	b.pages.Ledger = ledger
	seen, unseen := entity.ID{Kind: entity.IP, Value: "203.0.113.9"}, entity.ID{Kind: entity.IP, Value: "192.0.2.1"}
	want := func(records int64, ids ...string) {
		t.Helper()
		ledger.ids = nil
		found, err := b.pages.Summaries(t.Context(), []entity.ID{seen, unseen}, "")
		if err != nil {
			t.Fatal(err)
		}
		if len(found) != 1 || found[seen].Records != records || !slices.Equal(ledger.ids, ids) {
			t.Errorf("%d summaries, %d records, asked of %v; want 1, %d, %v", len(found), found[seen].Records, ledger.ids, records, ids)
		}
	}
	want(7, "203.0.113.9", "192.0.2.1")
	want(7)
	b.saw("203.0.113.9", "zeek.conn", "", "10.1.1.5", at(4, 8), at(4, 9), 3, destination, schema.OutcomeEstablished)
	b.commit()
	want(10, "203.0.113.9", "192.0.2.1")
	want(10)
}

// A line of triage says what the page of the entity says of all time.
func TestSummariesAgreeWithPages(t *testing.T) {
	b := newBench(t)
	b.saw("203.0.113.9", "zeek.conn", "", "10.1.1.5", at(3, 8), at(3, 9), 7, destination, schema.OutcomeEstablished)
	b.saw("203.0.113.9", "sysmon.3", "ws1.corp.example", "10.1.1.5", at(3, 8), at(3, 9), 5, destination, schema.OutcomeEstablished)
	b.saw("203.0.113.9", "zeek.conn", "", "10.1.1.6", at(30, 10), at(30, 10), 2, destination, schema.OutcomeRefused)
	b.saw("203.0.113.10", "zeek.conn", "", "10.1.1.6", at(30, 10), at(30, 10), 9, destination, schema.OutcomeRefused)
	b.saw("203.0.113.10", "suricata.alert", "", "10.1.1.6", at(30, 11), at(30, 11), 3, destination|entity.RoleEvidence, schema.OutcomeNone)
	b.saw("203.0.113.11", "sysmon.1", "ws1.corp.example", "", at(30, 11), at(30, 11), 4, entity.RoleMentioned, schema.OutcomeNone)
	// 10.1.1.5 changes hands on one day, and a sensor saw it on several.
	b.saw("10.1.1.5", "zeek.conn", "", "203.0.113.9", at(3, 8), at(3, 9), 7, source, schema.OutcomeEstablished)
	b.saw("10.1.1.5", "zeek.conn", "", "203.0.113.9", at(5, 8), at(5, 9), 7, source, schema.OutcomeEstablished)
	b.held("ws1.corp.example", at(3, 8))
	b.held("ws2.corp.example", at(5, 8))
	b.commit()

	unseen := entity.ID{Kind: entity.IP, Value: "192.0.2.1"}
	ids := []entity.ID{unseen}
	for _, a := range []string{"203.0.113.9", "203.0.113.10", "203.0.113.11", "10.1.1.5"} {
		ids = append(ids, entity.ID{Kind: entity.IP, Value: a})
	}
	found, err := b.pages.Summaries(t.Context(), ids, "")
	if err != nil {
		t.Fatal(err)
	}
	if len(found) != 4 || found[unseen] != nil {
		t.Fatalf("%d summaries", len(found))
	}
	for id, s := range found {
		doc, err := b.pages.Build(t.Context(), Request{ID: id, From: time.Date(2024, 5, 1, 0, 0, 0, 0, time.UTC), To: now})
		if err != nil {
			t.Fatal(err)
		}
		if s.Devices != doc.Prevalence.Devices || s.Own != doc.Identity.Own || s.SourceKind != doc.Prevalence.SourceKind {
			t.Errorf("%s: %d devices, own %v, by %s; the page says %d, %v, %s", id.Value, s.Devices, s.Own, s.SourceKind,
				doc.Prevalence.Devices, doc.Identity.Own, doc.Prevalence.SourceKind)
		}
		if !s.Seen() {
			continue
		}
		var records, mentioned int64
		var first, last time.Time
		for _, src := range doc.Sources {
			mentioned += src.Mentioned
			if src.SourceKind == s.SourceKind {
				records = src.Records
			}
			if src.First != nil && (first.IsZero() || src.First.Before(first)) {
				first = *src.First
			}
			if src.Last != nil && src.Last.After(last) {
				last = *src.Last
			}
		}
		if s.Records != records || s.Mentioned != mentioned || !s.First.Time().Equal(first) || !s.Last.Time().Equal(last) {
			t.Errorf("%s: %+v; the page says %d records, %d mentions, from %s to %s", id.Value, s, records, mentioned, first, last)
		}
	}
	get := func(a string) *Summary { return found[entity.ID{Kind: entity.IP, Value: a}] }
	if s := get("203.0.113.9"); s.Devices != 2 || !s.Contacted || s.Outcome != schema.OutcomeEstablished || s.Records != 9 {
		t.Errorf("contacted: %+v", s)
	}
	if s := get("203.0.113.10"); s.Devices != 1 || s.Contacted || s.Outcome != schema.OutcomeRefused || s.Alerts != 3 {
		t.Errorf("refused: %+v", s)
	}
	if s := get("203.0.113.11"); s.Seen() || s.Mentioned != 4 || s.Devices != 0 {
		t.Errorf("only mentioned: %+v", s)
	}
	if s := get("10.1.1.5"); s.Devices != 2 || !s.Own {
		t.Errorf("own, with two holders: %+v", s)
	}
	if ids = slices.DeleteFunc(ids, func(id entity.ID) bool { return id != unseen }); len(ids) != 1 {
		t.Fatal(ids)
	}
	if found, err = b.pages.Summaries(t.Context(), ids, ""); err != nil || len(found) != 0 {
		t.Errorf("unseen: %v, %v", found, err)
	}
}
