package kusto

import (
	"context"
	"encoding/json"
	"net/http"
	"regexp"
	"runtime/debug"
	"strings"

	"spoor/internal/kql/value"
	"spoor/internal/query"
	"spoor/internal/schema"
)

// command is a management command: its words, and what answers it. The submatches of
// the pattern are handed in, quotes and brackets around names taken off.
type command struct {
	pattern *regexp.Regexp
	answer  func(h *Handler, ctx context.Context, names []string) (*query.Result, error)
}

// name matches a table or database name: plain, ['quoted'], ["quoted"] or [bracketed].
const name = `(\[\s*'[^']*'\s*\]|\[\s*"[^"]*"\s*\]|[\w.\-*]+)`

// commands are those that clients send by themselves to learn what there is, and those
// of stored functions. Nothing else is managed through them.
var commands = append(functionCommands, []command{
	{show(`tables`), (*Handler).showTables},
	{show(`tables details`), (*Handler).showTablesDetails},
	{show(`table ` + name + ` schema as json`), (*Handler).showTableJSON},
	{show(`table ` + name + ` cslschema`), (*Handler).showTableCSL},
	{show(`table ` + name + ` details`), (*Handler).showTableDetails},
	{show(`(?:database|databases|schema)(?: ` + name + `)? schema as json`), (*Handler).showSchemaJSON},
	{show(`schema as json`), (*Handler).showSchemaJSON},
	{show(`(?:database|databases)(?: ` + name + `)? schema`), (*Handler).showSchema},
	{show(`schema`), (*Handler).showSchema},
	{show(`databases`), (*Handler).showDatabases},
	{show(`database(?: ` + name + `)?`), (*Handler).showDatabases},
	{show(`databases details`), (*Handler).showDatabases},
	{show(`version`), (*Handler).showVersion},
	{show(`external tables`), empty("TableName", "TableType", "Folder", "DocString", "Properties", "ConnectionStrings", "Partitions", "PathFormat")},
	{show(`materialized-views`), empty("Name", "SourceTable", "Query", "Folder", "DocString")},
	{show(`operations`), (*Handler).showOperations},
}...)

// show matches ".show" and the words, whatever the case and the space between them, with or without
// a final semicolon.
func show(words string) *regexp.Regexp {
	return regexp.MustCompile(`(?is)^\s*\.show\s+` + strings.ReplaceAll(words, " ", `\s+`) + `\s*;?\s*$`)
}

// Manage answers /v1/rest/mgmt.
func (h *Handler) Manage(w http.ResponseWriter, r *http.Request) {
	req, err := read(r)
	if err != nil {
		h.Failed(w, r, err)
		return
	}
	h.Command(r.Context(), req.Text)
	res, err := h.manage(r.Context(), req.Text)
	if err != nil {
		h.Failed(w, r, err)
		return
	}
	defer res.Close()
	h.begin(w, req)
	rows := newRows(res, false)
	// A single table without a table of contents: so the service answers commands.
	err = newWriter(w).v1(&answer{}, rows)
	h.Finished(r.Context(), rows.count, err)
}

func (h *Handler) manage(ctx context.Context, text string) (*query.Result, error) {
	for _, c := range commands {
		if m := c.pattern.FindStringSubmatch(text); m != nil {
			return c.answer(h, ctx, unquote(m[1:]))
		}
	}
	if !strings.HasPrefix(strings.TrimSpace(text), ".") {
		return nil, badRequest("a management command begins with a dot; queries go to /v2/rest/query")
	}
	return nil, badRequest("the command %.200q is not supported: there are .show tables, .show tables details, .show table T schema as json, "+
		".show table T cslschema, .show database schema [as json], .show databases, .show version, .show operations, .show functions, .show function F, "+
		".create-or-alter function F(…) { … }, .create function, .alter function, .drop function", firstLine(text))
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	return line
}

func unquote(names []string) []string {
	out := make([]string, len(names))
	for i, n := range names {
		if strings.HasPrefix(n, "[") {
			n = strings.TrimSpace(n[1 : len(n)-1])
			n = n[1 : len(n)-1]
		}
		out[i] = n
	}
	return out
}

// columns makes columns from names and types in turn: "Name", "string", "Rows", "long".
func columns(namesAndTypes ...string) []query.Column {
	var out []query.Column
	for i := 0; i < len(namesAndTypes); i += 2 {
		t, _ := schema.ParseType(namesAndTypes[i+1])
		out = append(out, query.Column{Name: namesAndTypes[i], Type: t})
	}
	return out
}

func empty(names ...string) func(*Handler, context.Context, []string) (*query.Result, error) {
	var cols []query.Column
	for _, n := range names {
		cols = append(cols, query.Column{Name: n, Type: schema.String})
	}
	return func(*Handler, context.Context, []string) (*query.Result, error) { return query.Fixed(cols, nil), nil }
}

func (h *Handler) showTables(context.Context, []string) (*query.Result, error) {
	var rows [][]any
	for _, t := range h.Catalog.Tables() {
		rows = append(rows, []any{t.Name, Database, "", t.Doc})
	}
	return query.Fixed(columns("TableName", "string", "DatabaseName", "string", "Folder", "string", "DocString", "string"), rows), nil
}

var detailColumns = columns("TableName", "string", "DatabaseName", "string", "Folder", "string", "DocString", "string",
	"TotalExtents", "long", "TotalExtentSize", "real", "TotalOriginalSize", "real", "TotalRowCount", "long",
	"HotExtents", "long", "HotExtentSize", "real", "HotOriginalSize", "real", "HotRowCount", "long")

// detailRow leaves null what the event store does not know of a table.
func detailRow(t *schema.Table, rows int64) []any {
	return []any{t.Name, Database, "", t.Doc, nil, nil, nil, rows, nil, nil, nil, rows}
}

func (h *Handler) showTablesDetails(ctx context.Context, _ []string) (*query.Result, error) {
	counts, err := h.RowCounts(ctx)
	if err != nil {
		return nil, err
	}
	var rows [][]any
	for _, t := range h.Catalog.Tables() {
		rows = append(rows, detailRow(t, counts[t.Name]))
	}
	return query.Fixed(detailColumns, rows), nil
}

func (h *Handler) showTableDetails(ctx context.Context, names []string) (*query.Result, error) {
	t, err := h.table(names[0])
	if err != nil {
		return nil, err
	}
	counts, err := h.RowCounts(ctx)
	if err != nil {
		return nil, err
	}
	return query.Fixed(detailColumns, [][]any{detailRow(t, counts[t.Name])}), nil
}

func (h *Handler) table(name string) (*schema.Table, error) {
	if t, ok := h.Catalog.Table(name); ok {
		return t, nil
	}
	return nil, badRequest("Entity %.100q of kind 'Table' was not found.", name)
}

var tableSchemaColumns = columns("TableName", "string", "Schema", "string", "DatabaseName", "string", "Folder", "string", "DocString", "string")

func (h *Handler) showTableJSON(_ context.Context, names []string) (*query.Result, error) {
	t, err := h.table(names[0])
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(tableJSON{Name: t.Name, OrderedColumns: columnsJSON(t)})
	if err != nil {
		return nil, err
	}
	return query.Fixed(tableSchemaColumns, [][]any{{t.Name, string(text), Database, "", t.Doc}}), nil
}

func (h *Handler) showTableCSL(_ context.Context, names []string) (*query.Result, error) {
	t, err := h.table(names[0])
	if err != nil {
		return nil, err
	}
	var parts []string
	for _, c := range shown(t) {
		parts = append(parts, c.Name+":"+c.Type.String())
	}
	return query.Fixed(tableSchemaColumns, [][]any{{t.Name, strings.Join(parts, ","), Database, "", t.Doc}}), nil
}

// The shape of a schema as JSON.
type (
	schemaJSON struct {
		Plugins   []struct{}
		Databases map[string]databaseJSON
	}
	databaseJSON struct {
		Name               string
		Tables             map[string]tableJSON
		ExternalTables     struct{}
		MaterializedViews  struct{}
		EntityGroups       struct{}
		Functions          map[string]functionJSON
		MajorVersion       int
		MinorVersion       int
		DatabaseAccessMode string
	}
	tableJSON struct {
		Name           string
		Folder         string `json:",omitempty"`
		DocString      string `json:",omitempty"`
		OrderedColumns []columnJSON
	}
	columnJSON struct {
		Name      string
		Type      string
		CslType   string
		DocString string `json:",omitempty"`
	}
)

// shown are the columns that clients are told of; hidden ones can be named all the same.
func shown(t *schema.Table) []schema.Column {
	var out []schema.Column
	for _, c := range t.Columns {
		if !c.Hidden {
			out = append(out, c)
		}
	}
	return out
}

func columnsJSON(t *schema.Table) []columnJSON {
	var out []columnJSON
	for _, c := range shown(t) {
		out = append(out, columnJSON{c.Name, systemType(c.Type), c.Type.String(), c.Doc})
	}
	return out
}

func (h *Handler) showSchemaJSON(ctx context.Context, _ []string) (*query.Result, error) {
	stored, err := h.Functions.List(ctx)
	if err != nil {
		return nil, err
	}
	db := databaseJSON{Name: Database, Tables: map[string]tableJSON{}, Functions: functionsJSON(stored), MajorVersion: 1, DatabaseAccessMode: "ReadOnly"}
	for _, t := range h.Catalog.Tables() {
		db.Tables[t.Name] = tableJSON{Name: t.Name, DocString: t.Doc, OrderedColumns: columnsJSON(t)}
	}
	text, err := json.Marshal(schemaJSON{[]struct{}{}, map[string]databaseJSON{Database: db}})
	if err != nil {
		return nil, err
	}
	return query.Fixed(columns("DatabaseSchema", "string"), [][]any{{string(text)}}), nil
}

func (h *Handler) showSchema(context.Context, []string) (*query.Result, error) {
	cols := columns("DatabaseName", "string", "TableName", "string", "ColumnName", "string", "ColumnType", "string",
		"IsDefaultTable", "bool", "IsDefaultColumn", "bool", "PrettyName", "string", "Version", "string", "Folder", "string", "DocString", "string")
	rows := [][]any{{Database, "", "", "", false, false, "", "v1.0", "", ""}}
	for _, t := range h.Catalog.Tables() {
		rows = append(rows, []any{Database, t.Name, "", "", false, false, "", "", "", t.Doc})
		for _, c := range shown(t) {
			rows = append(rows, []any{Database, t.Name, c.Name, systemType(c.Type), false, false, "", "", "", c.Doc})
		}
	}
	return query.Fixed(cols, rows), nil
}

// databaseID is fixed: clients key what they keep by it.
const databaseID = "5f0c2d3a-6a3e-4c52-9d0b-7b1f0c8e5a01"

func (h *Handler) showDatabases(context.Context, []string) (*query.Result, error) {
	return query.Fixed(columns("DatabaseName", "string", "PersistentStorage", "string", "Version", "string", "IsCurrent", "bool",
		"DatabaseAccessMode", "string", "PrettyName", "string", "ReservedSlot1", "bool", "DatabaseId", "guid", "InTransitionTo", "string"),
		[][]any{{Database, "", "v1.0", true, "ReadOnly", Database, nil, databaseID, ""}}), nil
}

func (h *Handler) showVersion(context.Context, []string) (*query.Result, error) {
	return query.Fixed(columns("BuildVersion", "string", "BuildTime", "datetime", "ServiceType", "string", "ProductVersion", "string"),
		[][]any{{h.Version, buildTime(), "Engine", "Spoor " + h.Version}}), nil
}

// buildTime is the time of the commit that was built, null when the binary does not know.
func buildTime() any {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return nil
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.time" {
			if at, ok := value.ParseDateTime(s.Value); ok {
				return at
			}
		}
	}
	return nil
}

func (h *Handler) showOperations(context.Context, []string) (*query.Result, error) {
	return query.Fixed(columns("OperationId", "guid", "Operation", "string", "NodeId", "string", "StartedOn", "datetime",
		"LastUpdatedOn", "datetime", "Duration", "timespan", "State", "string", "Status", "string", "RootActivityId", "guid",
		"ShouldRetry", "bool", "Database", "string", "Principal", "string", "User", "string", "AdminEpochStartTime", "datetime"), nil), nil
}
