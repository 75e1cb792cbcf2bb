package entitypage

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"spoor/internal/device"
	"spoor/internal/entity"
	"spoor/internal/network"
	"spoor/internal/schema"
	"spoor/internal/store"
)

// fresh is pages on the same store that keep nothing yet.
func (b *bench) fresh() *Pages {
	p := &Pages{Ledger: b.pages.Ledger, KQL: b.pages.KQL, Networks: b.pages.Networks, Geo: b.pages.Geo, Now: b.pages.Now, Tables: b.pages.Tables}
	p.Close() // the shares of rarer addresses come when they come
	return p
}

// answers is what pages say of one request.
type answers struct {
	Document *Document
	Devices  DeviceList
	Peers    PeerList
	Own      *OwnUse
	Contacts *ContactList
}

// ask asks for all sections at once, as the sections of a page do.
func (b *bench) ask(p *Pages, req Request, list List) (a answers) {
	b.Helper()
	err := together(
		func() (err error) { a.Document, err = p.Build(b.Context(), req); return err },
		func() (err error) { a.Devices, err = p.Devices(b.Context(), req, list); return err },
		func() (err error) { a.Peers, err = p.Peers(b.Context(), req, list); return err },
		func() (err error) { a.Own, err = p.OwnUse(b.Context(), req); return err },
		func() (err error) { a.Contacts, err = p.Contacts(b.Context(), req); return err },
	)
	if err != nil {
		b.Fatal(err)
	}
	return a
}

// scramble adds random sightings and claims of a few addresses and devices, and changes
// now and then what else a page follows from.
func (b *bench) scramble(rng *rand.Rand) {
	b.Helper()
	pick := func(of ...string) string { return of[rng.IntN(len(of))] }
	addresses := []string{"10.1.1.5", "10.1.1.6", "172.16.9.9", "203.0.113.9", "198.51.100.1"}
	devices := []string{"", "ws1.corp.example", "ws2.corp.example", "ws2"}
	for range 20 {
		first := at(1+rng.IntN(30), 0) + schema.Ticks(rng.Int64N(int64(20*schema.TicksPerHour)))
		roles := []entity.Roles{source, destination, destination | entity.RoleSource, entity.RoleMentioned, entity.RoleAnswer, entity.RoleSource | entity.RoleRemote}
		b.saw(pick(addresses...), pick("zeek.conn", "sysmon.3", "suricata.flow"), pick(devices...), pick(addresses...), first, first+schema.Ticks(rng.Int64N(int64(3*schema.TicksPerHour))),
			1+rng.Int64N(9), roles[rng.IntN(len(roles))], schema.Outcome(rng.IntN(schema.Outcomes)))
	}
	for range 5 {
		when := at(1+rng.IntN(30), rng.IntN(24))
		name := pick(devices[1:]...)
		b.batch.Claims = append(b.batch.Claims, store.Claim{
			Site: "hq", Address: pick(addresses[:3]...), Device: name, DeviceID: device.ID("hq", name), Evidence: "sysmon.3", First: when, Last: when, Records: 1,
		})
	}
	b.commit()
}

// change changes one of the other things that a page follows from.
func (b *bench) change(rng *rand.Rand) {
	b.Helper()
	ctx := b.Context()
	var err error
	switch rng.IntN(5) {
	case 0:
		err = b.db.PutAliases(ctx, []store.DeviceAlias{{From: device.ID("hq", "ws2"), To: device.ID("hq", "ws2.corp.example")}})
	case 1:
		var sources []store.Source
		if sources, err = b.db.Sources(ctx); err == nil {
			err = b.db.RemoveSource(ctx, sources[rng.IntN(len(sources))].ID)
		}
	case 2:
		day := time.Date(2024, 5, 1+rng.IntN(30), 0, 0, 0, 0, time.UTC)
		_, err = b.pages.Networks.Import(ctx, []network.Range{{
			Prefix: netip.MustParsePrefix([]string{"172.16.0.0/12", "198.51.100.0/24", "203.0.113.0/24"}[rng.IntN(3)]), Name: "range", Role: "servers", ValidFrom: day,
		}})
	case 3:
		if list := b.pages.Networks.List(); len(list) > 0 {
			_, err = b.pages.Networks.Remove(ctx, list[0].ID)
		}
	default:
		b.scramble(rng)
	}
	if err != nil {
		b.Fatal(err)
	}
}

// Pages that keep what they found say what new pages find, whatever changes meanwhile.
func TestKeptViewsAgreeWithFreshOnes(t *testing.T) {
	b := newBench(t)
	b.pages.Close()
	rng := rand.New(rand.NewPCG(20, 24))
	b.scramble(rng)
	b.scramble(rng)
	noon := time.Date(2024, 5, 12, 12, 0, 0, 0, time.UTC)
	requests := []Request{ip("10.1.1.5"), ip("203.0.113.9"), ip("172.16.9.9"), ip("192.0.2.1")}
	for _, r := range requests[:3] {
		requests = append(requests,
			Request{ID: r.ID, From: noon, To: noon.AddDate(0, 0, 7)},
			Request{ID: r.ID, Site: "hq", Role: entity.RoleSource}, Request{ID: r.ID, Site: "elsewhere"})
	}
	for range 25 {
		list := List{Limit: 1 + rng.IntN(9), Offset: rng.IntN(3), Sort: []string{"", "records", "-first", "name"}[rng.IntN(4)], Match: []string{"", "10.", "ws"}[rng.IntN(3)]}
		for range 4 {
			req := requests[rng.IntN(len(requests))]
			want := b.ask(b.fresh(), req, list)
			for range 2 {
				if diff := cmp.Diff(want, b.ask(b.pages, req, list)); diff != "" {
					t.Fatalf("%+v, %+v (-fresh +kept):\n%s", req, list, diff)
				}
			}
		}
		b.change(rng)
	}
}

// The sections that read events are asked once for each state of the store; one that could
// not be filled is asked again.
func TestSectionsAreKeptUntilTheStoreChanges(t *testing.T) {
	b := newBench(t)
	b.ingest(talk)
	kql := b.pages.KQL
	var asked atomic.Int64
	var failing atomic.Pointer[error]
	b.pages.KQL = func(ctx context.Context, text string, yield func([]any)) error {
		asked.Add(1)
		if err := failing.Load(); err != nil {
			return *err
		}
		return kql(ctx, text, yield)
	}
	all := func(p *Pages) (string, error) { // as JSON
		var out []any
		req := ip("203.0.113.9")
		names, err := p.Names(t.Context(), req)
		footprint, err1 := p.Footprint(t.Context(), req)
		contacts, err2 := p.Contacts(t.Context(), req)
		flow, err3 := p.ConnectionFlow(t.Context(), req, "")
		out = append(out, names, footprint, contacts, flow)
		for _, by := range []string{"process", "shown", "neighbours"} {
			related, err4 := p.Related(t.Context(), req, by)
			out, err = append(out, related), errors.Join(err, err4)
		}
		text, err5 := json.MarshalIndent(out, "", " ")
		return string(text), errors.Join(err, err1, err2, err3, err5)
	}
	broken := errors.New("disk on fire")
	failing.Store(&broken)
	if _, err := all(b.pages); !errors.Is(err, broken) {
		t.Fatalf("error %v, want %v", err, broken)
	}
	failing.Store(nil)
	for _, more := range []map[string]string{{}, named} {
		if len(more) > 0 {
			b.ingest(more)
		}
		before := asked.Load()
		got, err := all(b.pages)
		if err != nil {
			t.Fatal(err)
		}
		first := asked.Load()
		if again, err := all(b.pages); err != nil || asked.Load() != first || first == before {
			t.Errorf("%v; asked %d queries, then %d", err, first-before, asked.Load()-first)
		} else if diff := cmp.Diff(got, again); diff != "" {
			t.Errorf("asked again (-first +again):\n%s", diff)
		}
		if want, err := all(b.fresh()); err != nil {
			t.Error(err)
		} else if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-fresh +kept):\n%s", diff)
		}
	}
}

// unsteady is a ledger that can be made to fail, or to wait from the first question on
// until it is released.
type unsteady struct {
	Ledger
	fail    error
	asked   func()
	release chan struct{}
}

func (u *unsteady) Claims(ctx context.Context, q store.ClaimQuery) ([]store.Claim, error) {
	if u.asked != nil {
		u.asked()
		<-u.release
	}
	if u.fail != nil {
		return nil, u.fail
	}
	return u.Ledger.Claims(ctx, q)
}

func TestFailureIsNotKept(t *testing.T) {
	b := newBench(t)
	b.saw("203.0.113.9", "zeek.conn", "", "10.1.1.5", at(30, 1), at(30, 2), 7, destination, schema.OutcomeEstablished)
	b.held("ws1.corp.example", at(30, 2))
	b.commit()
	broken := errors.New("disk on fire")
	ledger := &unsteady{Ledger: b.db, fail: broken}
	b.pages.Ledger = ledger
	if _, err := b.pages.Build(t.Context(), ip("203.0.113.9")); !errors.Is(err, broken) {
		t.Fatalf("error %v, want %v", err, broken)
	}
	ledger.fail = nil
	if got := names(b.page("203.0.113.9")); len(got) != 1 || got[0] != "ws1.corp.example 7 zeek.conn" {
		t.Errorf("devices %v", got)
	}
}

// Who waits for another's work on a page goes when its own time is up, and does not take
// that work away from it.
func TestWaitingEndsWithOnesOwnContext(t *testing.T) {
	b := newBench(t)
	b.saw("203.0.113.9", "zeek.conn", "", "10.1.1.5", at(30, 1), at(30, 2), 7, destination, schema.OutcomeEstablished)
	b.commit()
	asked := make(chan struct{})
	ledger := &unsteady{Ledger: b.db, asked: sync.OnceFunc(func() { close(asked) }), release: make(chan struct{})}
	b.pages.Ledger = ledger
	done := make(chan error, 1)
	go func() {
		_, err := b.pages.Peers(t.Context(), ip("203.0.113.9"), List{})
		done <- err
	}()
	<-asked
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := b.pages.Peers(ctx, ip("203.0.113.9"), List{}); !errors.Is(err, context.Canceled) {
		t.Errorf("waiting: %v", err)
	}
	close(ledger.release)
	if err := <-done; err != nil {
		t.Errorf("at work: %v", err)
	}
}

func TestViewsAreForgotten(t *testing.T) {
	b := newBench(t)
	b.commit()
	for i := range 3 * maxViews {
		b.page(fmt.Sprintf("203.0.113.%d", i))
	}
	if n := len(b.pages.views.kept); n != maxViews {
		t.Errorf("%d views kept, want %d", n, maxViews)
	}
	for i, v := range b.pages.views.kept {
		v.stretches = maxStretches / 4
		if want := fmt.Sprintf("203.0.113.%d", 2*maxViews+i); v.req.ID.Value != want {
			t.Errorf("view %d is of %s, want %s", i, v.req.ID.Value, want)
		}
	}
	b.page("203.0.113.0") // and four more are as many stretches as may be kept
	if n := len(b.pages.views.kept); n != 5 {
		t.Errorf("%d views kept, want 5", n)
	}
	b.commit()
	b.page("203.0.113.0")
	if n := len(b.pages.views.kept); n != 1 {
		t.Errorf("%d views kept after a commit, want 1", n)
	}
}
