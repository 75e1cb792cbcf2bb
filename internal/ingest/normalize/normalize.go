// Package normalize turns decoded records into rows of event tables: one file a log
// product. It is pure: a record and what is known of its source go in, an Event comes
// out; nothing is looked up and nothing is kept.
//
// What has no column goes to AdditionalFields; the record itself stays readable by its
// raw id. A record whose type has no mapping becomes a row of SpoorRaw, so that
// nothing is lost.
package normalize

import (
	"net/netip"

	"spoor/internal/ingest/decode"
	"spoor/internal/ledger"
	"spoor/internal/schema"
)

// Event is what one record says.
type Event struct {
	// Kind is the source kind: zeek.conn, sysmon.3, security.5156, suricata.alert,
	// defender.DeviceInfo …
	Kind string
	// Time is the event time: the record's own plus the source's clock offset.
	Time schema.Ticks
	// Device is the reporting device in lower case as the record names it, "" for
	// sensors that name no host.
	Device string
	// DeviceID is the identity of Device in the source, where Platform is set.
	DeviceID string
	// Platform is the operating system of Device, where the record shows it: Windows,
	// Linux; "" otherwise.
	Platform string
	// Rows are the rows the record becomes. Rows[0] is in the kind's primary table and
	// is the one that is counted; the others are copies.
	Rows []schema.Row
	// Unmapped says that Rows[0] is a row of SpoorRaw because the type has no mapping.
	Unmapped bool

	// Flow is the two ends of a connection, logon or query, where there are any.
	Flow Flow
	// Observables are values that stand in no annotated column: DNS answers and names,
	// forwarded addresses, interface addresses of a host.
	Observables []Observable
	// Claims are addresses that the device says it holds at Time.
	Claims []Claim
	// Misfits counts values of a native export that do not fit the type of their column.
	// They stand in AdditionalFields or in the record alone.
	Misfits int
	// Process asks for the process context, when the record names a process.
	Process *ProcessRef
}

// Flow is the two ends of a record, as the ledger folds them. Sensors leave Local and
// Remote invalid when the record does not say, and orientation fills them in (Orient).
type Flow = ledger.Flow

// Observable is a value seen in a record, as printed, and the part it plays there.
type Observable = ledger.Observable

// Claim says that a device holds an address. Device is "" for the event's own device.
type Claim struct {
	Address netip.Addr
	Device  string
}

// ProcessRef names the process that did what the event says, so that the creation
// event can fill InitiatingProcess* columns. Image must agree.
type ProcessRef struct {
	GUID  string // ProcessGuid in lower case without braces; "" or the zero GUID: none
	PID   int64  // 0: none
	Image string // as printed
}

// Source is what a normalizer needs to know of where a record came from.
type Source struct {
	Name        string
	Site        string
	ClockOffset schema.Ticks
	// Own reports whether an address is the organisation's own at that time, by the
	// network catalogue and by the devices known to hold it. nil: nothing is known.
	Own func(a netip.Addr, at schema.Ticks) bool
	// TrustedProxy reports whether the X-Forwarded-For of requests from an address is
	// believed. nil: nobody's is, and what the header names is a mention.
	TrustedProxy func(a netip.Addr, at schema.Ticks) bool
	// Held reports whether a device of this source, by its reported name, is known to
	// hold an address at that time. nil: nothing is known.
	Held func(device string, a netip.Addr, at schema.Ticks) bool
	// DeviceID is the identity of a reported name in this source, "" for "".
	DeviceID func(name string) string
}

// Func normalizes the records of one product. ok is false, and reason empty, for a
// record that is not of the product; with a reason when it is, but has no event time or
// is otherwise impossible to place, for quarantine.
type Func func(r *decode.Record, src *Source) (ev Event, ok bool, reason string)
