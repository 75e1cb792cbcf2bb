package entitypage

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/publicsuffix"

	"spoor/internal/entity"
	"spoor/internal/schema"
	"spoor/internal/transparency"
)

// SubdomainSection is the names below a domain, or below the domains that the names of an
// address lie in: those that own logs have seen, which the total counts, and those that
// stand in certificate transparency.
type SubdomainSection struct {
	SectionHead
	// Items are first those seen in the range, the latest first, then the others.
	Items        []Subdomain `json:"items"`
	Names        int64       `json:"names" doc:"how many there are, seen or not, wildcards among them; items are the first of each, 500 at most"`
	Parents      []string    `json:"parents" doc:"the domains below which the names are"`
	ParentsTotal int64       `json:"parentsTotal" doc:"how many there are; of many, only the parents were looked below"`
	Files        int64       `json:"files" doc:"imported files of certificate transparency, of whatever domain"`
	Logged       int64       `json:"logged" doc:"names in certificate transparency, without wildcards"`
	LoggedUnseen int64       `json:"loggedUnseen" doc:"those of them that own logs have never seen, in the range or outside it"`
	Wildcards    int64       `json:"wildcards" doc:"wildcards in certificate transparency"`
}

// Subdomain is a name below the domain.
type Subdomain struct {
	Name     string       `json:"name" doc:"begins with *. when it is a wildcard"`
	First    *time.Time   `json:"first" doc:"in own logs, in the range; null: not seen in it"`
	Last     *time.Time   `json:"last"`
	LastEver *time.Time   `json:"lastEver" doc:"the last sighting in own logs, in the range or outside it; null: never seen here, or not looked for because it was seen in the range"`
	BySource []Count      `json:"bySource"`
	Logged   []LoggedName `json:"logged" doc:"what certificate transparency says of it, one a file; not a sighting"`
}

// LoggedName is a name in a file of certificate transparency.
type LoggedName struct {
	File         string    `json:"file"`
	Imported     time.Time `json:"imported"`
	NotBefore    time.Time `json:"notBefore" doc:"where the validity of the earliest certificate begins"`
	NotAfter     time.Time `json:"notAfter" doc:"where that of the latest ends"`
	Certificates int64     `json:"certificates" doc:"a certificate and its precertificate are one"`
	Issuers      []string  `json:"issuers"`
}

// logged is the files of certificate transparency as they are when a section is asked for.
type logged struct {
	store   *transparency.Store // nil: there are none
	version transparency.Version
}

// mostParents bounds the domains that the names of one address lie in: a content network's
// has thousands.
const mostParents = 20

// subdomains lists the names below the parents: of the ledger, and of certificate
// transparency.
func (v *view) subdomains(ctx context.Context, logs logged) (SubdomainSection, error) {
	s, at, err := v.seenBelow(ctx)
	s.Files = logs.version.Files
	if err == nil && s.Files > 0 {
		err = v.addLogged(ctx, logs, &s, at)
	}
	s.Names = int64(len(s.Items))
	s.Items = append(slices.Clone(cut(s.Items[:s.Total])), cut(s.Items[s.Total:])...)
	return s, err
}

// seenBelow lists all names below the parents that own logs saw in the range, and where each
// stands in the list.
func (v *view) seenBelow(ctx context.Context) (SubdomainSection, map[string]int, error) {
	s := SubdomainSection{SectionHead: SectionHead{Needs: "DNS, TLS or HTTP records that name hosts below the domain"}, Items: []Subdomain{}, Parents: []string{}}
	at := map[string]int{}
	if err := v.parents(ctx, &s); err != nil || len(s.Parents) == 0 {
		return s, at, err
	}
	s.Query = v.belowQuery(s.Parents, v.dayFilter()) + `
| summarize First = min(FirstSeen), Last = max(LastSeen), Records = sum(Records) by Entity, SourceKind
| sort by Last desc, Entity asc, SourceKind asc`
	err := readSection(ctx, v, &s.SectionHead, &s.Items, func(row []any) {
		name := text(row[0])
		first, last := ticks(row[2]).Time(), ticks(row[3]).Time()
		i, ok := at[name]
		if !ok {
			i = len(s.Items)
			at[name] = i
			s.Items = append(s.Items, Subdomain{Name: name, First: &first, Last: &last, Logged: []LoggedName{}})
		}
		item := &s.Items[i]
		if first.Before(*item.First) {
			item.First = &first
		}
		if last.After(*item.Last) {
			item.Last = &last
		}
		item.BySource = append(item.BySource, Count{SourceKind: text(row[1]), Records: number(row[4])})
	})
	return s, at, err
}

// parents finds the domains below which names are to be listed: a domain itself, or those
// that the names of an address in the range are registered under, of which the section
// keeps the latest.
func (v *view) parents(ctx context.Context, s *SubdomainSection) error {
	switch v.req.ID.Kind {
	case entity.Domain:
		s.Parents = append(s.Parents, v.req.ID.Value)
	case entity.IP:
		records, err := v.passiveDNS(ctx) // the latest first
		if err != nil {
			return err
		}
		var all []string
		for i := range records {
			if parent, err := publicsuffix.EffectiveTLDPlusOne(records[i].Name); err == nil && !slices.Contains(all, parent) {
				all = append(all, parent)
			}
		}
		s.ParentsTotal = int64(len(all))
		s.Parents = append(s.Parents, all[:min(len(all), mostParents)]...)
		s.Needs = "DNS, TLS or HTTP records that name the address, or hosts below its names' domains"
		return nil
	default:
		s.Needs = "a domain or an address: nothing else has names below it"
	}
	s.ParentsTotal = int64(len(s.Parents))
	return nil
}

// belowQuery begins a query of the ledger's names below the parents.
func (v *view) belowQuery(parents []string, days string) string {
	below := make([]string, len(parents))
	for i, parent := range parents {
		below[i] = "Entity endswith " + quote("."+parent)
	}
	return fmt.Sprintf("%s\n| where Kind == \"domain\" and (%s)%s%s", schema.SpoorSightings, strings.Join(below, " or "), v.siteFilter(), days)
}

// addLogged adds what certificate transparency says of the names that are listed, by their
// place, and lists the names that stand there alone: those valid last first.
func (v *view) addLogged(ctx context.Context, logs logged, s *SubdomainSection, at map[string]int) error {
	for _, parent := range s.Parents {
		found, err := logs.store.Below(ctx, parent)
		if err != nil {
			return err
		}
		for i := range found {
			n := &found[i]
			of, ok := at[n.Name.Name]
			if !ok {
				of = len(s.Items)
				at[n.Name.Name] = of
				s.Items = append(s.Items, Subdomain{Name: n.Name.Name, BySource: []Count{}})
			}
			s.Items[of].Logged = append(s.Items[of].Logged, LoggedName{
				n.File, n.Imported, n.NotBefore, n.NotAfter, int64(n.Certificates), append([]string{}, n.Issuers...),
			})
		}
	}
	if int64(len(s.Items)) > s.Total {
		query := v.belowQuery(s.Parents, "") + "\n| summarize Last = max(LastSeen) by Entity"
		if err := v.kql(ctx, query, func(row []any) {
			if i, ok := at[text(row[0])]; ok && s.Items[i].Last == nil {
				last := ticks(row[1]).Time()
				s.Items[i].LastEver = &last
			}
		}); err != nil {
			return err
		}
	}
	for i := range s.Items {
		switch item := &s.Items[i]; {
		case len(item.Logged) == 0:
		case strings.HasPrefix(item.Name, "*."):
			s.Wildcards++
		default:
			s.Logged++
			if item.Last == nil && item.LastEver == nil {
				s.LoggedUnseen++
			}
		}
	}
	slices.SortFunc(s.Items[s.Total:], func(a, b Subdomain) int {
		return cmp.Or(validTo(b).Compare(validTo(a)), cmp.Compare(a.Name, b.Name))
	})
	return nil
}

// validTo is the end of the latest certificate.
func validTo(s Subdomain) (end time.Time) {
	for _, n := range s.Logged {
		if n.NotAfter.After(end) {
			end = n.NotAfter
		}
	}
	return end
}
