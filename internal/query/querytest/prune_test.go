package querytest_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"spoor/internal/ledger"
	"spoor/internal/query"
	"spoor/internal/query/querytest"
	"spoor/internal/schema"
	"spoor/internal/store"
)

// TestPruningKeepsAnswers runs random queries over random records with the ledger asked
// where rows are and with whole scans: the answers must be the same.
func TestPruningKeepsAnswers(t *testing.T) {
	_, db := openRunner(t)
	r := query.New(query.Config{Engine: large{db}})
	rng := rand.New(rand.NewPCG(11, 4))
	for source := range sourceCount {
		storeFolded(t, db, rng, source)
	}
	pruned, apart, found := 0, 0, 0
	for range 300 {
		text := randomQuery(rng)
		rows, plan := sortedRows(t, r, text, query.Options{})
		whole, _ := sortedRows(t, r, text, unpruned)
		if !slices.Equal(rows, whole) {
			t.Fatalf("%s\npruned: %d rows, whole: %d rows\nplan:\n%s", text, len(rows), len(whole), plan)
		}
		if strings.Contains(plan, " within") {
			pruned++
		}
		if stretches.MatchString(plan) {
			apart++
		}
		if len(rows) > 0 {
			found++
		}
	}
	if pruned < 30 || apart < 30 || found < 60 {
		t.Errorf("of 300 queries %d were pruned, %d of them in several stretches, and %d found rows: too few to say anything", pruned, apart, found)
	}
}

// TestExcerptsKeepAnswers does the same with the rows of addresses kept between queries,
// while sources come, grow and go: nobody may be shown what was kept of an earlier state.
func TestExcerptsKeepAnswers(t *testing.T) {
	_, db := openRunner(t)
	r := query.New(query.Config{Engine: large{db}})
	rng := rand.New(rand.NewPCG(12, 4))
	for source := range sourceCount / 2 {
		storeFolded(t, db, rng, source)
	}
	growing := newFoldedSource(t, db, sourceCount)
	excerpted, found := 0, 0
	for n := range 400 {
		switch {
		case n%40 == 20 && n/40 < sourceCount/2:
			storeFolded(t, db, rng, sourceCount/2+n/40)
		case n%10 == 5:
			appendFolded(t, db, rng, growing, rng.IntN(8))
		case n == 130 || n == 250:
			sources, err := db.Sources(t.Context())
			if err == nil {
				err = db.RemoveSource(t.Context(), sources[rng.IntN(sourceCount/2)].ID)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		text := randomQuery(rng)
		if n%2 == 0 {
			address := pick(rng, append(rareAddresses(), someAddresses...))
			text = fmt.Sprintf("DeviceNetworkEvents | where LocalIP == '%s' or RemoteIP == '%[1]s' | summarize count(), max(Timestamp) by RemoteIP, DeviceName", address)
		}
		rows, plan := sortedRows(t, r, text, query.Options{Excerpts: true})
		whole, _ := sortedRows(t, r, text, unpruned)
		if !slices.Equal(rows, whole) {
			t.Fatalf("%s\nfrom excerpts: %d rows, whole: %d rows\nplan:\n%s", text, len(rows), len(whole), plan)
		}
		if strings.Contains(plan, "scan excerpt of") {
			excerpted++
			if len(rows) > 0 {
				found++
			}
		}
	}
	if excerpted < 100 || found < 80 {
		t.Errorf("of 400 queries %d read excerpts, and %d of these found rows: too few to say anything", excerpted, found)
	}
}

// large is a store whose tables are said to be so large that to read a part of one is
// worth a statement of its own.
type large struct{ *querytest.DB }

func (l large) Tables(ctx context.Context) (map[string]int64, error) {
	tables, err := l.DB.Tables(ctx)
	for name := range tables {
		tables[name] *= 1e6
	}
	return tables, err
}

// sourceCount is how many sources there are. stretches finds a table that is read in
// several.
const sourceCount = 24

var stretches = regexp.MustCompile(`within \S+\.\.\S+ \S+\.\.\S+`)

// rareAddress is an address that few sources name: every eighth one.
func rareAddress(n int) string { return rareAddresses()[n%8] }

func rareAddresses() []string {
	var out []string
	for i := range 8 {
		out = append(out, fmt.Sprintf("203.0.113.%d", i))
	}
	return out
}

// Values as logs print them: several spellings of one entity, and text that is none.
var (
	someAddresses = []string{"192.0.2.1", "192.0.2.2", "2001:db8::1", "2001:DB8::1", "192.0.2.1:443", "198.51.100.7, 192.0.2.2", "-", ""}
	someURLs      = []string{"example.com", "EXAMPLE.com:443", "https://Example.com/A?x=192.0.2.1", "https://example.com/a", "http://192.0.2.2/", "192.0.2.2/path", "nothing"}
	someHashes    = []string{strings.Repeat("ab", 32), strings.Repeat("AB", 32), strings.Repeat("0", 64), "abcdef", ""}
	someAccounts  = []string{"alice", "Alice", `corp\alice`, "alice@example.com", "ALICE@example.com", "-"}
	someDevices   = []string{"host1.example", "HOST1.example", "host2", "host2.", "-", ""}
)

func pick(rng *rand.Rand, from []string) string { return from[rng.IntN(len(from))] }

// storeFolded stores the records of a source in batches, as ingestion would.
func storeFolded(t *testing.T, db *querytest.DB, rng *rand.Rand, n int) {
	t.Helper()
	source := newFoldedSource(t, db, n)
	for range 3 {
		appendFolded(t, db, rng, source, n)
	}
}

func newFoldedSource(t *testing.T, db *querytest.DB, n int) *store.Source {
	t.Helper()
	source := &store.Source{Name: fmt.Sprint("source ", n)}
	if err := db.CreateSource(t.Context(), source); err != nil {
		t.Fatal(err)
	}
	return source
}

// appendFolded appends a batch to a source, of which n says which rare addresses it names.
func appendFolded(t *testing.T, db *querytest.DB, rng *rand.Rand, source *store.Source, n int) {
	t.Helper()
	folder, b := ledger.NewFolder(), &store.Batch{From: source.Ordinal}
	first := schema.Ticks(739_600+rng.IntN(40)) * schema.TicksPerDay
	for range rng.IntN(30) {
		at := first + schema.Ticks(rng.Int64N(int64(3*schema.TicksPerDay)))
		rows := randomRows(rng, n, at)
		folder.Add(&ledger.Event{
			SourceKind: "test", Source: source.ID, RawID: schema.NewRawID(source.ID, source.Ordinal), Time: at,
			Device: strings.ToLower(rows[0].Str("DeviceName")), Rows: rows,
		})
		b.Records = append(b.Records, store.Record{Ordinal: source.Ordinal, Kind: "test", Rows: rows})
		source.Ordinal++
	}
	position := *source
	b.Source, b.Sightings = &position, folder.Sightings()
	if err := db.Append(t.Context(), b); err != nil {
		t.Fatal(err)
	}
}

// randomRows is a primary row and sometimes a copy in another table.
func randomRows(rng *rand.Rand, source int, at schema.Ticks) []schema.Row {
	row := schema.NewRow(schema.Default().MustTable("DeviceNetworkEvents"))
	row.SetTime("Timestamp", at)
	row.SetString("RemoteIP", pick(rng, append(slices.Clone(someAddresses), rareAddress(source))))
	row.SetString("LocalIP", pick(rng, append(slices.Clone(someAddresses), rareAddress(source+3))))
	row.SetString("RemoteUrl", pick(rng, someURLs))
	row.SetString("DeviceName", pick(rng, someDevices))
	row.SetString("InitiatingProcessSHA256", pick(rng, someHashes))
	row.SetString("InitiatingProcessAccountName", pick(rng, someAccounts))
	row.SetString("InitiatingProcessAccountDomain", pick(rng, []string{"", "corp"}))
	row.SetString("InitiatingProcessCommandLine", "ping "+pick(rng, someAddresses))
	rows := []schema.Row{row}
	if rng.IntN(2) == 0 {
		evidence := schema.NewRow(schema.Default().MustTable("AlertEvidence"))
		evidence.SetTime("Timestamp", at)
		evidence.SetString("RemoteIP", pick(rng, someAddresses))
		evidence.SetString("SHA256", pick(rng, someHashes))
		evidence.SetString("DeviceName", pick(rng, someDevices))
		rows = append(rows, evidence)
	}
	return rows
}

// randomQuery asks for entities in ways of which some can be pruned.
func randomQuery(rng *rand.Rand) string {
	columns := map[string][]string{
		"RemoteIP": append(rareAddresses(), someAddresses...), "LocalIP": append(rareAddresses(), someAddresses...), "RemoteUrl": someURLs, "InitiatingProcessSHA256": someHashes,
		"InitiatingProcessAccountName": someAccounts, "DeviceName": someDevices, "InitiatingProcessCommandLine": someAddresses,
		"SHA256": someHashes,
	}
	cond := func(names ...string) string {
		name := names[rng.IntN(len(names))]
		value := func() string { return fmt.Sprintf("@'%s'", pick(rng, columns[name])) }
		switch rng.IntN(9) {
		case 8:
			return fmt.Sprintf("has_ipv4(%s, '%s')", name, pick(rng, []string{"192.0.2.1", "192.0.2.2", "198.51.100.7"}))
		case 0:
			return fmt.Sprintf("%s in (%s, %s)", name, value(), value())
		case 1:
			return fmt.Sprintf("%s in~ (%s, %s)", name, value(), value())
		case 2:
			return fmt.Sprintf("%s =~ %s", name, value())
		case 3:
			return fmt.Sprintf("(%s == %s or %s == %s)", name, value(), name, value())
		case 4:
			return fmt.Sprintf("%s has %s", name, value())
		case 5:
			return fmt.Sprintf("%s != %s", name, value())
		default:
			return fmt.Sprintf("%s == %s", name, value())
		}
	}
	network := []string{"RemoteIP", "LocalIP", "RemoteUrl", "InitiatingProcessSHA256", "InitiatingProcessAccountName", "DeviceName", "InitiatingProcessCommandLine"}
	evidence := []string{"RemoteIP", "SHA256", "DeviceName"}
	const show = "project Timestamp, RemoteIP, DeviceName, _RawId"
	switch rng.IntN(7) {
	case 6:
		return "search in (DeviceNetworkEvents, AlertEvidence) '" + pick(rng, []string{"192.0.2.1", "2001:db8::1", "alice"}) + "' and DeviceName == @'" + pick(rng, someDevices) + "' | project RemoteIP, DeviceName"
	case 0:
		return "AlertEvidence | where " + cond(evidence...) + " | " + show
	case 1:
		return "union DeviceNetworkEvents, AlertEvidence | where " + cond("RemoteIP", "DeviceName") + " | project RemoteIP, DeviceName"
	case 2:
		return "DeviceNetworkEvents | where " + cond(network...) + " | join kind=inner (AlertEvidence | where " + cond(evidence...) + ") on RemoteIP | project RemoteIP, DeviceName, SHA256"
	case 3:
		return "DeviceNetworkEvents | where " + cond(network...) + " and " + cond(network...) + " | summarize count() by RemoteIP"
	case 4:
		return "search in (DeviceNetworkEvents, AlertEvidence) RemoteIP == @'" + pick(rng, someAddresses) + "' | project RemoteIP, DeviceName"
	default:
		return "DeviceNetworkEvents | where " + cond(network...) + " | " + show
	}
}

// sortedRows are the rows of an answer as text, in an order of their own, and its plan.
func sortedRows(t *testing.T, r *query.Runner, text string, o query.Options) ([]string, string) {
	t.Helper()
	res, err := r.Run(t.Context(), query.Request{Text: text, Options: o})
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	defer res.Close()
	var rows []string
	for res.Next() {
		rows = append(rows, fmt.Sprint(res.Row()))
	}
	if err := res.Err(); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	slices.Sort(rows)
	return rows, res.Plan()
}
