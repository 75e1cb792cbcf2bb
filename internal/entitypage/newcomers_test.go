package entitypage

import (
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"spoor/internal/network"
	"spoor/internal/schema"
	"spoor/internal/store"
)

// New are external addresses first seen in the latest days that were in contact: not one
// seen before, one that was only refused, nor one of the organisation.
func TestNewcomers(t *testing.T) {
	b := newBench(t)
	office := network.Range{Prefix: netip.MustParsePrefix("198.51.100.0/24"), Name: "office"}
	if _, err := b.pages.Networks.Add(t.Context(), office); err != nil {
		t.Fatal(err)
	}
	contact := func(address, own string, when schema.Ticks, outcome schema.Outcome) {
		b.saw(address, "zeek.conn", "", own, when, when, 1, destination, outcome)
	}
	contact("203.0.113.1", "10.1.1.5", at(28, 9), established)
	contact("203.0.113.1", "10.1.1.6", at(29, 9), established)
	contact("203.0.113.2", "10.1.1.5", at(27, 9), established)
	contact("203.0.113.3", "10.1.1.5", at(2, 9), established) // known since long
	contact("203.0.113.3", "10.1.1.5", at(28, 9), established)
	contact("203.0.113.4", "10.1.1.5", at(28, 9), refused)
	contact("198.51.100.7", "10.1.1.5", at(28, 9), established)
	row := schema.NewRow(schema.Default().MustTable("DeviceNetworkEvents"))
	row.SetTime("Timestamp", at(29, 9))
	b.batch.Records = []store.Record{{Raw: []byte("x"), Kind: "zeek.conn", Rows: []schema.Row{row}}}
	b.commit()

	b.pages.Now = func() time.Time { return at(30, 12).Time() }
	got, err := b.pages.Newcomers(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	type short struct {
		Address     string
		Devices     int64
		First, Last time.Time
	}
	var items []short
	for _, n := range got.Items {
		items = append(items, short{n.Address, n.Devices, n.First, n.Last})
	}
	want := []short{
		{"203.0.113.2", 1, at(27, 9).Time(), at(27, 9).Time()},
		{"203.0.113.1", 2, at(28, 9).Time(), at(29, 9).Time()},
	}
	if diff := cmp.Diff(want, items); diff != "" || got.Total != 2 || got.Range.Shifted {
		t.Errorf("%d, %+v (-want +got)\n%s", got.Total, got.Range, diff)
	}

	// Long after the latest record its own week is shown, and that is said.
	b.pages.Now = func() time.Time { return at(30, 12).Time().AddDate(1, 0, 0) }
	if got, err = b.pages.Newcomers(t.Context()); err != nil || got.Total != 2 || !got.Range.Shifted || got.Range.To != at(30, 0).Time() {
		t.Errorf("%d, %+v, %v", got.Total, got.Range, err)
	}
}
