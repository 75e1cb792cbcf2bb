package normalize

import "spoor/internal/ingest/decode"

// products are the mappings, asked in order. The first that knows a record has it.
var products = []Func{Zeek, Windows, Suricata, Native, Raw}

// Record normalizes a record by the first mapping that knows it; Raw knows them all.
// ok is false when the record is of a known product but cannot be placed; reason says
// why, for quarantine.
func Record(r *decode.Record, src *Source) (ev Event, ok bool, reason string) {
	for _, product := range products {
		if ev, ok, reason = product(r, src); ok || reason != "" {
			return ev, ok, reason
		}
	}
	return ev, ok, reason
}
