// Package entitypage answers the main question about an entity as one document: who
// here talked to it, since when, how rare is that, what else is known.
//
// A document is built from the sightings ledger, the address holders, enrichment and
// the network catalogue. A section that fails carries its error and the others stand.
// Every number comes with the KQL that gives it.
package entitypage

import (
	"time"

	"spoor/internal/schema"
)

// Document is an entity page. Times are UTC; days are "2006-01-02" in UTC.
type Document struct {
	Kind  string `json:"kind" doc:"ip, domain, url, hash, account or device; cidr, range or asn for many addresses"`
	ID    string `json:"id" doc:"canonical text of the entity"`
	Site  string `json:"site,omitempty" doc:"the site asked for; empty: all sites"`
	Role  string `json:"role,omitempty" doc:"the role asked for: only records in which the entity plays it are counted; empty: all"`
	Range Range  `json:"range"`

	Sites []string `json:"sites" doc:"every site with records, of whatever entity"`

	Headline Headline  `json:"headline"`
	Identity *Identity `json:"identity,omitempty" doc:"what is known of an IP address itself, or of many"`
	Many     *Many     `json:"many,omitempty" doc:"the addresses of a prefix, a range or an autonomous system"`
	Noise    []Noise   `json:"noise" doc:"known-noise lists it stands in; context, by which nothing is hidden"`
	Sources  []Source  `json:"sources" doc:"log activity by source kind; with no from and to given, for all time"`

	Prevalence Prevalence `json:"prevalence"`
	Devices    DeviceList `json:"devices" doc:"own hosts in its records"`
	Peers      PeerList   `json:"peers" doc:"addresses at the other end"`
	Holders    []Holder   `json:"holders" doc:"devices that held the address, newest first"`
	Alerts     AlertList  `json:"alerts" doc:"alerts from ingested sources that name it"`
	Hunts      Hunts      `json:"hunts"`
	Coverage   []Coverage `json:"coverage" doc:"what was searched: every source kind with its first and last record"`

	Errors []SectionError `json:"errors,omitempty" doc:"sections that could not be filled, with the reason"`
}

// SectionError says which part of a document is missing and why.
type SectionError struct {
	Section string `json:"section"`
	Reason  string `json:"reason"`
}

// Range is the period the document speaks of.
type Range struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
	// Default is true when the caller gave no period; Shifted when the default period
	// was moved back to end at the last sighting.
	Default bool   `json:"default"`
	Shifted bool   `json:"shifted"`
	Note    string `json:"note,omitempty" doc:"why the range differs from the one asked for"`
}

// Headline is the answer in one line.
type Headline struct {
	Text  string `json:"text"`
	Terms []Term `json:"terms" doc:"the numbers of the line, each with its origin"`
}

// Term is one number of the headline and where it comes from.
type Term struct {
	Name  string `json:"name" doc:"devices, devicesTotal, records, contacted, first, last, bytesOut, bytesIn, rarerThan …"`
	Value string `json:"value"`
	Unit  string `json:"unit,omitempty"`
	Note  string `json:"note,omitempty" doc:"the definition, in words"`
	Query string `json:"query,omitempty" doc:"KQL that gives the number"`
	Words string `json:"words,omitempty" doc:"the part of the line that says it; none for a number the line does not say"`
}

// Identity is what is known of an address itself.
type Identity struct {
	Class    string    `json:"class" doc:"public, private, loopback, link-local, multicast, documentation, carrier NAT …; empty: an AS of which no address was seen"`
	Own      bool      `json:"own" doc:"belongs to the organisation"`
	OwnWhy   string    `json:"ownWhy" doc:"what says so: catalogue, holder, direction of its flows"`
	Networks []Network `json:"networks" doc:"named ranges it lies in, narrowest first"`
	Geo      []Geo     `json:"geo" doc:"an entry a database; empty fields are not in that database"`
	// Places is null on a page of many addresses.
	Places *PlaceHistory `json:"places,omitempty" doc:"what the databases said of it, as far as that is kept"`
	// Line is null on a page of many addresses.
	Line *Line `json:"line,omitempty" doc:"what open lists say of the kind of line behind it"`
}

// Line is what the known-noise lists say of the kind of line behind an address:
// several answers stand side by side, for the lists may differ.
type Line struct {
	Said  []LineAnswer `json:"said" doc:"an answer a list; empty: it is in none of those asked"`
	Asked []LineList   `json:"asked" doc:"the lists there are that tell a kind of line; empty: none is imported"`
}

// LineAnswer is the answer of one list.
type LineAnswer struct {
	Noise
	Type string `json:"type" enum:"hosting,content network,VPN,proxy,private relay,Tor exit,Tor node,mobile,residential"`
	ASN  uint32 `json:"asn,omitempty" doc:"the list names this AS, which announces the address, and not the address itself"`
	By   string `json:"by,omitempty" doc:"the database that says which AS announces it"`
}

// LineList is a list that tells a kind of line.
type LineList struct {
	List  string    `json:"list"`
	Name  string    `json:"name"`
	Type  string    `json:"type"`
	Dated time.Time `json:"dated"`
}

// Noise is a known-noise list that an entity stands in.
type Noise struct {
	List  string    `json:"list" doc:"names the list: amazon-aws"`
	Name  string    `json:"name" doc:"of the list, for people"`
	Class string    `json:"class" doc:"scanner, cdn, cloud, resolver, crawler, vpn, platform, mail, pki, popular, connectivity, sinkhole, security, shared, known file, special, mobile, residential or other"`
	Weak  bool      `json:"weak" doc:"the list is very broad and says little"`
	Entry string    `json:"entry" doc:"the entry that holds it, the narrowest of several"`
	Dated time.Time `json:"dated" doc:"day of the list's content"`
}

// Network is a named range of the network catalogue.
type Network struct {
	CIDR  string `json:"cidr"`
	Name  string `json:"name"`
	Role  string `json:"role,omitempty"`
	Site  string `json:"site,omitempty"`
	Owner string `json:"owner,omitempty"`
}

// Geo is what one geo or ASN database says.
type Geo struct {
	Database    string    `json:"database"`
	BuiltAt     time.Time `json:"builtAt"`
	License     string    `json:"license,omitempty"`
	Attribution string    `json:"attribution,omitempty" doc:"text that must be shown with the data"`
	AttribURL   string    `json:"attributionUrl,omitempty"`
	Found       bool      `json:"found"`
	Country     string    `json:"country,omitempty"`
	CountryCode string    `json:"countryCode,omitempty"`
	State       string    `json:"state,omitempty"`
	City        string    `json:"city,omitempty"`
	PostalCode  string    `json:"postalCode,omitempty"`
	Latitude    *float64  `json:"latitude,omitempty"`
	Longitude   *float64  `json:"longitude,omitempty"`
	ASN         uint32    `json:"asn,omitempty"`
	Org         string    `json:"org,omitempty"`
	Network     string    `json:"network,omitempty" doc:"the prefix the record covers"`
	RadiusKM    uint64    `json:"radiusKm,omitempty" doc:"how far around the coordinates the place may be; absent: not said"`
	// What is known of the line behind it, in the database's words; most databases say nothing.
	ISP            string   `json:"isp,omitempty"`
	MobileNetwork  string   `json:"mobileNetwork,omitempty" doc:"mobile country and network code"`
	ConnectionType string   `json:"connectionType,omitempty"`
	UserType       string   `json:"userType,omitempty"`
	Anonymizers    []string `json:"anonymizers,omitempty" doc:"VPN, hosting provider, public proxy, residential proxy, Tor exit"`
}

// Source is the log activity of one source kind. Records of different kinds are often
// the same flow and are never added up.
type Source struct {
	SourceKind    string           `json:"sourceKind"`
	Table         string           `json:"table" doc:"primary table"`
	Records       int64            `json:"records"`
	AsSource      int64            `json:"asSource"`
	AsDestination int64            `json:"asDestination"`
	Hosts         int64            `json:"hosts" doc:"distinct reporting devices; for sensors that name none, distinct addresses at the other end; 0 where its records tell neither"`
	First         *time.Time       `json:"first"`
	Last          *time.Time       `json:"last"`
	ByDay         []Day            `json:"byDay"`
	Roles         map[string]int64 `json:"roles" doc:"records by role"`
	Outcomes      map[string]int64 `json:"outcomes" doc:"records by outcome"`
	BytesOut      int64            `json:"bytesOut"`
	BytesIn       int64            `json:"bytesIn"`
	Mentioned     int64            `json:"mentioned" doc:"records that only mention it in some text; not in Records"`
	FirstEver     *time.Time       `json:"firstEver"`
	LastEver      *time.Time       `json:"lastEver"`
	TakenIn       *time.Time       `json:"takenIn" doc:"when something was last taken in from the log that holds the latest record; what happened later is not here; null: the log was removed"`
	LastRaw       schema.RawID     `json:"-"`
	ClockNote     string           `json:"clockNote,omitempty" doc:"corrections applied to this kind's times"`
	Query         string           `json:"query"`
}

// Day is one UTC day of one source kind.
type Day struct {
	Day     string `json:"day"`
	Records int64  `json:"records"`
	Hosts   int64  `json:"hosts"`
}

// Prevalence is how widely the entity is seen in the organisation, day by day.
type Prevalence struct {
	SourceKind   string          `json:"sourceKind" doc:"the kind whose records the line counts: the one with most"`
	Days         []PrevalenceDay `json:"days"`
	Devices      int64           `json:"devices" doc:"own hosts in the range"`
	DevicesTotal int64           `json:"devicesTotal" doc:"devices with any record in the range"`
	RarerThan    *float64        `json:"rarerThan" doc:"share of external addresses of the period seen on strictly more devices, 0 to 1; null: not known yet, or not told: of own addresses, of one role, where there are none"`
	RarerAsOf    *time.Time      `json:"rarerAsOf"`
	RarerPending bool            `json:"rarerPending" doc:"the share is not known yet and being counted; ask again in a few seconds"`
	Query        string          `json:"query"`
}

// PrevalenceDay is one UTC day; days without records are there with zeros.
type PrevalenceDay struct {
	Day      string           `json:"day"`
	Devices  int64            `json:"devices"`
	Records  int64            `json:"records"`
	Outcomes map[string]int64 `json:"outcomes" doc:"the records by outcome; none: not a connection"`
	Alerts   int64            `json:"alerts" doc:"alerts of the day that name the entity"`
}

// DeviceList is the devices of the range: the first page here, the rest at
// /api/entities/{kind}/{id}/devices.
type DeviceList struct {
	Total int64        `json:"total"`
	Items []DeviceItem `json:"items"`
	Query string       `json:"query"`
}

// DeviceItem is one own host and its dealings with the entity.
type DeviceItem struct {
	DeviceName string    `json:"deviceName" doc:"empty: an own address nobody claims"`
	DeviceID   string    `json:"deviceId"`
	Address    string    `json:"address,omitempty" doc:"its own address in these records"`
	Site       string    `json:"site"`
	Records    int64     `json:"records" doc:"of the source kind with most"`
	SourceKind string    `json:"sourceKind"`
	BySource   []Count   `json:"bySource"`
	Contacted  bool      `json:"contacted" doc:"at least one established or permitted connection"`
	First      time.Time `json:"first"`
	Last       time.Time `json:"last"`
	// FirstContact is the first established or permitted connection; null without one.
	FirstContact *time.Time `json:"firstContact"`
	BytesOut     int64      `json:"bytesOut"`
	BytesIn      int64      `json:"bytesIn"`
	LastEvent    LastEvent  `json:"lastEvent"`
	HostSensor   bool       `json:"hostSensor" doc:"the host itself reported some of it; false: only network sensors saw it, so no process is known"`
	Addresses    int64      `json:"addresses,omitempty" doc:"on a page of many addresses: those of them in its records"`
	CompareAs    string     `json:"compareAs" doc:"what a comparison calls it"`
}

// Count is a number of records of one source kind.
type Count struct {
	SourceKind string `json:"sourceKind"`
	Records    int64  `json:"records"`
}

// LastEvent is the latest record.
type LastEvent struct {
	Time       time.Time `json:"time"`
	RawID      string    `json:"rawId"`
	SourceKind string    `json:"sourceKind"`
	ActionType string    `json:"actionType"`
	Process    string    `json:"process,omitempty"`
	Account    string    `json:"account,omitempty"`
	Port       int32     `json:"port,omitempty"`
}

// PeerList is the addresses at the other end: the first page here, the rest at
// /api/entities/{kind}/{id}/peers.
type PeerList struct {
	Total int64      `json:"total"`
	Items []PeerItem `json:"items"`
	Query string     `json:"query"`
}

// PeerItem is one address at the other end.
type PeerItem struct {
	Address    string    `json:"address"`
	Records    int64     `json:"records"`
	SourceKind string    `json:"sourceKind"`
	Contacted  bool      `json:"contacted"`
	First      time.Time `json:"first"`
	Last       time.Time `json:"last"`
	BytesOut   int64     `json:"bytesOut"`
	BytesIn    int64     `json:"bytesIn"`
}

// Holder says which device held the address.
type Holder struct {
	DeviceName string    `json:"deviceName"`
	DeviceID   string    `json:"deviceId"`
	Site       string    `json:"site"`
	First      time.Time `json:"first"`
	Last       time.Time `json:"last"`
	Evidence   []string  `json:"evidence" doc:"source kinds of the claims"`
	Records    int64     `json:"records"`
}

// AlertList is the alerts that name the entity: the latest here, all of them at
// /api/entities/{kind}/{id}/alerts.
type AlertList struct {
	Total      int64            `json:"total"`
	BySeverity map[string]int64 `json:"bySeverity"`
	Items      []Alert          `json:"items"`
	Query      string           `json:"query"`
}

// Alert is one alert of an ingested source.
type Alert struct {
	AlertID  string    `json:"alertId"`
	Time     time.Time `json:"time"`
	Title    string    `json:"title"`
	Severity string    `json:"severity"`
	Category string    `json:"category,omitempty"`
	Source   string    `json:"source"`
	Device   string    `json:"device,omitempty" doc:"the host that the evidence names"`
	Roles    []string  `json:"roles" doc:"parts that the entity plays in the evidence: source, destination"`
	Evidence string    `json:"evidence,omitempty" doc:"whether it is hit or merely related, in the source's words: Impacted, Related"`
	RawID    string    `json:"rawId" doc:"the first record with the evidence"`
}

// Coverage says what there is of one source kind, so that "nothing found" can be
// judged.
type Coverage struct {
	SourceKind string    `json:"sourceKind"`
	Site       string    `json:"site,omitempty" doc:"absent: all sites together"`
	Table      string    `json:"table"`
	Records    int64     `json:"records"`
	First      time.Time `json:"first"`
	Last       time.Time `json:"last"`
}
