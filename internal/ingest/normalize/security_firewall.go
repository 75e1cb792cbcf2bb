package normalize

import (
	"net/netip"
	"strings"

	"spoor/internal/schema"
)

// securityConnection maps 5156, a connection that the Windows Filtering Platform let
// pass. SourceAddress opened it, so an inbound one has the host at the destination.
func securityConnection(ev *winEvent, e *Event) {
	ev.filteredFlow(e, "DeviceNetworkEvents", schema.OutcomePermitted, "ConnectionSuccess", "InboundConnectionAccepted")
}

func (ev *winEvent) filteredFlow(e *Event, table string, outcome schema.Outcome, outbound, inbound string) {
	e.Flow = Flow{Source: ev.takeAddress("SourceAddress"), Destination: ev.takeAddress("DestAddress"), Outcome: outcome}
	hostIsSource := !securityInbound(ev.text("Direction"))
	action := inbound
	if hostIsSource {
		action = outbound
		ev.claimAddress(e, e.Flow.Source)
	}
	row := ev.deviceRow(table, action)
	ev.flowColumns(&row, e, hostIsSource, "SourcePort", "DestPort")
	if row.Table.Index("Protocol") >= 0 {
		row.SetString("Protocol", winProtocol(ev.take("Protocol")))
	}
	actor := ev.filteredProcess()
	actor.actor(&row, e)
	row.SetString("AdditionalFields", ev.additional(nil))
	e.Rows = append(e.Rows, row)
}

// securityInbound reads the direction of a filtered connection: the message code, or
// the word it stands for.
func securityInbound(direction string) bool {
	return direction == "%%14592" || strings.EqualFold(direction, "Inbound")
}

// filteredProcess is the process at the host's end of a filtered connection. The path
// is that of the kernel: \device\harddiskvolume2\….
func (ev *winEvent) filteredProcess() winProcess {
	p := winProcess{image: ev.take("Application")}
	for _, name := range [...]string{"ProcessID", "ProcessId"} {
		if n, ok := ev.takeNumber(name); ok {
			p.pid = n
			return p
		}
	}
	p.pid, _ = winNumber(ev.said("Process ID"))
	return p
}

// securityBlocked maps 5157, a connection, and 5152, a packet, that the Windows
// Filtering Platform stopped.
func securityBlocked(ev *winEvent, e *Event) {
	ev.filteredFlow(e, "DeviceEvents", schema.OutcomeBlocked, "FirewallOutboundConnectionBlocked", "FirewallInboundConnectionBlocked")
}

// securityBind maps 5158, a process bound to a local port. Nothing was opened yet, so
// there is neither a source nor an outcome.
func securityBind(ev *winEvent, e *Event) {
	row := ev.deviceRow("DeviceNetworkEvents", "ListeningConnectionCreated")
	local := ev.takeAddress("SourceAddress")
	winEnds(&row, &e.Flow, local, netip.Addr{})
	ev.port(&row, "LocalPort", "SourcePort")
	row.SetString("Protocol", winProtocol(ev.take("Protocol")))
	actor := ev.filteredProcess()
	actor.actor(&row, e)
	row.SetString("AdditionalFields", ev.additional(nil))
	e.Rows = append(e.Rows, row)
	ev.claimAddress(e, local)
}
