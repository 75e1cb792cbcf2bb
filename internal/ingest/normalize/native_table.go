package normalize

import (
	"strings"
	"sync"

	"spoor/internal/ingest/decode"
	"spoor/internal/schema"
)

// namedTable is the table that the envelope names; else the one named by a $table or
// Type column, by the container or by the file, if the row looks like it. nil: none.
func (n *nativeRow) namedTable() *schema.Table {
	if n.named != "" {
		return nativeTable(n.named)
	}
	for _, name := range [...]string{memberText(n.fields, "$table"), memberText(n.fields, "Type"), n.rec.Stream, nativeFileTable(n.src.Name)} {
		if t := nativeTable(name); t != nil && n.looksLike(t) {
			return t
		}
	}
	if memberText(n.fields, "CreatedProcessName") != "" && memberText(n.fields, "ReportTime") != "" {
		return nativeTable("DeviceProcessEvents")
	}
	return nil
}

// nativeTable finds a table that takes rows of others' making: not one of ours.
func nativeTable(name string) *schema.Table {
	t, ok := schema.Default().Table(name)
	if !ok || t.Own || t.View {
		return nil
	}
	return t
}

// nativeFileTable is the table a file is named after: SigninLogs.csv, or
// SigninLogs-2024-01-02.json, or query_data.csv, which names none.
func nativeFileTable(name string) string {
	name = name[strings.LastIndexAny(name, `/\!`)+1:]
	name, _, _ = strings.Cut(name, ".")
	if nativeTable(name) == nil {
		if i := strings.IndexAny(name, "- ("); i > 0 {
			name = name[:i]
		}
	}
	return name
}

// looksLike reports whether at least half of the row's filled fields are columns of the
// table that names it. A Type or a file name alone may be chance.
func (n *nativeRow) looksLike(t *schema.Table) bool {
	fits, all := 0, 0
	for i := range n.fields {
		if f := &n.fields[i]; f.Kind != decode.Null && f.Text != "" && !nativeIndexColumn(f.Name) {
			all++
			if nativeColumn(t, f.Name) != nil {
				fits++
			}
		}
	}
	return fits > 0 && 2*fits >= all
}

// The least that a row must show to be taken for a row of a table that nothing names:
// so many of its filled fields are columns of the table, and that share of them; or
// fewer, if all of them are and no other table has them all. Columns that nearly all
// tables have do not count.
const (
	nativeMinColumns = 5
	nativeMinShare   = 0.7
	nativeMinAlone   = 4
)

// bestTable scores every table by how many of the row's fields are its columns, and
// takes the one with most; of several the one that the ActionType is of, else the one
// with fewest columns, which the row fills best. Fields that hold nothing do not count, for rows of a union carry the columns of
// all its tables and fill only those of their own. But the header of a CSV export is
// asked as a whole first, so that its rows stay together.
func (n *nativeRow) bestTable() *schema.Table {
	if n.rec.Format == "csv" {
		if t := n.score(func(*decode.Field) bool { return true }); t != nil {
			return t
		}
	}
	return n.score(func(f *decode.Field) bool {
		return f.Kind != decode.Null && f.Text != "" && f.Text != "[]" && f.Text != "{}"
	})
}

func (n *nativeRow) score(counts func(*decode.Field) bool) *schema.Table {
	index := nativeColumnIndex()
	hits := make([]uint16, len(index.tables))
	all := 0
	for i := range n.fields {
		f := &n.fields[i]
		if nativeIndexColumn(f.Name) || nativeCommon[f.Name] || !counts(f) {
			continue
		}
		all++
		for _, t := range index.having(f.Name) {
			hits[t]++
		}
	}
	best, equals := 0, 0
	for t := range hits {
		if hits[t] > hits[best] || (hits[t] == hits[best] && len(index.tables[t].Columns) < len(index.tables[best].Columns)) {
			best = t
		}
	}
	most, byAction := hits[best], nativeActionTable(memberText(n.fields, "ActionType"))
	for t := range hits {
		if hits[t] != most {
			continue
		}
		equals++
		if index.tables[t].Name == byAction {
			best = t
		}
	}
	enough := int(most) >= nativeMinColumns && float64(most) >= nativeMinShare*float64(all)
	alone := int(most) >= nativeMinAlone && int(most) == all && equals == 1
	if !enough && !alone {
		return nil
	}
	return index.tables[best]
}

// nativeActionTable is the table of Defender's endpoint events that an ActionType is
// of, "" without one. DeviceEvents has all that have no table of their own.
func nativeActionTable(action string) string {
	has := func(prefix string) bool { return strings.HasPrefix(action, prefix) }
	switch {
	case action == "":
		return ""
	case has("Connection"), has("InboundConnection"), has("ListeningConnection"), has("NetworkSignature"),
		strings.HasSuffix(action, "ConnectionInspected"):
		return "DeviceNetworkEvents"
	case has("ProcessCreated"):
		return "DeviceProcessEvents"
	case has("File"):
		return "DeviceFileEvents"
	case has("Registry"):
		return "DeviceRegistryEvents"
	case has("ImageLoaded"):
		return "DeviceImageLoadEvents"
	case has("Logon"):
		return "DeviceLogonEvents"
	default:
		return "DeviceEvents"
	}
}

// nativeCommon is the columns that say nothing about which table a row is of.
var nativeCommon = map[string]bool{
	"TimeGenerated": true, "Timestamp": true, "TenantId": true, "Type": true, "SourceSystem": true,
	"_IsBillable": true, "_BilledSize": true, "_ResourceId": true, "_SubscriptionId": true, "AdditionalFields": true,
}

// nativeIndex says which tables have a column.
type nativeIndex struct {
	tables  []*schema.Table
	columns map[string][]uint16 // name of a column or an alias -> positions in tables
}

// having lists the tables with a column that a header means.
func (x *nativeIndex) having(name string) []uint16 {
	if list, ok := x.columns[name]; ok {
		return list
	}
	name = strings.TrimSpace(strings.TrimSuffix(name, "[UTC]"))
	if i := strings.LastIndexByte(name, '_'); i > 0 {
		if _, ok := schema.ParseType(name[i+1:]); ok {
			name = name[:i]
		}
	}
	return x.columns[name]
}

var nativeColumnIndex = sync.OnceValue(func() *nativeIndex {
	x := &nativeIndex{columns: map[string][]uint16{}}
	for _, t := range schema.Default().Tables() {
		if t.Own || t.View {
			continue
		}
		position := uint16(len(x.tables))
		x.tables = append(x.tables, t)
		for i := range t.Columns {
			if c := &t.Columns[i]; !c.Hidden {
				x.columns[c.Name] = append(x.columns[c.Name], position)
			}
		}
		for alias := range nativeAliases[t.Name] {
			x.columns[alias] = append(x.columns[alias], position)
		}
	}
	return x
})
