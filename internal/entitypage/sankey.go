package entitypage

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"

	"spoor/internal/entity"
)

// ConnectionFlow is connections as a flow in three columns: own device, process, remote
// address with port. Of each column the nodes with most records are shown and the rest
// is one node, so that every column adds up to Records.
type ConnectionFlow struct {
	Range      Range   `json:"range"`
	SourceKind string  `json:"sourceKind" doc:"whose records are counted; empty: there are none"`
	Kinds      []Count `json:"kinds" doc:"the kinds that record connections here"`
	// NamesProcess is false for sensors on the network; all their records have the
	// process node without a name.
	NamesProcess bool       `json:"namesProcess"`
	Records      int64      `json:"records"`
	Nodes        []FlowNode `json:"nodes" doc:"by column, those with most records first, the rest of a column last"`
	Links        []FlowLink `json:"links"`
	Query        string     `json:"query"`
}

// FlowNode is a node of a flow.
type FlowNode struct {
	ID      string `json:"id"`
	Column  string `json:"column" enum:"device,process,remote"`
	Name    string `json:"name" doc:"empty: the records name no process"`
	Others  int64  `json:"others,omitempty" doc:"how many the node stands for, when it is the rest of its column"`
	Records int64  `json:"records"`
}

// FlowLink is the records that went from one node to another.
type FlowLink struct {
	Source    string `json:"source"`
	Target    string `json:"target"`
	Records   int64  `json:"records"`
	CompareAs string `json:"compareAs,omitempty" doc:"what a comparison calls it; absent: a node of it stands for many"`
}

// flowColumns are the columns, and how many nodes of each are shown.
var flowColumns = [3]struct {
	name string
	most int
}{{"device", 10}, {"process", 10}, {"remote", 14}}

// flowPath is the three nodes that some records pass.
type flowPath [3]string

// ConnectionFlow adds the connections up from device to process to remote port. With kind
// "" it takes, of the kinds that name processes, the one with most records, or else the
// one with most.
func (p *Pages) ConnectionFlow(ctx context.Context, req Request, kind string) (ConnectionFlow, error) {
	v, err := p.resolved(ctx, req)
	if err != nil {
		return ConnectionFlow{}, err
	}
	return keepSection(p, v, "flow of "+kind, func() (ConnectionFlow, error) { return v.connectionFlow(ctx, kind) })
}

func (v *view) connectionFlow(ctx context.Context, kind string) (ConnectionFlow, error) {
	out := ConnectionFlow{Range: v.window.document(), Kinds: []Count{}, Nodes: []FlowNode{}, Links: []FlowLink{}}
	paths := map[string]map[flowPath]int64{} // by kind
	named := map[string]bool{}
	err := v.kql(ctx, v.flowQuery(""), func(row []any) {
		e := endpoints{text(row[0]), text(row[2]), text(row[3])}
		kind, process, records := text(row[1]), text(row[7]), number(row[8])
		if paths[kind] == nil {
			paths[kind] = map[flowPath]int64{}
		}
		named[kind] = named[kind] || process != ""
		paths[kind][v.flowPath(e, row)] += records
	})
	if err != nil {
		return out, err
	}
	var best kindTallies
	for k, counts := range paths {
		var n int64
		for _, records := range counts {
			n += records
		}
		out.Kinds = append(out.Kinds, Count{SourceKind: k, Records: n})
		best = append(best, kindTally{kind: k, records: n})
	}
	slices.SortFunc(out.Kinds, func(a, b Count) int {
		return cmp.Or(cmp.Compare(b.Records, a.Records), cmp.Compare(a.SourceKind, b.SourceKind))
	})
	if kind == "" {
		kind = flowKind(best, named)
	}
	if out.SourceKind = kind; kind != "" {
		out.Query = v.flowQuery(kind)
		out.NamesProcess = named[kind]
		out.draw(paths[kind])
	}
	return out, nil
}

// flowKind picks the kind that is drawn.
func flowKind(kinds kindTallies, named map[string]bool) string {
	var withProcess kindTallies
	for _, t := range kinds {
		if named[t.kind] {
			withProcess = append(withProcess, t)
		}
	}
	if len(withProcess) > 0 {
		kinds = withProcess
	}
	kind, _ := kinds.main(entity.IP)
	return kind
}

// flowQuery adds up by all that the three columns are made of.
func (v *view) flowQuery(kind string) string {
	condition := fmt.Sprintf("\n| where Kind in (%s)", literals(connectionKinds))
	if kind != "" {
		condition = fmt.Sprintf("\n| where Kind == %s", quote(kind))
	}
	return v.flows() + condition + `
| extend Port = iff(Protocol =~ "icmp", "ICMP", tostring(Port))
| summarize Records = count(), Last = max(Timestamp) by Site, Kind, Client, Server, LocalIP, Port, DeviceName, Process
| project Site, Kind, Client, Server, LocalIP, Port, DeviceName, Process, Records, Last
| sort by Records desc`
}

func (v *view) flowPath(e endpoints, row []any) flowPath {
	at := ticks(row[9])
	local := v.localEnd(e, text(row[4]), at)
	remote := e.server
	if local == e.server {
		remote = e.client
	}
	device := text(row[6])
	if device == "" {
		if device = v.whoHeld(e.site, local, at); device == "" {
			device = local
		}
	}
	port := text(row[5])
	if local == e.client {
		return flowPath{device, text(row[7]), remote + " : " + port}
	}
	return flowPath{device, text(row[7]), remote + " → own " + port}
}

// restOf is the node that stands for the rest of a column.
func restOf(column int) string { return flowColumns[column].name + ":rest" }

// draw makes nodes and links of paths.
func (f *ConnectionFlow) draw(paths map[flowPath]int64) {
	var columns [3]map[string]int64
	for i := range columns {
		columns[i] = map[string]int64{}
	}
	for path, n := range paths {
		f.Records += n
		for i, name := range path {
			columns[i][name] += n
		}
	}
	var ids [3]map[string]string // name → node
	for i, c := range flowColumns {
		ids[i] = map[string]string{}
		rest := FlowNode{ID: restOf(i), Column: c.name}
		for at, name := range sortedByCount(columns[i]) {
			if at >= c.most {
				rest.Others++
				rest.Records += columns[i][name]
				ids[i][name] = rest.ID
				continue
			}
			n := FlowNode{ID: c.name + ":" + strconv.Itoa(at), Column: c.name, Name: name, Records: columns[i][name]}
			ids[i][name] = n.ID
			f.Nodes = append(f.Nodes, n)
		}
		if rest.Others > 0 {
			f.Nodes = append(f.Nodes, rest)
		}
	}
	type ends struct{ source, target string }
	links := map[ends]*FlowLink{}
	for path, n := range paths {
		for i := range 2 {
			at := ends{ids[i][path[i]], ids[i+1][path[i+1]]}
			l, ok := links[at]
			if !ok {
				l = &FlowLink{Source: at.source, Target: at.target}
				if at.source != restOf(i) && at.target != restOf(i+1) {
					l.CompareAs = linkName(path[i], path[i+1])
				}
				links[at] = l
			}
			l.Records += n
		}
	}
	for _, l := range links {
		f.Links = append(f.Links, *l)
	}
	slices.SortFunc(f.Links, func(a, b FlowLink) int {
		return cmp.Or(cmp.Compare(b.Records, a.Records), cmp.Compare(a.Source, b.Source), cmp.Compare(a.Target, b.Target))
	})
}
