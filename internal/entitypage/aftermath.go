package entitypage

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"spoor/internal/entity"
	"spoor/internal/schema"
)

// Aftermath is what happened on a device in the minutes after a moment.
type Aftermath struct {
	Device    string          `json:"device"`
	From      time.Time       `json:"from"`
	To        time.Time       `json:"to"`
	Processes int64           `json:"processes" doc:"processes started"`
	Files     int64           `json:"files" doc:"files created, changed or deleted"`
	Logons    int64           `json:"logons"`
	Items     []AftermathItem `json:"items" doc:"the first 200 of each sort, in the order of time"`
	Query     string          `json:"query"`
}

// AftermathItem is one event.
type AftermathItem struct {
	Time       time.Time `json:"time"`
	Sort       string    `json:"sort" enum:"process,file,logon"`
	ActionType string    `json:"actionType"`
	What       string    `json:"what" doc:"the program, file or account"`
	Detail     string    `json:"detail,omitempty" doc:"command line, folder or kind of logon"`
	By         string    `json:"by,omitempty" doc:"the program that did it, or where the logon came from"`
	Account    string    `json:"account,omitempty"`
	SourceKind string    `json:"sourceKind"`
	RawID      string    `json:"rawId"`
}

// aftermathLimit bounds the items of each sort.
const aftermathLimit = 200

// Aftermath lists the processes, files and logons of a device, by its name or DeviceId,
// from a moment on. Where several source kinds record the same, as Sysmon and the
// Security log do, the one with most records speaks.
func (p *Pages) Aftermath(ctx context.Context, device entity.ID, site string, from time.Time, length time.Duration) (*Aftermath, error) {
	v := view{req: Request{ID: device, Site: site}, kql: p.KQL}
	v.window.from, v.window.to = schema.TicksOf(from), schema.TicksOf(from.Add(length))
	a := &Aftermath{Device: device.Value, From: from, To: from.Add(length), Items: []AftermathItem{}}
	var items [3][]AftermathItem
	counts := [3]*int64{&a.Processes, &a.Files, &a.Logons}
	run := make([]func() error, len(aftermathQueries))
	for i, q := range aftermathQueries {
		run[i] = func() (err error) {
			items[i], *counts[i], err = v.happened(ctx, q)
			return err
		}
	}
	if err := together(run...); err != nil {
		return nil, fmt.Errorf("read what happened on %s: %w", device.Value, err)
	}
	a.Items = append(a.Items, slices.Concat(items[0], items[1], items[2])...)
	slices.SortStableFunc(a.Items, func(x, y AftermathItem) int { return cmp.Or(x.Time.Compare(y.Time), cmp.Compare(x.RawID, y.RawID)) })
	a.Query = v.aftermathQuery()
	return a, nil
}

// aftermathQueries are the tables of what happens on a device, each with how its rows
// are put into words: What, Detail, By, Domain, Account.
var aftermathQueries = [...]struct{ sort, table, words string }{
	{"process", "DeviceProcessEvents", "What = FileName, Detail = ProcessCommandLine, By = InitiatingProcessFileName, Domain = AccountDomain, Account = AccountName"},
	{"file", "DeviceFileEvents", "What = FileName, Detail = FolderPath, By = InitiatingProcessFileName, Domain = InitiatingProcessAccountDomain, Account = InitiatingProcessAccountName"},
	{"logon", "DeviceLogonEvents", "What = AccountName, Detail = LogonType, By = iff(RemoteIP == \"\", RemoteDeviceName, RemoteIP), Domain = AccountDomain, Account = AccountName"},
}

// happened gives the events of one table that the source kind with most records wrote.
func (v *view) happened(ctx context.Context, q struct{ sort, table, words string }) (items []AftermathItem, records int64, err error) {
	byKind := map[string][]AftermathItem{}
	err = v.kql(ctx, v.onDevice(q.table)+"\n| project Timestamp, ActionType, SourceKind = _SourceKind, RawId = _RawId, "+q.words+"\n| sort by Timestamp asc, RawId asc", func(row []any) {
		kind := text(row[2])
		byKind[kind] = append(byKind[kind], AftermathItem{
			Time: ticks(row[0]).Time(), Sort: q.sort, ActionType: text(row[1]), SourceKind: kind, RawID: rawID(schema.RawID(number(row[3]))),
			What: text(row[4]), Detail: text(row[5]), By: text(row[6]), Account: account(text(row[7]), text(row[8])),
		})
	})
	var speaks string
	for kind, list := range byKind {
		if n := len(list) - len(byKind[speaks]); n > 0 || n == 0 && kind < speaks {
			speaks = kind
		}
	}
	items = byKind[speaks]
	return items[:min(len(items), aftermathLimit)], int64(len(items)), err
}

func (v *view) onDevice(table string) string {
	id := quote(v.req.ID.Value)
	return fmt.Sprintf("%s\n| where %s%s\n| where DeviceName =~ %s or DeviceId == %s", table, v.bounds(), v.siteOf(), id, id)
}

func (v *view) aftermathQuery() string {
	tables := make([]string, len(aftermathQueries))
	for i, t := range aftermathQueries {
		tables[i] = "  (" + v.onDevice(t.table) + "\n   | project Timestamp, Table = " + quote(t.table) + ", ActionType, SourceKind = _SourceKind, " + t.words + ")"
	}
	return "union\n" + strings.Join(tables, ",\n") + "\n| sort by Timestamp asc"
}
