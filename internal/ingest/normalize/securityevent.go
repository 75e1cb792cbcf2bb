package normalize

import (
	"html"
	"strconv"
	"strings"

	"spoor/internal/entity"
	"spoor/internal/schema"
)

// securityEventRow is the row of SecurityEvent that every event of the Security log
// has: the data under its own names, as the table has them, the header, and the
// columns that the workspace derives. A row that was exported from the table keeps
// what it had.
func (ev *winEvent) securityEventRow() schema.Row {
	row := schema.NewRow(winTable("SecurityEvent"))
	row.SetTime("TimeGenerated", ev.time)
	if ev.shape == winSentinel {
		for i := range ev.rec.Fields {
			f := &ev.rec.Fields[i]
			winSetCell(&row, f.Name, f.Text)
		}
	}
	whole := true
	for i := range ev.data {
		if !ev.header.has(i) && !winSetCell(&row, ev.data[i].Name, ev.data[i].Text) {
			whole = false
		}
	}
	if !whole && row.Str("EventData") == "" {
		row.SetString("EventData", ev.dataXML())
	}
	row.SetString("Computer", ev.computer)
	row.SetInt("EventID", int64(ev.id))
	row.SetString("EventSourceName", ev.provider)
	row.SetString("Channel", "Security")
	ev.systemColumns(&row, "Level")
	ev.securityDerived(&row)
	return row
}

// winSetCell sets a column of that name from text, whatever its type; false when there
// is no such column or the text is not of its type. Addresses become canonical.
func winSetCell(row *schema.Row, name, text string) bool {
	i := row.Table.Index(name)
	if i < 0 || row.Table.Columns[i].Hidden {
		return false
	}
	switch c := &row.Table.Columns[i]; c.Type {
	case schema.String:
		if c.Holds == schema.HoldsAddress {
			text = entity.CanonicalAddress(text)
		}
		if c.Constant == "" {
			row.SetString(name, text)
		}
		return true
	case schema.Int, schema.Long:
		n, ok := winNumber(text)
		if ok {
			winSetInt(row, name, n)
		}
		return ok
	case schema.DateTime:
		t, ok := parseInstant(text)
		if ok && name != row.Table.Time {
			row.SetTime(name, t)
		}
		return ok
	default:
		return false
	}
}

// dataXML is the data as the event log writes it.
func (ev *winEvent) dataXML() string {
	var b strings.Builder
	b.WriteString(`<EventData xmlns="http://schemas.microsoft.com/win/2004/08/events/event">`)
	for i := range ev.data {
		if f := &ev.data[i]; !ev.header.has(i) {
			b.WriteString(`<Data Name="`)
			b.WriteString(html.EscapeString(f.Name))
			b.WriteString(`">`)
			b.WriteString(html.EscapeString(f.Text))
			b.WriteString(`</Data>`)
		}
	}
	b.WriteString(`</EventData>`)
	return b.String()
}

// securityDerived fills what the workspace computes from the data.
func (ev *winEvent) securityDerived(row *schema.Row) {
	derive := func(column, value string) {
		if row.Str(column) == "" {
			row.SetString(column, value)
		}
	}
	subject := securityAccount(row, "SubjectDomainName", "SubjectUserName")
	target := securityAccount(row, "TargetDomainName", "TargetUserName")
	derive("SubjectAccount", subject)
	derive("TargetAccount", target)
	account := subject
	if account == "" || securityOfTarget(ev.id) {
		account = target
	}
	if account == "" || account == `-\-` {
		account = ""
	}
	derive("Account", account)
	if account != "" {
		derive("AccountType", securityAccountType(account))
	}
	derive("Activity", ev.activity())
	process := row.Str("NewProcessName")
	if process == "" {
		process = row.Str("ProcessName")
	}
	if process != "-" {
		derive("Process", winBase(process))
	}
	if v, ok := row.Get("LogonType"); ok {
		derive("LogonTypeName", strconv.FormatInt(v.Int(), 10)+" - "+logonTypeName(v.Int()))
	}
}

// securityAccount joins the domain and the name of an account; "" where the record
// has neither.
func securityAccount(row *schema.Row, domainColumn, nameColumn string) string {
	domain, name := row.Str(domainColumn), row.Str(nameColumn)
	switch {
	case name == "":
		return ""
	case domain == "":
		return name
	default:
		return domain + `\` + name
	}
}

// securityOfTarget knows the events whose account is the one that logs on or off, not
// the one that asked for it.
func securityOfTarget(id int) bool {
	switch id {
	case 4624, 4625, 4634, 4647, 4768, 4769, 4770, 4771, 4776:
		return true
	}
	return false
}

// securityAccountType is Machine for computers and for the system's own accounts.
func securityAccountType(account string) string {
	domain, name := winAccount(account)
	if strings.HasSuffix(name, "$") || strings.EqualFold(domain, "NT AUTHORITY") {
		return "Machine"
	}
	return "User"
}

// activity is the event ID and the first sentence of the rendered message, as the
// workspace writes it.
func (ev *winEvent) activity() string {
	id := strconv.Itoa(ev.id)
	line, _, _ := strings.Cut(ev.message, "\n")
	line = strings.TrimSpace(line)
	if line == "" || len(line) > 200 {
		line = securityActivities[ev.id]
	}
	if line == "" {
		return id
	}
	return id + " - " + line
}

// securityActivities are the first sentences of the messages of the events that are
// mapped, for exporters that leave the message out.
var securityActivities = map[int]string{
	1102: "The audit log was cleared.",
	4624: "An account was successfully logged on.",
	4625: "An account failed to log on.",
	4634: "An account was logged off.",
	4648: "A logon was attempted using explicit credentials.",
	4672: "Special privileges assigned to new logon.",
	4688: "A new process has been created.",
	4697: "A service was installed in the system.",
	4698: "A scheduled task was created.",
	4720: "A user account was created.",
	4732: "A member was added to a security-enabled local group.",
	4768: "A Kerberos authentication ticket (TGT) was requested.",
	4769: "A Kerberos service ticket was requested.",
	4771: "Kerberos pre-authentication failed.",
	4776: "The domain controller attempted to validate the credentials for an account.",
	5140: "A network share object was accessed.",
	5145: "A network share object was checked to see whether client can be granted desired access.",
	5152: "The Windows Filtering Platform blocked a packet.",
	5156: "The Windows Filtering Platform has permitted a connection.",
	5157: "The Windows Filtering Platform has blocked a connection.",
	5158: "The Windows Filtering Platform has permitted a bind to a local port.",
}
