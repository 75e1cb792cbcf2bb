package ingest

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"spoor/internal/ingest/normalize"
	"spoor/internal/schema"
)

// processCache keeps creation events of processes, so that what a process does later
// carries its command line, account and parent. Two generations bound it: when the
// young one is full it becomes the old one, and what is asked for comes back.
type processCache struct {
	young, old map[processKey][]creation
	// missed remembers what the store was asked for in vain.
	missed map[processKey]bool
}

// generation is how many processes one generation holds.
const generation = 100_000

// processKey is a process by its GUID, or by its id on a device.
type processKey struct {
	device string // DeviceID
	guid   string
	pid    int64
}

// creation is the row of DeviceProcessEvents in which a process was created.
type creation struct {
	at    schema.Ticks
	image string
	row   schema.Row
}

func newProcessCache() *processCache {
	return &processCache{
		young: map[processKey][]creation{}, old: map[processKey][]creation{}, missed: map[processKey]bool{},
	}
}

// fill gives the events of a batch their process context, in order: a creation is known
// to what comes behind it. What the cache does not know is asked of the store, once a
// batch.
func (c *processCache) fill(ctx context.Context, r *run, events []event) error {
	var pending []*event
	for i := range events {
		ev := &events[i]
		if ev.reason != "" {
			continue
		}
		if ev.Process != nil && !c.resolve(r, ev) {
			pending = append(pending, ev)
		}
		c.learn(r, ev)
	}
	if err := c.ask(ctx, r, pending); err != nil {
		return err
	}
	for _, ev := range pending {
		ev.unresolved = !c.resolve(r, ev)
	}
	return nil
}

// learn takes note of an event that creates a process.
func (c *processCache) learn(r *run, ev *event) {
	row := &ev.Rows[0]
	if row.Table.Name != "DeviceProcessEvents" || row.Str("ActionType") != "ProcessCreated" {
		return
	}
	c.add(r.norm.DeviceID(ev.Device), creation{at: ev.Time, image: imageOf(row), row: detach(row)})
}

func (c *processCache) add(device string, made creation) {
	if device == "" {
		return
	}
	if len(c.young) >= generation {
		c.old, c.young, c.missed = c.young, map[processKey][]creation{}, map[processKey]bool{}
	}
	if guid := made.row.Str("ProcessUniqueId"); guid != "" {
		k := processKey{device: device, guid: guid}
		c.young[k] = []creation{made}
		delete(c.missed, k)
	}
	if pid, ok := made.row.Get("ProcessId"); ok {
		k := processKey{device: device, pid: pid.Int()}
		c.young[k] = append(c.lookup(k), made)
		delete(c.missed, k)
	}
}

func (c *processCache) lookup(k processKey) []creation {
	if list, ok := c.young[k]; ok {
		return list
	}
	list, ok := c.old[k]
	if ok {
		c.young[k] = list
	}
	return list
}

// detach is a row whose text does not keep the batch's bytes in memory.
func detach(row *schema.Row) schema.Row {
	out := schema.Row{Table: row.Table, Cells: make([]schema.Cell, len(row.Cells))}
	for i, cell := range row.Cells {
		out.Cells[i] = schema.Cell{Column: cell.Column, Value: cell.Value.Clone()}
	}
	return out
}

// keys are the ways to find a process, the certain one first.
func keys(device string, ref *normalize.ProcessRef) []processKey {
	var out []processKey
	if ref.GUID != "" {
		out = append(out, processKey{device: device, guid: ref.GUID})
	}
	if ref.PID != 0 {
		out = append(out, processKey{device: device, pid: ref.PID})
	}
	return out
}

// resolve fills the event from the creation of its process, if that is known.
func (c *processCache) resolve(r *run, ev *event) bool {
	for _, k := range keys(r.norm.DeviceID(ev.Device), ev.Process) {
		list := c.lookup(k)
		for i := len(list) - 1; i >= 0; i-- {
			made := &list[i]
			if k.guid == "" && (made.at > ev.Time || !sameImage(made.image, ev.Process.Image)) {
				continue
			}
			for j := range ev.Rows {
				enrich(&ev.Rows[j], &made.row)
			}
			return true
		}
	}
	return false
}

// contextColumns pairs the columns of a creation event with those of what the process
// does.
var contextColumns = [...][2]string{
	{"FileName", "InitiatingProcessFileName"},
	{"FolderPath", "InitiatingProcessFolderPath"},
	{"FileSize", "InitiatingProcessFileSize"},
	{"SHA1", "InitiatingProcessSHA1"},
	{"SHA256", "InitiatingProcessSHA256"},
	{"MD5", "InitiatingProcessMD5"},
	{"ProcessCommandLine", "InitiatingProcessCommandLine"},
	{"ProcessCreationTime", "InitiatingProcessCreationTime"},
	{"ProcessIntegrityLevel", "InitiatingProcessIntegrityLevel"},
	{"ProcessTokenElevation", "InitiatingProcessTokenElevation"},
	{"ProcessVersionInfoCompanyName", "InitiatingProcessVersionInfoCompanyName"},
	{"ProcessVersionInfoProductName", "InitiatingProcessVersionInfoProductName"},
	{"ProcessVersionInfoProductVersion", "InitiatingProcessVersionInfoProductVersion"},
	{"ProcessVersionInfoInternalFileName", "InitiatingProcessVersionInfoInternalFileName"},
	{"ProcessVersionInfoOriginalFileName", "InitiatingProcessVersionInfoOriginalFileName"},
	{"ProcessVersionInfoFileDescription", "InitiatingProcessVersionInfoFileDescription"},
	{"AccountDomain", "InitiatingProcessAccountDomain"},
	{"AccountName", "InitiatingProcessAccountName"},
	{"AccountSid", "InitiatingProcessAccountSid"},
	{"AccountUpn", "InitiatingProcessAccountUpn"},
	{"AccountObjectId", "InitiatingProcessAccountObjectId"},
	{"InitiatingProcessFileName", "InitiatingProcessParentFileName"},
	{"InitiatingProcessId", "InitiatingProcessParentId"},
	{"InitiatingProcessCreationTime", "InitiatingProcessParentCreationTime"},
	{"ProcessUniqueId", "InitiatingProcessUniqueId"},
}

// contextPair is one of contextColumns as indexes: of the column of a creation event, and
// of the one of a table's row.
type contextPair struct{ from, to int }

// contextPairs are the pairs of every table that has columns for them.
var contextPairs = sync.OnceValue(func() map[*schema.Table][]contextPair {
	creations := schema.Default().MustTable("DeviceProcessEvents")
	pairs := map[*schema.Table][]contextPair{}
	for _, t := range schema.Default().Tables() {
		for _, pair := range contextColumns {
			from, to := creations.Index(pair[0]), t.Index(pair[1])
			if from >= 0 && to >= 0 && creations.Columns[from].Type == t.Columns[to].Type {
				pairs[t] = append(pairs[t], contextPair{from, to})
			}
		}
	}
	return pairs
})

// enrich fills what the row itself does not say.
func enrich(row, made *schema.Row) {
	for _, pair := range contextPairs()[row.Table] {
		if _, has := row.Cell(pair.to); has {
			continue
		}
		if v, ok := made.Cell(pair.from); ok && v.Type == row.Table.Columns[pair.to].Type {
			row.Cells = append(row.Cells, schema.Cell{Column: pair.to, Value: v})
		}
	}
}

// ask looks for the creations of what is pending in the store.
func (c *processCache) ask(ctx context.Context, r *run, pending []*event) error {
	if r.cfg.KQL == nil || len(pending) == 0 {
		return nil
	}
	guids, pids, devices := map[string]bool{}, map[int64]bool{}, map[string]bool{}
	for _, ev := range pending {
		device := r.norm.DeviceID(ev.Device)
		for _, k := range keys(device, ev.Process) {
			if c.missed[k] || device == "" {
				continue
			}
			c.missed[k] = true
			devices[device] = true
			if k.guid != "" {
				guids[k.guid] = true
			} else {
				pids[k.pid] = true
			}
		}
	}
	if len(devices) == 0 {
		return nil
	}
	query := creationQuery(devices, guids, pids)
	table := schema.Default().MustTable("DeviceProcessEvents")
	if err := r.cfg.KQL(ctx, query, func(values []any) {
		device, _ := values[0].(string)
		at, _ := values[1].(schema.Ticks)
		row := schema.NewRow(table)
		for i, name := range creationColumns {
			setCell(&row, name, values[2+i])
		}
		c.add(device, creation{at: at, image: imageOf(&row), row: row})
	}); err != nil {
		return fmt.Errorf("look for processes that were created before: %w", err)
	}
	return nil
}

// creationColumns are the columns a creation gives.
var creationColumns = func() []string {
	names := []string{"ProcessId"}
	for _, pair := range contextColumns {
		names = append(names, pair[0])
	}
	return names
}()

// creationQuery asks for the creations of processes on some devices, oldest first.
func creationQuery(devices, guids map[string]bool, pids map[int64]bool) string {
	var b strings.Builder
	b.WriteString("DeviceProcessEvents\n| where ActionType == \"ProcessCreated\" and DeviceId in (")
	list(&b, devices, func(s string) string { return `"` + s + `"` })
	b.WriteString(")\n| where ")
	if len(guids) > 0 {
		b.WriteString("ProcessUniqueId in (")
		list(&b, guids, quote)
		b.WriteString(")")
	}
	if len(pids) > 0 {
		if len(guids) > 0 {
			b.WriteString(" or ")
		}
		b.WriteString("ProcessId in (")
		list(&b, pids, func(n int64) string { return fmt.Sprint(n) })
		b.WriteString(")")
	}
	b.WriteString("\n| project DeviceId, Timestamp, " + strings.Join(creationColumns, ", "))
	b.WriteString("\n| sort by Timestamp asc")
	return b.String()
}

func list[K comparable](b *strings.Builder, set map[K]bool, text func(K) string) {
	sep := ""
	for k := range set {
		b.WriteString(sep)
		b.WriteString(text(k))
		sep = ", "
	}
}

// quote writes a KQL string literal; a GUID out of a hostile log may hold anything.
func quote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\r", `\r`).Replace(s) + `"`
}

// setCell puts a query's value into a row.
func setCell(row *schema.Row, name string, v any) {
	switch v := v.(type) {
	case string:
		row.SetString(name, v)
	case int64:
		row.SetInt(name, v)
	case schema.Ticks:
		row.SetTime(name, v)
	}
}

// imageOf is the path of the process that a row creates.
func imageOf(row *schema.Row) string {
	file, folder := row.Str("FileName"), row.Str("FolderPath")
	if folder == "" || strings.EqualFold(base(folder), file) {
		if folder != "" {
			return folder
		}
		return file
	}
	return strings.TrimRight(folder, `\/`) + `\` + file
}

// sameImage reports whether two paths name one executable. The same file is printed
// with a drive by one source and with a device by another (\device\harddiskvolume2),
// and some print the name only.
func sameImage(a, b string) bool {
	if !strings.EqualFold(base(a), base(b)) || base(a) == "" {
		return false
	}
	a, b = withoutVolume(a), withoutVolume(b)
	return strings.EqualFold(a, b) || !strings.ContainsAny(a, `\/`) || !strings.ContainsAny(b, `\/`)
}

func base(path string) string { return path[strings.LastIndexAny(path, `\/`)+1:] }

func withoutVolume(path string) string {
	const device = `\device\`
	if len(path) > len(device) && strings.EqualFold(path[:len(device)], device) {
		if i := strings.IndexByte(path[len(device):], '\\'); i >= 0 {
			return path[len(device)+i:]
		}
	}
	if len(path) > 2 && path[1] == ':' {
		return path[2:]
	}
	return path
}
