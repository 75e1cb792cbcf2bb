package schema

// Names of the product's own tables. They can be queried by name and stay out of
// wildcards.
const (
	SpoorRaw            = "SpoorRaw"
	SpoorQuarantine     = "SpoorQuarantine"
	SpoorSightings      = "SpoorSightings"
	SpoorAddressHolders = "SpoorAddressHolders"
	SpoorPlaces         = "SpoorPlaces"
	SpoorSources        = "SpoorSources"
	SpoorAudit          = "SpoorAudit"
)

func ownTables() []*Table {
	raw := &Table{
		Name: SpoorRaw, Own: true, Time: "TimeGenerated",
		Doc: "Records that were read, but whose type has no table yet. Nothing in them is lost.",
		Columns: []Column{
			{Name: "TimeGenerated", Type: DateTime, Doc: "event time"},
			{Name: "Format", Type: String, Doc: "wire format"},
			{Name: "RecordType", Type: String, Doc: "what the record calls itself, for example zeek.ntp"},
			{Name: "Computer", Type: String, Holds: HoldsDevice, Doc: "the reporting device, where the record names one"},
			{Name: "Fields", Type: Dynamic, Doc: "the record's fields as they were read"},
			{Name: "Message", Type: String, Doc: "the text of a plain line"},
		},
	}
	raw.addHidden()
	quarantine := &Table{
		Name: SpoorQuarantine, Own: true, Time: "TimeGenerated",
		Doc: "Input that could not be parsed, kept with its place and the reason.",
		Columns: []Column{
			{Name: "TimeGenerated", Type: DateTime, Doc: "when it was read"},
			{Name: "Ordinal", Type: Long, Doc: "position of the record in its source, from 0"},
			{Name: "ByteOffset", Type: Long, Doc: "where it begins in the decompressed source"},
			{Name: "Reason", Type: String},
			{Name: "RawData", Type: String, Doc: "the bytes; what is not UTF-8 is shown as \\xNN"},
		},
	}
	quarantine.addHidden()
	audit := &Table{
		Name: SpoorAudit, Own: true, Time: "TimeGenerated",
		Doc: "Who did or asked what, when, from where.",
		Columns: []Column{
			{Name: "TimeGenerated", Type: DateTime},
			{Name: "Actor", Type: String, Doc: "account or token"},
			{Name: "Role", Type: String},
			{Name: "Action", Type: String, Doc: "for example query.run, source.remove, user.reset"},
			{Name: "Target", Type: String},
			{Name: "ClientIP", Type: String},
			{Name: "Succeeded", Type: Bool},
			{Name: "Rows", Type: Long, Doc: "rows returned or changed"},
			{Name: "Duration", Type: TimeSpan},
			{Name: "Detail", Type: Dynamic},
		},
	}
	audit.addHidden()
	return []*Table{raw, quarantine, audit, sightingsTable(), holdersTable(), placesTable(), sourcesTable()}
}

func sightingsTable() *Table {
	return &Table{
		Name: SpoorSightings, Own: true, View: true, Time: "LastSeen",
		Doc: "The sightings ledger: who saw which observable, on which day, how often. Kept for ever.",
		Columns: []Column{
			{Name: "Kind", Type: String, Doc: "ip, domain, url, hash, account or device"},
			{Name: "Entity", Type: String},
			{Name: "SourceKind", Type: String},
			{Name: "Site", Type: String},
			{Name: "DeviceName", Type: String, Doc: "as reported; empty for sensors that name no host"},
			{Name: "Peer", Type: String, Doc: "the address at the other end"},
			{Name: "TableName", Type: String, Doc: "the primary table of the source kind"},
			{Name: "Day", Type: DateTime, Doc: "UTC day of event time"},
			{Name: "Roles", Type: Dynamic},
			{Name: "Outcome", Type: String},
			{Name: "Records", Type: Long},
			{Name: "FirstSeen", Type: DateTime},
			{Name: "LastSeen", Type: DateTime},
			{Name: "BytesOut", Type: Long, Doc: "sent by the organisation's side"},
			{Name: "BytesIn", Type: Long},
			{Name: "LastRawId", Type: Long},
			{Name: "_DeviceId", Type: String, Hidden: true},
			{Name: "_LastProcess", Type: String, Hidden: true},
			{Name: "_LastAccount", Type: String, Hidden: true},
			{Name: "_LastPort", Type: Int, Hidden: true},
			{Name: "_LastActionType", Type: String, Hidden: true},
		},
	}
}

func holdersTable() *Table {
	return &Table{
		Name: SpoorAddressHolders, Own: true, View: true, Time: "LastSeen",
		Doc: "Which device claimed which address, by the hour, and what says so. A claim holds 12 hours either side.",
		Columns: []Column{
			{Name: "Site", Type: String},
			{Name: "Address", Type: String},
			{Name: "DeviceName", Type: String},
			{Name: "DeviceId", Type: String},
			{Name: "Evidence", Type: String, Doc: "source kind of the records that make the claim"},
			{Name: "FirstSeen", Type: DateTime},
			{Name: "LastSeen", Type: DateTime},
			{Name: "Records", Type: Long},
			{Name: "LastRawId", Type: Long},
		},
	}
}

func placesTable() *Table {
	return &Table{
		Name: SpoorPlaces, Own: true, View: true, Time: "KeptAt",
		Doc: "What the geo and ASN databases said of addresses with sightings, kept as the databases change: a row for each database and each stretch of its builds that said the same.",
		Columns: []Column{
			{Name: "Address", Type: String},
			{Name: "Database", Type: String},
			{Name: "CountryCode", Type: String, Doc: "ISO 3166-1; this and the following are empty where the database does not say"},
			{Name: "Country", Type: String},
			{Name: "State", Type: String},
			{Name: "City", Type: String},
			{Name: "ASN", Type: Long, Doc: "0 where the database does not say"},
			{Name: "Organization", Type: String},
			{Name: "BuiltFrom", Type: DateTime, Doc: "when the first build was made that is known to have said it"},
			{Name: "BuiltTo", Type: DateTime, Doc: "when the last one was"},
			{Name: "KeptAt", Type: DateTime, Doc: "when the first of them was asked"},
		},
	}
}

func sourcesTable() *Table {
	return &Table{
		Name: SpoorSources, Own: true, View: true, Time: "LastIngestedAt",
		Doc: "What was taken in, from where, and what became of its records.",
		Columns: []Column{
			{Name: "SourceId", Type: Long},
			{Name: "SourceName", Type: String},
			{Name: "Site", Type: String},
			{Name: "Format", Type: String},
			{Name: "ClockOffset", Type: TimeSpan, Doc: "added to the record's own times"},
			{Name: "Bytes", Type: Long, Doc: "decompressed bytes read so far"},
			{Name: "Records", Type: Long, Doc: "stored, unmapped and quarantined ones together"},
			{Name: "Stored", Type: Long},
			{Name: "Unmapped", Type: Long},
			{Name: "Quarantined", Type: Long},
			{Name: "FirstIngestedAt", Type: DateTime},
			{Name: "LastIngestedAt", Type: DateTime},
		},
	}
}
