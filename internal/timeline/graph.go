package timeline

import (
	"slices"
	"strings"

	"spoor/internal/entity"
)

// Graph is what a record says of who did what to what: a few nodes and what joins them.
type Graph struct {
	Nodes []GraphNode `json:"nodes" doc:"those that begin something first"`
	Edges []GraphEdge `json:"edges"`
}

// GraphNode is a thing that a record names.
type GraphNode struct {
	Kind string `json:"kind" enum:"device,account,process,file,registry,ip,domain,url"`
	Name string `json:"name" doc:"as it is shown"`
	ID   string `json:"id,omitempty" doc:"of the entity, where it is one"`
	Note string `json:"note,omitempty" doc:"more of it: a command line, a folder"`
}

// GraphEdge joins two nodes.
type GraphEdge struct {
	From int    `json:"from" doc:"index of the node"`
	To   int    `json:"to"`
	Says string `json:"says" doc:"what the one does to the other"`
}

// none is the node that a record does not name.
const none = -1

// graphOf draws the rows of a record. Copies in other tables say the same again and join
// the nodes that are there.
func graphOf(rows []EventRow, outcome string) Graph {
	g := Graph{Nodes: []GraphNode{}, Edges: []GraphEdge{}}
	for _, row := range rows {
		f := rowFields{}
		for _, field := range row.Fields {
			f[field.Name] = field.Value
		}
		g.draw(row.Table, f, outcome)
	}
	return g.joined()
}

// joined is the graph without the nodes that nothing joins: those are only named.
func (g *Graph) joined() Graph {
	kept := Graph{Nodes: []GraphNode{}, Edges: []GraphEdge{}}
	at := map[int]int{}
	keep := func(n int) int {
		i, ok := at[n]
		if !ok {
			i = len(kept.Nodes)
			at[n] = i
			kept.Nodes = append(kept.Nodes, g.Nodes[n])
		}
		return i
	}
	for _, e := range g.Edges {
		kept.Edges = append(kept.Edges, GraphEdge{keep(e.From), keep(e.To), e.Says})
	}
	return kept
}

// rowFields is the columns of a row that have values.
type rowFields map[string]string

// first is the value of the first column that has one.
func (f rowFields) first(names ...string) string {
	for _, n := range names {
		if v := f[n]; v != "" && v != "-" {
			return v
		}
	}
	return ""
}

func (g *Graph) draw(table string, f rowFields, outcome string) {
	device := g.entity(entity.Device, entity.CanonicalDevice(f.first("DeviceName", "Computer")))
	process := g.node(GraphNode{Kind: "process", Name: f["InitiatingProcessFileName"], Note: f["InitiatingProcessCommandLine"]})
	parent := g.node(GraphNode{Kind: "process", Name: f["InitiatingProcessParentFileName"]})
	user := g.account(f, "InitiatingProcessAccountDomain", "InitiatingProcessAccountName")
	g.join(parent, process, "started")
	g.join(user, process, "runs")
	g.join(device, first(parent, process), "hosts")

	actor, action := first(process, device), f["ActionType"]
	switch table {
	case "DeviceProcessEvents":
		started := g.node(GraphNode{Kind: "process", Name: f["FileName"], Note: f["ProcessCommandLine"]})
		g.join(actor, started, "started")
		g.join(g.account(f, "AccountDomain", "AccountName"), started, "runs")
	case "DeviceFileEvents", "DeviceImageLoadEvents":
		file := g.node(GraphNode{Kind: "file", Name: f["FileName"], Note: f["FolderPath"]})
		g.join(actor, file, action)
		g.join(g.address(f["FileOriginIP"]), file, "is its origin")
		g.join(g.name(f["FileOriginUrl"]), file, "is its origin")
	case "DeviceRegistryEvents":
		g.join(actor, g.node(GraphNode{Kind: "registry", Name: f["RegistryKey"], Note: f["RegistryValueName"]}), action)
	case "DeviceLogonEvents", "IdentityLogonEvents":
		who := g.account(f, "AccountDomain", "AccountName")
		g.join(g.address(f.first("RemoteIP", "IPAddress")), first(who, device), "is where it came from")
		if who != device {
			g.join(who, device, action)
		}
	case "DeviceNetworkEvents":
		g.flow(f, first(process, device, g.address(f["LocalIP"])), outcome)
	default:
		file := g.node(GraphNode{Kind: "file", Name: f["FileName"], Note: f["FolderPath"]})
		g.join(actor, file, action)
		if remote := g.address(f["RemoteIP"]); remote != actor {
			g.join(actor, remote, action)
		}
	}
}

// flow draws a connection from the side that opened it.
func (g *Graph) flow(f rowFields, local int, outcome string) {
	says := f["ActionType"]
	if outcome != "" {
		says = outcome
	}
	if port := f["RemotePort"]; port != "" && f["ActionType"] != "InboundConnectionAccepted" {
		says += " :" + port
	}
	remote := g.address(f["RemoteIP"])
	if f["ActionType"] == "InboundConnectionAccepted" {
		if port := f["LocalPort"]; port != "" {
			says += " :" + port
		}
		g.join(remote, local, says)
	} else {
		g.join(local, remote, says)
	}
	if name := g.name(f["RemoteUrl"]); name != none && remote != none {
		g.join(name, remote, "names")
	} else {
		g.join(local, name, f["ActionType"])
	}
}

// node adds a node, or finds it; one without a name is none.
func (g *Graph) node(n GraphNode) int {
	if n.Name == "" || n.Name == "-" {
		return none
	}
	at := slices.IndexFunc(g.Nodes, func(o GraphNode) bool {
		return o.Kind == n.Kind && strings.EqualFold(o.Name, n.Name) && (o.Note == n.Note || o.Note == "" || n.Note == "")
	})
	if at < 0 {
		g.Nodes = append(g.Nodes, n)
		return len(g.Nodes) - 1
	}
	if g.Nodes[at].Note == "" {
		g.Nodes[at].Note = n.Note
	}
	return at
}

func (g *Graph) entity(kind entity.Kind, id string) int {
	return g.node(GraphNode{Kind: string(kind), Name: id, ID: id})
}

func (g *Graph) account(f rowFields, domain, name string) int {
	return g.entity(entity.Account, entity.CanonicalAccount(f[domain], f[name]))
}

func (g *Graph) address(s string) int {
	return g.entity(entity.IP, entity.CanonicalAddress(s))
}

// name is the node of a URL, or of a bare host name.
func (g *Graph) name(s string) int {
	if url := entity.CanonicalURL(s); url != "" {
		return g.entity(entity.URL, url)
	}
	return g.entity(entity.Domain, entity.CanonicalDomain(s))
}

// join says that one node does something to another; half an edge is none, and what a copy
// says of the same two again is not said twice.
func (g *Graph) join(from, to int, says string) {
	if from == none || to == none || from == to {
		return
	}
	if slices.ContainsFunc(g.Edges, func(e GraphEdge) bool { return e.From == from && e.To == to }) {
		return
	}
	g.Edges = append(g.Edges, GraphEdge{from, to, says})
}

// first is the first of some nodes that is one.
func first(nodes ...int) int {
	for _, n := range nodes {
		if n != none {
			return n
		}
	}
	return none
}
