package normalize

import (
	"strconv"
	"strings"

	"spoor/internal/entity"
	"spoor/internal/ingest/decode"
	"spoor/internal/schema"
)

// IsWindows reports whether a record is a Windows event (Sysmon for Linux counts, for
// it writes the same events) in a shape that Windows reads. It looks at the names of
// the fields only.
func IsWindows(r *decode.Record) bool { return winShapeOf(r) != winNone }

// Windows normalizes a Windows event. For a record that is none, ok is false and the
// reason empty; for one without an event ID or a readable time, the reason says so.
//
// The kind is sysmon.N, security.N, system.N, powershell.N or defender.N after the log
// the event stands in, and windows.<log>.N for the others, N being the event ID.
func Windows(r *decode.Record, src *Source) (Event, bool, string) {
	var ev winEvent
	if !ev.read(r) {
		if ev.shape == winNone {
			return Event{}, false, ""
		}
		return Event{}, false, "Windows event without an event ID and a log or provider"
	}
	at, ok := ev.recordTime()
	if !ok {
		return Event{}, false, "Windows event without a readable time in @timestamp, TimeGenerated, TimeCreated or EventTime"
	}
	ev.src, ev.time = src, at+src.ClockOffset
	if ev.time <= 0 || ev.time > schema.MaxTicks {
		return Event{}, false, "Windows event whose time the clock offset puts outside the years 1 to 9999"
	}
	ev.device = entity.CanonicalDevice(ev.computer)
	e := Event{Kind: ev.kind(), Time: ev.time, Device: ev.device, DeviceID: ev.deviceID(), Platform: ev.platform()}
	ev.mapping()(&ev, &e)
	if ev.family == winSecurity {
		e.Rows = append(e.Rows, ev.securityEventRow())
	}
	if ev.shape == winSyslog {
		ev.linuxSysmon(&e)
	}
	return e, true, ""
}

// Header is a first look at a Windows event, without rows being made of it.
type Header struct {
	ev    winEvent
	whole bool // it has all that a Windows event must have
}

// ReadHeader looks at a record.
func ReadHeader(r *decode.Record) Header {
	var h Header
	h.whole = h.ev.read(r)
	return h
}

// IsWindows is what IsWindows says of the record.
func (h *Header) IsWindows() bool { return h.ev.shape != winNone }

// ClockSample is what a record says of its source's clock: Sysmon's own UTC time minus
// the time of the record, which some exporters print in local time. Events 3 and 22
// say nothing, for theirs is the time of the driver, which can be days off on a
// machine resumed from a snapshot.
func (h *Header) ClockSample() (diff schema.Ticks, ok bool) {
	if !h.whole || h.ev.family != winSysmon || h.ev.id == 3 || h.ev.id == 22 {
		return 0, false
	}
	at, ok := h.ev.recordTime()
	if !ok {
		return 0, false
	}
	utc, ok := parseInstant(h.ev.text("UtcTime"))
	if !ok {
		return 0, false
	}
	return utc - at, true
}

// Device is the name by which the host reports, in lower case, or "".
func (h *Header) Device() string {
	if !h.whole {
		return ""
	}
	return entity.CanonicalDevice(h.ev.computer)
}

// Kind is the source kind, or "" when the record is no Windows event.
func (h *Header) Kind() string {
	if !h.whole {
		return ""
	}
	return h.ev.kind()
}

// platform is the operating system of the reporting host.
func (ev *winEvent) platform() string {
	if strings.Contains(ev.provider, "Linux-Sysmon") {
		return "Linux"
	}
	return "Windows"
}

// winFamily is the log an event stands in, as far as mappings differ by it.
type winFamily uint8

const (
	winOther winFamily = iota
	winSysmon
	winSecurity
	winSystem
	winPowerShell
	winDefender
)

// winFamilyOf finds the family by log and provider. Either name is enough where it can
// mean one thing only, because forwarders rename logs.
func winFamilyOf(channel, provider string) winFamily {
	switch {
	case strings.Contains(channel, "Sysmon") || strings.Contains(provider, "Sysmon"):
		return winSysmon
	case strings.EqualFold(channel, "Security") || strings.EqualFold(provider, "Microsoft-Windows-Security-Auditing"):
		return winSecurity
	case strings.EqualFold(channel, "System") || strings.EqualFold(provider, "Service Control Manager"):
		return winSystem
	case strings.EqualFold(provider, "Microsoft-Windows-PowerShell") || strings.EqualFold(channel, "Microsoft-Windows-PowerShell/Operational"):
		return winPowerShell
	case strings.EqualFold(provider, "Microsoft-Windows-Windows Defender") || strings.EqualFold(channel, "Microsoft-Windows-Windows Defender/Operational"):
		return winDefender
	}
	return winOther
}

var winFamilyNames = [...]string{
	winSysmon: "sysmon.", winSecurity: "security.", winSystem: "system.",
	winPowerShell: "powershell.", winDefender: "defender.",
}

func (ev *winEvent) kind() string {
	if ev.family == winOther {
		return "windows." + winLogName(ev.channel, ev.provider) + "." + strconv.Itoa(ev.id)
	}
	return winFamilyNames[ev.family] + strconv.Itoa(ev.id)
}

// winLogName makes a word of the name of a log: lower case, without the vendor's
// prefix and the usual suffix, at most 60 letters, digits and hyphens.
func winLogName(channel, provider string) string {
	name := channel
	if name == "" {
		name = provider
	}
	name = strings.ToLower(name)
	name = strings.TrimSuffix(strings.TrimPrefix(name, "microsoft-windows-"), "/operational")
	name = name[:min(len(name), 60)]
	return strings.Map(func(c rune) rune {
		if c >= 'a' && c <= 'z' || c >= '0' && c <= '9' {
			return c
		}
		return '-'
	}, name)
}

// winMapping fills the rows of an event, the primary one first, and what else the
// event says. The copy in SecurityEvent is not its business.
type winMapping func(ev *winEvent, e *Event)

func (ev *winEvent) mapping() winMapping {
	var m winMapping
	switch ev.family {
	case winSysmon:
		m = sysmonMappings[ev.id]
	case winSecurity:
		if m = securityMappings[ev.id]; m == nil {
			m = securityOther
		}
	case winSystem:
		m = systemMappings[ev.id]
	case winPowerShell:
		m = powershellMappings[ev.id]
	case winDefender:
		m = defenderMappings[ev.id]
	case winOther:
	}
	if m == nil {
		m = windowsOther
	}
	return m
}
