package entitypage

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"spoor/internal/device"
	"spoor/internal/entity"
	"spoor/internal/schema"
	"spoor/internal/store"
)

// ContactList is the devices that were in contact with an address, in the order of
// their first contacts: the infection ladder. A device that only tried is not in it.
type ContactList struct {
	Total int64 `json:"total"`
	Tried int64 `json:"tried" doc:"own hosts in its records without an established or permitted connection"`
	// Of all devices in contact whose processes are known.
	Programs int64 `json:"programs" doc:"names of programs that dealt with it on the devices in contact"`
	Accounts int64 `json:"accounts" doc:"accounts under which those programs ran"`

	Items []Contact `json:"items" doc:"the first 50"`
	Query string    `json:"query" doc:"KQL: the processes"`
	Files string    `json:"filesQuery" doc:"KQL: the files that came down from it"`
}

// Contact is the dealings of one own host with the address.
type Contact struct {
	DeviceName   string    `json:"deviceName" doc:"empty: an own address nobody claims"`
	DeviceID     string    `json:"deviceId"`
	Address      string    `json:"address,omitempty"`
	Site         string    `json:"site"`
	FirstContact time.Time `json:"firstContact"`
	With         string    `json:"with,omitempty" doc:"of many addresses: the one of the first contact"`
	HostSensor   bool      `json:"hostSensor" doc:"the host itself reported some of it; false: only network sensors saw it, so no process is known"`
	Processes    []Process `json:"processes" doc:"what opened or took the connections, first contact first"`
	Names        []Named   `json:"names" doc:"URLs and server names in its connections to the address"`
	Files        []Fetched `json:"files" doc:"files that the host says came from the address"`
	CompareAs    string    `json:"compareAs" doc:"what a comparison of devices calls it"`
}

// Process is a program with one command line and account, on one device.
type Process struct {
	Name        string    `json:"name"`
	CommandLine string    `json:"commandLine,omitempty"`
	Parent      string    `json:"parent,omitempty"`
	Account     string    `json:"account,omitempty"`
	Records     int64     `json:"records" doc:"of the source kind with most"`
	SourceKind  string    `json:"sourceKind"`
	First       time.Time `json:"first"`
	Last        time.Time `json:"last"`
	Ports       []int64   `json:"ports" doc:"that were connected to, on whichever side"`
	RawID       string    `json:"rawId" doc:"its first record"`

	id string // of the running process, where the record tells it
}

// Named is a URL or server name.
type Named struct {
	Name    string    `json:"name"`
	Records int64     `json:"records"`
	First   time.Time `json:"first"`
	Last    time.Time `json:"last"`
}

// Fetched is a file that came from the address, by the mark that the host gave it.
type Fetched struct {
	Name    string    `json:"name"`
	Path    string    `json:"path"`
	URL     string    `json:"url,omitempty"`
	SHA256  string    `json:"sha256,omitempty"`
	Process string    `json:"process,omitempty"`
	Time    time.Time `json:"time"`
	RawID   string    `json:"rawId"`
}

// Contacts tells who was in contact with an address, who first, and by what process.
func (p *Pages) Contacts(ctx context.Context, req Request) (*ContactList, error) {
	v, err := p.resolved(ctx, req)
	if err != nil {
		return nil, err
	}
	if v.wide() {
		return nil, ErrWide
	}
	return keepSection(p, v, "contacts", func() (*ContactList, error) { return v.contacts(ctx) })
}

func (v *view) contacts(ctx context.Context) (*ContactList, error) {
	list := &ContactList{Items: []Contact{}, Query: v.processQuery(), Files: v.filesQuery()}
	var contacted []*deviceTally
	for _, t := range v.devices() {
		if t.contacted {
			contacted = append(contacted, t)
		} else {
			list.Tried++
		}
	}
	slices.SortFunc(contacted, func(a, b *deviceTally) int {
		return cmp.Or(cmp.Compare(a.firstContact, b.firstContact), cmp.Compare(a.id.Name, b.id.Name), cmp.Compare(a.address, b.address))
	})
	list.Total = int64(len(contacted))
	var found findings
	if err := found.read(ctx, v); err != nil {
		return nil, err
	}
	list.Programs, list.Accounts = found.tell(contacted)
	for _, t := range contacted[:min(len(contacted), PageSize)] {
		list.Items = append(list.Items, found.contact(v, t))
	}
	return list, nil
}

// tell counts the programs of some devices, and the accounts that ran them.
func (f *findings) tell(devices []*deviceTally) (programs, accounts int64) {
	names, users := map[string]bool{}, map[string]bool{}
	for _, t := range devices {
		for _, p := range f.processes[t.id.ID] {
			names[strings.ToLower(p.Name)] = true
			if p.Account != "" {
				users[strings.ToLower(p.Account)] = true
			}
		}
	}
	return int64(len(names)), int64(len(users))
}

func (f *findings) contact(v *view, t *deviceTally) Contact {
	c := Contact{
		DeviceName: t.id.Name, DeviceID: t.id.ID, Address: t.address, Site: t.site, FirstContact: t.firstContact.Time(), HostSensor: t.reported,
		Processes: []Process{}, Names: []Named{}, Files: []Fetched{}, CompareAs: t.called(),
	}
	if v.among != nil {
		c.With = t.firstWith
	}
	if t.id.ID != "" {
		c.Processes = append(c.Processes, f.processes[t.id.ID]...)
		c.Files = append(c.Files, f.files[t.id.ID]...)
		c.Names = append(c.Names, f.names[t.id.ID]...)
	}
	// What a sensor saw of the address while this device held it.
	for _, n := range f.byAddress[siteAddress{t.site, t.address}] {
		refs := v.holders.all.At(t.site, t.address, schema.TicksOf(n.First))
		held := slices.ContainsFunc(refs, func(r device.Ref) bool { return r.ID == t.id.ID })
		if held || t.id.ID == "" && len(refs) == 0 {
			c.Names = append(c.Names, n)
		}
	}
	return c
}

// findings is what the events tell of the dealings with an address, by DeviceId and,
// for what a sensor without a host saw, by the own address.
type findings struct {
	processes map[string][]Process
	files     map[string][]Fetched
	names     map[string][]Named
	byAddress map[siteAddress][]Named
}

func (f *findings) read(ctx context.Context, v *view) error {
	f.processes, f.files = map[string][]Process{}, map[string][]Fetched{}
	f.names, f.byAddress = map[string][]Named{}, map[siteAddress][]Named{}
	return together(
		func() error { return f.readProcesses(ctx, v) },
		func() error { return f.readFiles(ctx, v) },
		func() error { return f.readNames(ctx, v) },
	)
}

func (f *findings) readProcesses(ctx context.Context, v *view) error {
	tallies := map[string][]*processTally{}
	err := v.kql(ctx, v.processQuery(), func(row []any) {
		id := v.deviceID(text(row[0]))
		r := processRow{
			name: text(row[1]), command: text(row[2]), parent: text(row[3]), account: account(text(row[5]), text(row[4])), kind: text(row[6]), unique: text(row[7]),
			records: number(row[8]), first: ticks(row[9]), last: ticks(row[10]), ports: numbers(row[11]), raw: number(row[12]),
		}
		tallies[id] = addProcess(tallies[id], r)
	})
	for id, list := range tallies {
		for _, t := range mergeProcesses(list) {
			f.processes[id] = append(f.processes[id], t.process())
		}
		slices.SortFunc(f.processes[id], func(a, b Process) int {
			return cmp.Or(a.First.Compare(b.First), cmp.Compare(a.Name, b.Name))
		})
	}
	return err
}

// processRow is one line of processQuery.
type processRow struct {
	name, command, parent, account, kind, unique string
	records                                      int64
	first, last                                  schema.Ticks
	ports                                        []int64
	raw                                          int64
}

// processTally adds up the rows of one program, command line and account.
type processTally struct {
	processRow
	kinds kindTallies
}

func addProcess(list []*processTally, r processRow) []*processTally {
	for _, t := range list {
		if strings.EqualFold(t.name, r.name) && t.command == r.command && strings.EqualFold(t.account, r.account) {
			t.add(&r)
			return list
		}
	}
	return append(list, &processTally{processRow: r, kinds: kindTallies{{kind: r.kind, records: r.records}}})
}

func (t *processTally) add(r *processRow) {
	t.kinds.add(&store.Stretch{SightingKey: store.SightingKey{SourceKind: r.kind}, Records: r.records})
	t.parent, t.unique, t.account = cmp.Or(t.parent, r.parent), cmp.Or(t.unique, r.unique), cmp.Or(t.account, r.account)
	if r.first < t.first {
		t.first, t.raw = r.first, r.raw
	}
	t.last = max(t.last, r.last)
	for _, port := range r.ports {
		if !slices.Contains(t.ports, port) {
			t.ports = append(t.ports, port)
		}
	}
}

// mergeProcesses gives the records that name a program without its command line and
// account, as the Windows firewall's do, to the one other line of that program there is.
func mergeProcesses(list []*processTally) []*processTally {
	var kept []*processTally
	for _, t := range list {
		if t.command != "" || t.account != "" {
			kept = append(kept, t)
			continue
		}
		var same []*processTally
		for _, o := range list {
			if o != t && strings.EqualFold(o.name, t.name) && (o.command != "" || o.account != "") {
				same = append(same, o)
			}
		}
		if len(same) != 1 {
			kept = append(kept, t)
			continue
		}
		for _, k := range t.kinds {
			part := t.processRow
			part.kind, part.records = k.kind, k.records
			same[0].add(&part)
		}
	}
	return kept
}

func (t *processTally) process() Process {
	kind, records := t.kinds.main(entity.IP)
	slices.Sort(t.ports)
	return Process{
		Name: t.name, CommandLine: t.command, Parent: t.parent, Account: t.account, Records: records, SourceKind: kind,
		First: t.first.Time(), Last: t.last.Time(), Ports: t.ports, RawID: rawID(schema.RawID(t.raw)), id: t.unique,
	}
}

func (f *findings) readFiles(ctx context.Context, v *view) error {
	return v.kql(ctx, v.filesQuery(), func(row []any) {
		id := v.deviceID(text(row[0]))
		f.files[id] = append(f.files[id], Fetched{
			Name: text(row[1]), Path: text(row[2]), URL: text(row[3]), SHA256: text(row[4]), Process: text(row[5]),
			Time: ticks(row[6]).Time(), RawID: rawID(schema.RawID(number(row[7]))),
		})
	})
}

func (f *findings) readNames(ctx context.Context, v *view) error {
	return v.kql(ctx, v.namesQuery(), func(row []any) {
		n := Named{Name: text(row[3]), Records: number(row[4]), First: ticks(row[5]).Time(), Last: ticks(row[6]).Time()}
		if device := text(row[0]); device != "" {
			id := v.deviceID(device)
			f.names[id] = append(f.names[id], n)
			return
		}
		at := siteAddress{text(row[1]), text(row[2])}
		f.byAddress[at] = append(f.byAddress[at], n)
	})
}

// ends is the condition that an event of DeviceNetworkEvents is one with the address at
// an end, in the role asked for.
func (v *view) ends() string {
	remote, local := v.is("RemoteIP"), v.is("LocalIP")
	const inbound = `ActionType has_any ("InboundConnectionAccepted", "FirewallInboundConnectionBlocked")`
	switch v.req.Role {
	case entity.RoleLocal:
		return local
	case entity.RoleSource:
		return fmt.Sprintf("%s and %s or %s and not(%s)", remote, inbound, local, inbound)
	case entity.RoleDestination:
		return fmt.Sprintf("%s and not(%s) or %s and %s", remote, inbound, local, inbound)
	case 0:
		return remote + " or " + local
	default:
		return "false" // no end of a connection
	}
}

// inRole keeps records in which the address plays one of some parts only where no other
// part is asked for.
func (v *view) inRole(roles ...entity.Roles) string {
	if v.req.Role == 0 || slices.Contains(roles, v.req.Role) {
		return ""
	}
	return "\n| where false // these records never name it in the role " + v.req.Role.String()
}

func (v *view) siteOf() string {
	if v.req.Site == "" {
		return ""
	}
	return "\n| where _Site == " + quote(v.req.Site)
}

func (v *view) processQuery() string {
	return "DeviceNetworkEvents\n| where " + v.bounds() + v.siteOf() + "\n| where " + v.ends() + `
| where DeviceName != "" and InitiatingProcessFileName != ""
| summarize Records = count(), First = min(Timestamp), Last = max(Timestamp), Ports = make_set(iff(` + openedByRemote + `, LocalPort, RemotePort), 32), RawId = min(_RawId)
    by DeviceId, InitiatingProcessFileName, InitiatingProcessCommandLine, InitiatingProcessParentFileName,
       InitiatingProcessAccountName, InitiatingProcessAccountDomain, SourceKind = _SourceKind, InitiatingProcessUniqueId
| project DeviceId, InitiatingProcessFileName, InitiatingProcessCommandLine, InitiatingProcessParentFileName,
    InitiatingProcessAccountName, InitiatingProcessAccountDomain, SourceKind, InitiatingProcessUniqueId, Records, First, Last, Ports, RawId
| sort by First asc`
}

// filesQuery finds files by the mark of the web that hosts give to what they fetch; the
// stream that holds the mark is named after the file. The address is the source of it.
func (v *view) filesQuery() string {
	from := v.is("FileOriginIP")
	if v.among == nil {
		id := quote(v.req.ID.Value)
		from += " or FileOriginUrl has " + id + " or FileOriginReferrerUrl has " + id
	} else {
		from += " or " + v.is("tostring(parse_url(FileOriginUrl).Host)") + " or " + v.is("tostring(parse_url(FileOriginReferrerUrl).Host)")
	}
	return "DeviceFileEvents\n| where " + v.bounds() + v.siteOf() + v.inRole(entity.RoleSource) + fmt.Sprintf(`
| where %s
| extend FileName = tostring(split(FileName, ":")[0]), FolderPath = iff(FolderPath endswith ":Zone.Identifier", substring(FolderPath, 0, strlen(FolderPath) - 16), FolderPath),
    SHA256 = iff(FolderPath endswith ":Zone.Identifier", "", SHA256)
| summarize Url = max(FileOriginUrl), SHA256 = max(SHA256), Process = max(InitiatingProcessFileName), First = min(Timestamp), RawId = min(_RawId)
    by DeviceId, FileName, FolderPath
| project DeviceId, FileName, FolderPath, Url, SHA256, Process, First, RawId
| sort by First asc`, from)
}

func (v *view) namesQuery() string {
	return "DeviceNetworkEvents\n| where " + v.bounds() + v.siteOf() + fmt.Sprintf(`
| where %s and (%s) and RemoteUrl != "" and RemoteUrl != RemoteIP
| extend DeviceId = iff(DeviceName == "", "", DeviceId), LocalIP = iff(DeviceName == "", LocalIP, "")
| summarize Records = count(), First = min(Timestamp), Last = max(Timestamp) by DeviceId, Site = _Site, LocalIP, RemoteUrl
| sort by First asc
| take 1000`, v.is("RemoteIP"), v.ends())
}

// deviceID is a DeviceId with the aliases applied.
func (v *view) deviceID(id string) string {
	if to, ok := v.aliases[id]; ok {
		return to
	}
	return id
}

// account is "domain\name", or the name alone.
func account(domain, name string) string {
	if domain == "" || name == "" {
		return name
	}
	return domain + `\` + name
}
