package device_test

import (
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"spoor/internal/device"
	"spoor/internal/schema"
	"spoor/internal/store"
)

const hour = schema.TicksPerHour

// at builds a claim on 10.0.0.1 from hour a to hour b.
func at(id string, a, b schema.Ticks) store.Claim {
	return store.Claim{Site: "hq", Address: "10.0.0.1", Device: id + ".example", DeviceID: id, First: 1000*hour + a*hour, Last: 1000*hour + b*hour}
}

func ids(refs []device.Ref) []string {
	var out []string
	for _, r := range refs {
		out = append(out, r.ID)
	}
	return out
}

func TestHoldersAt(t *testing.T) {
	h := device.NewHolders([]store.Claim{at("b", 20, 21), at("a", 0, 1), at("c", 60, 60), at("d", 60, 61)}, nil)
	for _, c := range []struct {
		hour schema.Ticks
		want []string
	}{
		{-13, nil},               // beyond the reach of the first claim
		{-12, []string{"a"}},     // at the edge of it
		{0, []string{"a"}},       // inside
		{10, []string{"a"}},      // 9 h after a, 10 h before b
		{11, []string{"b"}},      // 10 h after a, 9 h before b
		{33, []string{"b"}},      // 12 h after b
		{34, nil},                // 13 h after b, 26 h before c
		{60, []string{"c", "d"}}, // both claim it then
		{61, []string{"d"}},
	} {
		if diff := cmp.Diff(c.want, ids(h.At("hq", "10.0.0.1", 1000*hour+c.hour*hour))); diff != "" {
			t.Errorf("hour %d (-want +got):\n%s", c.hour, diff)
		}
	}
	if got := h.At("branch", "10.0.0.1", 1000*hour); got != nil {
		t.Errorf("another site's claim holds: %v", got)
	}
}

func TestHoldersFollowAliases(t *testing.T) {
	h := device.NewHolders([]store.Claim{
		{Site: "hq", Address: "10.0.0.1", Device: "ws", DeviceID: "short", First: hour, Last: hour},
		{Site: "hq", Address: "10.0.0.1", Device: "ws.corp.example", DeviceID: "full", First: hour, Last: hour},
	}, map[string]string{"short": "full"})
	want := []device.Ref{{ID: "full", Name: "ws.corp.example"}}
	if diff := cmp.Diff(want, h.At("hq", "10.0.0.1", hour)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// At gives what a look at every single claim gives.
func TestHoldersAgreeWithEveryClaim(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for range 500 {
		var claims []store.Claim
		for range random.IntN(12) {
			first := schema.Ticks(random.IntN(90))
			claims = append(claims, at(string(rune('a'+random.IntN(2))), first, first+schema.Ticks(random.IntN(3))))
		}
		h := device.NewHolders(claims, nil)
		for moment := 1000*hour - 15*hour; moment < 1000*hour+110*hour; moment += hour / 2 {
			if diff := cmp.Diff(nearest(claims, moment), ids(h.At("hq", "10.0.0.1", moment))); diff != "" {
				t.Fatalf("claims %+v, moment %d (-every claim +holders):\n%s", claims, moment, diff)
			}
		}
	}
}

// nearest lists the devices of the nearest claims within reach, by definition.
func nearest(claims []store.Claim, moment schema.Ticks) []string {
	best := device.ClaimReach + 1
	found := map[string]bool{}
	for _, c := range claims {
		d := max(c.First-moment, moment-c.Last, 0)
		if d < best {
			best = d
			clear(found)
		}
		if d == best && d <= device.ClaimReach {
			found[c.DeviceID] = true
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// Spans agree with At everywhere, and neighbouring spans differ.
func TestSpansAgreeWithAt(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		var claims []store.Claim
		for range random.IntN(8) {
			first := schema.Ticks(random.IntN(80))
			claims = append(claims, at(string(rune('a'+random.IntN(3))), first, first+schema.Ticks(random.IntN(3))))
		}
		h := device.NewHolders(claims, nil)
		from, to := 1000*hour-20*hour, 1000*hour+100*hour
		spans := h.Spans("hq", "10.0.0.1", from, to)
		if spans[0].From != from || spans[len(spans)-1].To != to {
			t.Fatalf("spans do not cover the time: %+v", spans)
		}
		for i, s := range spans {
			if i > 0 && (spans[i-1].To+1 != s.From || cmp.Equal(spans[i-1].Devices, s.Devices)) {
				t.Fatalf("span %d does not follow on: %+v", i, spans)
			}
			for range 20 {
				moment := s.From + schema.Ticks(random.Int64N(int64(s.To-s.From)+1))
				if diff := cmp.Diff(ids(s.Devices), ids(h.At("hq", "10.0.0.1", moment))); diff != "" {
					t.Fatalf("claims %+v, moment %d (-span +at):\n%s", claims, moment, diff)
				}
			}
		}
	}
}

func TestNames(t *testing.T) {
	var n device.Names
	for _, name := range []string{"ws5.mordor.local", "ws6", "ws6.theshire.local", "ws7.a.example", "ws7.b.example", "ws6.theshire.local"} {
		n.Add(name)
	}
	for name, want := range map[string]string{
		"ws5":              "ws5.mordor.local",
		"ws6":              "ws6.theshire.local",
		"ws7":              "ws7", // two machines share the label
		"ws8":              "ws8",
		"ws7.a.example":    "ws7.a.example",
		"ws5.mordor.local": "ws5.mordor.local",
	} {
		if got := n.Full(name); got != want {
			t.Errorf("Full(%s) = %s, want %s", name, got, want)
		}
	}
}

func TestID(t *testing.T) {
	// sha256("hq\x00ws5"), the first 20 bytes.
	if got := device.ID("hq", ""); got != "" {
		t.Errorf("ID of no name = %q", got)
	}
	a, b := device.ID("hq", "ws5"), device.ID("branch", "ws5")
	if len(a) != 40 || a == b || a != device.ID("hq", "ws5") {
		t.Errorf("IDs %q and %q", a, b)
	}
}
