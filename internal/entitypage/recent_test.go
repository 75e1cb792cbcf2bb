package entitypage

import (
	"fmt"
	"testing"
	"time"
)

// Of a thousand names, logons and other addresses a page keeps what it shows, not the list
// that it was cut from.
func TestKeptAnswersLetTheRestGo(t *testing.T) {
	const all = 1000
	b := newBench(t)
	var names, logons []string
	for i := range all {
		at := hourOf(10, 0).Add(time.Duration(i) * time.Second).Format(time.RFC3339)
		names = append(names, fmt.Sprintf(`{"_path":"ssl","ts":%q,"uid":"S%d","id.orig_h":"10.1.1.5","id.orig_p":50009,"id.resp_h":"203.0.113.9","id.resp_p":443,"server_name":"n%d.example"}`, at, i, i),
			fmt.Sprintf(`{"_path":"ssl","ts":%q,"uid":"T%d","id.orig_h":"10.1.1.5","id.orig_p":50009,"id.resp_h":"198.51.%d.%d","id.resp_p":443,"server_name":"n0.example"}`, at, i, i/250, i%250+1))
		logons = append(logons, fmt.Sprintf(`{"Type":"DeviceLogonEvents","Timestamp":%q,"DeviceName":"srv.example.test","DeviceId":"d1","AccountName":"a%d","ActionType":"LogonSuccess","RemoteIP":"10.1.1.5"}`, at, i))
	}
	b.ingest(map[string]string{"ssl.json": lines(names...), "logons.json": lines(logons...)})

	list, err := b.pages.Names(t.Context(), ip("203.0.113.9"))
	b.must(err)
	shown, err := b.pages.Related(t.Context(), ip("203.0.113.9"), "shown")
	b.must(err)
	own, err := b.pages.OwnUse(t.Context(), ip("10.1.1.5"))
	b.must(err)
	f, err := b.pages.Footprint(t.Context(), ip("203.0.113.9"))
	b.must(err)
	if list.Total != all || len(shown.Groups) != 1 || shown.Groups[0].Total != all {
		t.Fatalf("%d names, shown are %+v", list.Total, shown.Groups)
	}
	for _, c := range []struct {
		name                string
		shown, length, room int
	}{
		{"names", nameItems, len(list.Items), cap(list.Items)},
		{"others", relatedItems, len(shown.Groups[0].Items), cap(shown.Groups[0].Items)},
		{"logons", PageSize, len(own.Logons), cap(own.Logons)},
		{"passive DNS", footprintItems, len(f.DNS.Items), cap(f.DNS.Items)},
	} {
		if c.length != c.shown || c.room > 2*c.shown {
			t.Errorf("%s: %d in a list with room for %d, want %d", c.name, c.length, c.room, c.shown)
		}
	}
}
