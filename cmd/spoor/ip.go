package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/dustin/go-humanize/english"
	"github.com/spf13/cobra"

	"spoor/internal/entity"
	"spoor/internal/entitypage"
)

func ipCommand() *cobra.Command {
	var c client
	var from, to, site string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "ip ADDRESS",
		Short: "Who here talked to this address, since when, how rare is that?",
		Long: "Prints the page of an address: the answer, log activity by source, devices and peers.\n" +
			"Without --from and --to it speaks of the last 30 days, or of the 30 days to the last sighting;\n" +
			"log activity is for all time then.",
		Example: "  spoor ip 203.0.113.9\n  spoor ip 10.0.5.13 --from 2023-08-01 --to 2023-09-01",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := entity.Parse(entity.IP, args[0])
			if err != nil {
				return err
			}
			if err := c.connect(); err != nil {
				return err
			}
			query := url.Values{}
			for name, value := range map[string]string{"from": from, "to": to, "site": site} {
				if value != "" {
					query.Set(name, value)
				}
			}
			var doc entitypage.Document
			if err := c.getJSON(cmd.Context(), "/api/entities/ip/"+url.PathEscape(id.Value), query, &doc); err != nil {
				return err
			}
			if asJSON {
				enc := json.NewEncoder(cmd.OutOrStdout())
				enc.SetIndent("", "  ")
				return enc.Encode(&doc)
			}
			return printPage(cmd.OutOrStdout(), &doc)
		},
	}
	c.flags(cmd)
	f := cmd.Flags()
	f.StringVar(&from, "from", "", "begin of the period, UTC: 2006-01-02 or 2006-01-02T15:04:05Z")
	f.StringVar(&to, "to", "", "end of the period, not included")
	f.StringVar(&site, "site", "", "one site only")
	f.BoolVar(&asJSON, "json", false, "print the document of the API")
	return cmd
}

const clockFormat = "2006-01-02 15:04:05"

func printPage(w io.Writer, doc *entitypage.Document) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n%s\n", doc.ID, printable(doc.Headline.Text))
	if doc.Range.Note != "" {
		fmt.Fprintf(&b, "(%s)\n", printable(doc.Range.Note))
	}
	printIdentity(&b, doc.Identity)
	printSources(&b, doc.Sources)
	printDevices(&b, &doc.Devices)
	printPeers(&b, &doc.Peers)
	printHolders(&b, doc.Holders)
	printAlerts(&b, &doc.Alerts)
	if len(doc.Sources) == 0 {
		printCoverage(&b, doc.Coverage)
	}
	for _, e := range doc.Errors {
		fmt.Fprintf(&b, "\n%s could not be filled: %s\n", e.Section, printable(e.Reason))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func printIdentity(b *strings.Builder, id *entitypage.Identity) {
	if id == nil {
		return
	}
	side := "external"
	if id.Own {
		side = "own"
	}
	fmt.Fprintf(b, "\n%s address, %s (%s)\n", id.Class, side, id.OwnWhy)
	for _, n := range id.Networks {
		fmt.Fprintf(b, "  range  %s %s %s\n", n.CIDR, printable(n.Name), printable(n.Role))
	}
	for _, g := range id.Geo {
		if !g.Found {
			fmt.Fprintf(b, "  %s (%s): not in database\n", g.Database, g.BuiltAt.Format(time.DateOnly))
			continue
		}
		fmt.Fprintf(b, "  %s (%s): %s\n", g.Database, g.BuiltAt.Format(time.DateOnly), placeWords(g.City, g.State, g.Country, g.CountryCode, g.Org, g.ASN))
	}
	if id.Places != nil {
		printPlacesThen(b, id.Places)
	}
	if id.Line != nil {
		for _, a := range id.Line.Said {
			weak := map[bool]string{true: ", a weak sign"}[a.Weak]
			fmt.Fprintf(b, "  line   %s: %s in the list %s (%s)%s\n", a.Type, printable(a.Entry), printable(a.List), a.Dated.Format(time.DateOnly), weak)
		}
	}
}

// printPlacesThen prints what was in force while the records of the range happened, where
// that is something else than now.
func printPlacesThen(b *strings.Builder, h *entitypage.PlaceHistory) {
	for i := range h.Items {
		k := &h.Items[i]
		if !k.InForce || !k.Differs {
			continue
		}
		younger := map[bool]string{true: ", the oldest kept; records are older"}[k.Oldest]
		fmt.Fprintf(b, "  then   %s (%s%s): %s\n", printable(k.Database), k.BuiltFrom.Format(time.DateOnly), younger, placeWords(k.City, k.State, k.Country, k.CountryCode, k.Org, k.ASN))
	}
}

// placeWords is what a database says of an address, in a line.
func placeWords(city, state, country, code, org string, asn uint32) string {
	var facts []string
	for _, f := range []string{city, state, country, code, org} {
		if f != "" {
			facts = append(facts, printable(f))
		}
	}
	if asn != 0 {
		facts = append(facts, fmt.Sprintf("AS%d", asn))
	}
	if len(facts) == 0 {
		return "not in database"
	}
	return strings.Join(facts, ", ")
}

// section prints a heading and a table; nothing when there are no lines.
func section(b *strings.Builder, title, header string, lines [][]string) {
	if len(lines) == 0 {
		return
	}
	fmt.Fprintf(b, "\n%s\n", title)
	out := tabwriter.NewWriter(b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(out, "  "+strings.ReplaceAll(header, "|", "\t"))
	for _, line := range lines {
		for i := range line {
			line[i] = printable(line[i])
		}
		fmt.Fprintln(out, "  "+strings.Join(line, "\t"))
	}
	_ = out.Flush() // a Builder takes all
}

func stamp(t *time.Time) string {
	if t == nil {
		return "-"
	}
	return t.UTC().Format(clockFormat)
}

func printSources(b *strings.Builder, sources []entitypage.Source) {
	var lines [][]string
	for _, s := range sources {
		note := ""
		if s.Mentioned > 0 {
			note = "and " + humanize.Comma(s.Mentioned) + " " + english.PluralWord(int(s.Mentioned), "mention", "")
		}
		lines = append(lines, []string{
			s.SourceKind, humanize.Comma(s.Records), humanize.Comma(s.AsSource), humanize.Comma(s.AsDestination),
			humanize.Comma(s.Hosts), stamp(s.First), stamp(s.Last), note,
		})
	}
	section(b, "Log activity", "source|records|as source|as destination|hosts|first|last|", lines)
}

func printDevices(b *strings.Builder, d *entitypage.DeviceList) {
	var lines [][]string
	for i := range d.Items {
		item := &d.Items[i]
		name := item.DeviceName
		if name == "" {
			name = item.Address + " (no name)"
		}
		lines = append(lines, []string{
			name, humanize.Comma(item.Records) + " " + item.SourceKind, stamp(item.FirstContact), stamp(&item.First), stamp(&item.Last),
			strings.TrimSpace(item.LastEvent.ActionType + " " + port(item.LastEvent.Port)), item.LastEvent.Process, item.LastEvent.Account,
		})
	}
	section(b, fmt.Sprintf("Devices (%d of %s)", len(lines), humanize.Comma(d.Total)), "device|records|first contact|first|last|last event|process|account", lines)
}

func port(n int32) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(":%d", n)
}

// shownPeers is how many peers a terminal shows.
const shownPeers = 10

func printPeers(b *strings.Builder, p *entitypage.PeerList) {
	var lines [][]string
	for _, item := range p.Items[:min(len(p.Items), shownPeers)] {
		first, last := item.First, item.Last
		lines = append(lines, []string{item.Address, humanize.Comma(item.Records) + " " + item.SourceKind, stamp(&first), stamp(&last)})
	}
	section(b, fmt.Sprintf("Peers (%d of %s)", len(lines), humanize.Comma(p.Total)), "address|records|first|last", lines)
}

func printHolders(b *strings.Builder, holders []entitypage.Holder) {
	var lines [][]string
	for _, h := range holders {
		first, last := h.First, h.Last
		lines = append(lines, []string{h.DeviceName, stamp(&first), stamp(&last), strings.Join(h.Evidence, ", ")})
	}
	section(b, "Held by", "device|from|to|evidence", lines)
}

func printAlerts(b *strings.Builder, a *entitypage.AlertList) {
	var lines [][]string
	for _, item := range a.Items {
		at := item.Time
		lines = append(lines, []string{stamp(&at), item.Severity, item.Title, item.Source})
	}
	section(b, fmt.Sprintf("Alerts (%d of %s)", len(lines), humanize.Comma(a.Total)), "time|severity|title|source", lines)
}

func printCoverage(b *strings.Builder, coverage []entitypage.Coverage) {
	var lines [][]string
	for _, c := range coverage {
		first, last := c.First, c.Last
		lines = append(lines, []string{c.SourceKind, c.Table, humanize.Comma(c.Records), stamp(&first), stamp(&last)})
	}
	section(b, "Searched", "source|table|records|first|last", lines)
}
