package timeline

import (
	"fmt"
	"slices"
	"testing"
)

// row is the fields of a row in pairs of name and value.
func row(table string, pairs ...string) EventRow {
	r := EventRow{Table: table}
	for i := 0; i < len(pairs); i += 2 {
		r.Fields = append(r.Fields, EventField{Name: pairs[i], Value: pairs[i+1]})
	}
	return r
}

// said is the edges of a graph in words, in order.
func said(g Graph) []string {
	var out []string
	for _, e := range g.Edges {
		out = append(out, fmt.Sprintf("%s %s -%s> %s %s", g.Nodes[e.From].Kind, g.Nodes[e.From].Name, e.Says, g.Nodes[e.To].Kind, g.Nodes[e.To].Name))
	}
	return out
}

func TestGraph(t *testing.T) {
	process := []string{
		"DeviceName", "WS5.corp.example", "InitiatingProcessFileName", "powershell.exe", "InitiatingProcessParentFileName", "winword.exe",
		"InitiatingProcessAccountDomain", "CORP", "InitiatingProcessAccountName", "ada",
	}
	began := []string{
		"process winword.exe -started> process powershell.exe", `account corp\ada -runs> process powershell.exe`,
		"device ws5.corp.example -hosts> process winword.exe",
	}
	for name, c := range map[string]struct {
		rows    []EventRow
		outcome string
		want    []string
	}{
		"a connection of a process": {
			[]EventRow{row("DeviceNetworkEvents", append(slices.Clone(process), "ActionType", "ConnectionSuccess", "RemoteIP", "203.0.113.9", "RemotePort", "443", "RemoteUrl", "C2.example")...)},
			"established",
			append(slices.Clone(began), "process powershell.exe -established :443> ip 203.0.113.9", "domain c2.example -names> ip 203.0.113.9"),
		},
		"a connection from outside": {
			[]EventRow{row("DeviceNetworkEvents", "DeviceName", "srv", "ActionType", "InboundConnectionAccepted", "RemoteIP", "203.0.113.9", "RemotePort", "50000", "LocalIP", "10.1.1.5", "LocalPort", "22")},
			"",
			[]string{"ip 203.0.113.9 -InboundConnectionAccepted :22> device srv"},
		},
		"a sensor's, which names no host": {
			[]EventRow{row("DeviceNetworkEvents", "ActionType", "ConnectionFailed", "LocalIP", "10.1.1.5", "RemoteIP", "203.0.113.9", "RemotePort", "23")},
			"refused",
			[]string{"ip 10.1.1.5 -refused :23> ip 203.0.113.9"},
		},
		"a process": {
			[]EventRow{row("DeviceProcessEvents", append(slices.Clone(process), "ActionType", "ProcessCreated", "FileName", "whoami.exe", "AccountDomain", "CORP", "AccountName", "system")...)},
			"",
			append(slices.Clone(began), "process powershell.exe -started> process whoami.exe", `account corp\system -runs> process whoami.exe`),
		},
		"a file from somewhere": {
			[]EventRow{row("DeviceFileEvents", append(slices.Clone(process), "ActionType", "FileCreated", "FileName", "a.exe", "FileOriginIP", "203.0.113.9", "FileOriginUrl", "http://203.0.113.9/a.exe")...)},
			"",
			append(slices.Clone(began), "process powershell.exe -FileCreated> file a.exe", "ip 203.0.113.9 -is its origin> file a.exe", "url http://203.0.113.9/a.exe -is its origin> file a.exe"),
		},
		"a logon, and its copy": {
			[]EventRow{
				row("DeviceLogonEvents", "DeviceName", "srv", "ActionType", "LogonSuccess", "AccountDomain", "CORP", "AccountName", "ada", "RemoteIP", "10.1.1.5"),
				row("SecurityEvent", "Computer", "srv", "Activity", "4624"),
			},
			"",
			[]string{`ip 10.1.1.5 -is where it came from> account corp\ada`, `account corp\ada -LogonSuccess> device srv`},
		},
		"nothing that is joined": {[]EventRow{row("Syslog", "Computer", "srv", "SyslogMessage", "up")}, "", nil},
	} {
		if got := said(graphOf(c.rows, c.outcome)); !slices.Equal(got, c.want) {
			t.Errorf("%s:\n%q, want\n%q", name, got, c.want)
		}
		g := graphOf(c.rows, c.outcome)
		for i, n := range g.Nodes {
			if !slices.ContainsFunc(g.Edges, func(e GraphEdge) bool { return e.From == i || e.To == i }) {
				t.Errorf("%s: nothing joins %s", name, n.Name)
			}
		}
	}
}
