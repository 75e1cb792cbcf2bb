package entitypage

import (
	"testing"

	"spoor/internal/entity"
	"spoor/internal/schema"
	"spoor/internal/store"
)

// event adds an event of 30 May with its raw record, for the batch's next ordinal.
func (b *bench) event(table, kind string, hour int, outcome schema.Outcome, set func(row *schema.Row)) {
	row := schema.NewRow(schema.Default().MustTable(table))
	row.SetTime(row.Table.Time, at(30, hour))
	set(&row)
	n := int64(len(b.batch.Records))
	b.batch.Records = append(b.batch.Records, store.Record{
		Ordinal: n, Offset: n, Raw: []byte("x"), Kind: kind, Rows: []schema.Row{row}, Outcome: outcome,
	})
}

// counted adds to the ledger what n events of a sensor on 30 May come to.
func (b *bench) counted(address, table, kind, peer string, firstHour, lastHour int, n int64, roles entity.Roles, outcome schema.Outcome) {
	b.saw(address, kind, "", peer, at(30, firstHour), at(30, lastHour), n, roles, outcome)
	b.batch.Sightings[len(b.batch.Sightings)-1].Table = table
}

// within asks for some hours of 30 May: the records of a source kind, and the note.
func (b *bench) within(address string, from, to int, kind string) (records, mentioned int64, note string) {
	b.Helper()
	doc := b.build(address, at(30, from).Time(), at(30, to).Time())
	for _, s := range doc.Sources {
		if s.SourceKind == kind {
			records, mentioned = s.Records, s.Mentioned
		}
	}
	return records, mentioned, doc.Range.Note
}

// The hosts of zeek.files stand in no column, but the events hold them all the same.
func TestEdgeOfEventsWithoutAddressColumn(t *testing.T) {
	b := newBench(t)
	for _, hour := range []int{1, 5, 9} {
		b.event(schema.SpoorRaw, "zeek.files", hour, schema.OutcomeNone, func(row *schema.Row) {
			row.SetString("Fields", `{"tx_hosts":["203.0.113.1"],"rx_hosts":["10.1.1.5"]}`)
		})
	}
	b.event(schema.SpoorRaw, "zeek.files", 6, schema.OutcomeNone, func(row *schema.Row) {
		row.SetString("Fields", `{"tx_hosts":["203.0.113.11"],"rx_hosts":["10.1.1.6"]}`)
	})
	b.counted("203.0.113.1", schema.SpoorRaw, "zeek.files", "", 1, 9, 3, entity.RoleSource, schema.OutcomeNone)
	b.counted("10.1.1.5", schema.SpoorRaw, "zeek.files", "", 1, 9, 3, entity.RoleDestination, schema.OutcomeNone)
	b.commit()
	for address, want := range map[string]int64{"203.0.113.1": 1, "10.1.1.5": 1} {
		if n, _, note := b.within(address, 4, 8, "zeek.files"); n != want || note != "" {
			t.Errorf("%s from 4 to 8 h: %d records, note %q", address, n, note)
		}
	}
}

// An answer of a DNS query stands in the text of its event, and so does a mention.
func TestEdgeOfAnswersAndMentions(t *testing.T) {
	b := newBench(t)
	for _, hour := range []int{1, 5, 6} {
		b.event("DeviceNetworkEvents", "zeek.dns", hour, schema.OutcomeEstablished, func(row *schema.Row) {
			row.SetString("LocalIP", "10.1.1.5")
			row.SetString("RemoteIP", "10.1.1.1")
			row.SetString("AdditionalFields", `{"query":"a.example","answers":["203.0.113.1"]}`)
		})
	}
	b.event("DeviceNetworkEvents", "zeek.http", 2, schema.OutcomeNone, func(row *schema.Row) {
		row.SetString("RemoteUrl", "http://203.0.113.1/a")
	})
	b.event("DeviceNetworkEvents", "zeek.http", 7, schema.OutcomeNone, func(row *schema.Row) {
		row.SetString("RemoteUrl", "http://203.0.113.1/b")
	})
	b.counted("203.0.113.1", "DeviceNetworkEvents", "zeek.dns", "", 1, 6, 3, entity.RoleAnswer, schema.OutcomeEstablished)
	b.counted("203.0.113.1", "DeviceNetworkEvents", "zeek.http", "", 2, 7, 2, entity.RoleMentioned, schema.OutcomeNone)
	b.commit()
	if n, _, note := b.within("203.0.113.1", 4, 6, "zeek.dns"); n != 1 || note != "" {
		t.Errorf("answers from 4 to 6 h: %d, note %q", n, note)
	}
	if _, n, note := b.within("203.0.113.1", 4, 8, "zeek.http"); n != 1 || note != "" {
		t.Errorf("mentions from 4 to 8 h: %d, note %q", n, note)
	}
}

// Two hosts that open flows to each other on one day are told apart by who opened.
func TestEdgeBothWays(t *testing.T) {
	b := newBench(t)
	for _, e := range []struct {
		hour   int
		action string
	}{{1, "ConnectionSuccess"}, {5, "ConnectionSuccess"}, {2, "InboundConnectionAccepted"}, {6, "InboundConnectionAccepted"}, {7, "InboundConnectionAccepted"}} {
		b.event("DeviceNetworkEvents", "zeek.conn", e.hour, schema.OutcomeEstablished, func(row *schema.Row) {
			row.SetString("ActionType", e.action)
			row.SetString("LocalIP", "10.1.1.5")
			row.SetString("RemoteIP", "203.0.113.1")
		})
	}
	b.counted("203.0.113.1", "DeviceNetworkEvents", "zeek.conn", "10.1.1.5", 1, 5, 2, entity.RoleDestination|entity.RoleRemote, schema.OutcomeEstablished)
	b.counted("203.0.113.1", "DeviceNetworkEvents", "zeek.conn", "10.1.1.5", 2, 7, 3, entity.RoleSource|entity.RoleRemote, schema.OutcomeEstablished)
	b.commit()
	doc := b.build("203.0.113.1", at(30, 4).Time(), at(30, 7).Time())
	if s := doc.Sources[0]; s.Records != 2 || s.AsSource != 1 || s.AsDestination != 1 || doc.Range.Note != "" {
		t.Errorf("from 4 to 7 h: %d records, %d as source, %d as destination, note %q", s.Records, s.AsSource, s.AsDestination, doc.Range.Note)
	}
}
