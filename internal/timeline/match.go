package timeline

import (
	"fmt"
	"net/netip"
	neturl "net/url"
	"regexp"
	"slices"
	"strings"

	"spoor/internal/entity"
	"spoor/internal/kql/syntax"
	"spoor/internal/schema"
	"spoor/internal/store"
)

// The ledger says on which days, in which tables and of which kinds there are records
// that name an entity, but not which records. A condition finds them again, by the rules
// that package ledger folds by: columns that hold the entity, other text that mentions
// it, and copies of the record in other tables.

// otherConditions find the records that no column for it in the table names the entity
// in: other text mentions it, or copies of the record name it. tallies are those of such
// records; within is the condition on their time, for copies.
func otherConditions(id subject, t *schema.Table, tallies []*store.Tally, within string) []string {
	conds := textConditions(id, t)
	for _, c := range copyTables {
		if c != t.Name && slices.ContainsFunc(tallies, func(of *store.Tally) bool { return copied(of.SourceKind, c) }) {
			conds = append(conds, copyConditions(id, schema.Default().MustTable(c), t.Time+" "+within)...)
		}
	}
	return conds
}

// copyTables are the tables that take copies of records whose primary row is elsewhere
// (data.md §6), and snapshots of what a host says of itself.
var copyTables = []string{"SecurityEvent", "AlertInfo", "AlertEvidence", "DeviceInfo", "DeviceNetworkInfo"}

// copied reports whether records of a kind may have copies in a table that name more than
// their primary row.
func copied(kind, table string) bool {
	product, _, _ := strings.Cut(kind, ".")
	switch table {
	case "SecurityEvent":
		return product == "security"
	case "AlertInfo", "AlertEvidence":
		return product == "zeek" || product == "suricata"
	default: // what hosts say of themselves
		return product != "zeek" && product != "suricata" && product != "raw"
	}
}

// copyConditions find records by their copies in a table.
func copyConditions(id subject, t *schema.Table, within string) []string {
	conds := columnConditions(id, t)
	if id.Kind == entity.Device || len(conds) == 0 {
		return nil // every copy of a record has the device of its primary row
	}
	return []string{fmt.Sprintf("_RawId in ((%s | where %s | where %s | project _RawId))", t.Name, within, strings.Join(conds, " or "))}
}

// covered reports whether columns of a table hold the entity in every record that names
// it in these roles.
func covered(id subject, t *schema.Table, kind string, roles entity.Roles) bool {
	if id.among != nil {
		return true
	}
	switch id.Kind {
	case entity.IP:
		return roles&(entity.RoleLocal|entity.RoleRemote) != 0 && len(columnConditions(id, t)) > 0
	case entity.Device:
		return roles.Has(entity.RoleLocal) && len(columnConditions(id, t)) > 0
	case entity.URL:
		return false
	default:
		// Sensors name accounts, names and hashes in fields without a column, and copies
		// of security events accounts that the primary row does not.
		sensor, _, _ := strings.Cut(kind, ".")
		return !slices.Contains([]string{"zeek", "suricata", "security"}, sensor) && kind != "sysmon.22"
	}
}

// columnConditions compare the columns that hold entities of the kind.
func columnConditions(id subject, t *schema.Table) []string {
	var conds []string
	for i := range t.Columns {
		c := &t.Columns[i]
		switch {
		case id.ofAddresses() && c.Holds == schema.HoldsAddress && c.Type == schema.String:
			conds = append(conds, id.is(c.Name))
		case id.Kind == entity.IP && c.Holds == schema.HoldsAddress:
			conds = append(conds, addressIn("tostring("+c.Name+")", id.Value))
		case id.Kind == entity.Device && c.Holds == schema.HoldsDevice:
			conds = append(conds, c.Name+" =~ "+syntax.Quote(id.Value))
		case id.Kind == entity.Hash && c.Holds == schema.HoldsHash:
			conds = append(conds, c.Name+" =~ "+syntax.Quote(id.Value))
		case id.Kind == entity.Account && c.Holds == schema.HoldsAccount:
			conds = append(conds, accountIn(c.Name, c.Domain, id.Value))
		case id.Kind == entity.Domain && c.Holds == schema.HoldsURL:
			conds = append(conds, containing(c.Name, id.Value, `(?i)^\s*([a-z][a-z0-9+.-]*://([^/?#]*@)?)?`+regexp.QuoteMeta(id.Value)+`\.?\s*([:/?#]|$)`))
		case id.Kind == entity.URL && c.Holds == schema.HoldsURL:
			conds = append(conds, urlIn(c.Name, id.Value))
		}
	}
	return conds
}

// textConditions look for the entity in text that is no column for it.
func textConditions(id subject, t *schema.Table) []string {
	var conds []string
	for i := range t.Columns {
		c := &t.Columns[i]
		text := c.Name
		if c.Type == schema.Dynamic {
			text = "tostring(" + c.Name + ")"
		}
		switch {
		case id.Kind == entity.IP && c.MayMention():
			conds = append(conds, addressIn(text, id.Value))
		case id.Kind == entity.IP && c.Holds == schema.HoldsURL: // the host of a URL
			conds = append(conds, containing(text, id.Value, `(?i)^\s*[a-z][a-z0-9+.-]*://([^/?#]*@)?\[?`+regexp.QuoteMeta(id.Value)+`\]?([:/?#]|$)`))
		case c.Name != "AdditionalFields" && c.Name != "Fields":
		case id.Kind == entity.Hash:
			conds = append(conds, text+" has "+syntax.Quote(id.Value), text+" contains "+syntax.Quote(colons(id.Value)))
		case id.Kind == entity.Device:
			conds = append(conds, text+" has "+syntax.Quote(id.Value))
		case id.Kind == entity.Domain:
			name := regexp.QuoteMeta(id.Value)
			// a whole field or element of a list, the name in a certificate's subject, or an
			// answer as Sysmon prints it
			conds = append(conds, containing(text, id.Value, `(?i)(["=;]|type: *\d+ )\s*`+name+`\.?\s*["',;+\\]`))
		case id.Kind == entity.Account:
			conds = append(conds, accountFields(c.Name, id.Value)...)
		}
	}
	return conds
}

// addressIn looks for an address standing by itself in a text, or backwards as a name of
// the reverse zones.
func addressIn(text, address string) string {
	a, err := netip.ParseAddr(address)
	if err != nil {
		return "false"
	}
	if !strings.HasPrefix(text, "tostring(") && text != "Message" {
		return literalIn(text, address) // queries of the reverse zones stand in no column
	}
	reverse := entity.ReverseName(a)
	return literalIn(text, address) + " or " + containing(text, reverse, `(?i)(^|[^0-9a-f.:])`+regexp.QuoteMeta(reverse))
}

// literalIn looks for an address standing by itself in a text. The function that knows
// what stands by itself is slow, so that it is asked only where the text is.
func literalIn(text, address string) string {
	if strings.Contains(address, ":") {
		return containing(text, address, `(?i)(^|[^0-9a-z_.:])`+regexp.QuoteMeta(address)+`($|[^0-9a-z_:])`)
	}
	return fmt.Sprintf("%[1]s contains %[2]s and has_ipv4(%[1]s, %[2]s)", text, syntax.Quote(address))
}

// containing looks for a pattern that holds a literal.
func containing(text, literal, pattern string) string {
	return fmt.Sprintf("%s contains %s and %s matches regex %s", text, syntax.Quote(literal), text, syntax.Quote(pattern))
}

// accountIn compares a column with an account, as entity.CanonicalAccount puts it
// together with that of its domain.
func accountIn(column, domainColumn, account string) string {
	domain, name, ok := strings.Cut(account, `\`)
	whole := column + " =~ " + syntax.Quote(account)
	switch {
	case domainColumn == "":
		return whole
	case ok:
		return fmt.Sprintf("%s or %s =~ %s and %s =~ %s", whole, column, syntax.Quote(name), domainColumn, syntax.Quote(domain))
	case strings.Contains(account, "@"):
		return whole
	default:
		return fmt.Sprintf(`%s and %s in ("", "-")`, whole, domainColumn)
	}
}

// accountFields are the fields in which sensors print accounts.
func accountFields(column, account string) []string {
	field := func(name, value string) string {
		return fmt.Sprintf("tostring(%s.%s) =~ %s", column, name, syntax.Quote(value))
	}
	domain, name, ok := strings.Cut(account, `\`)
	if !ok {
		return []string{field("user", account), field("username", account), field("client", account)}
	}
	return []string{field("username", name) + " and " + field("domainname", domain), field("client", name+"/"+domain)}
}

// urlIn compares a URL: scheme and host in any case, the rest as it is.
func urlIn(column, url string) string {
	if decoded, err := neturl.PathUnescape(url); err == nil && decoded != url {
		return fmt.Sprintf("url_decode(%s) =~ %s", column, syntax.Quote(decoded)) // logs escape more or less
	}
	scheme, rest, _ := strings.Cut(url, "://")
	end := strings.IndexAny(rest, "/?#")
	if end < 0 {
		end = len(rest)
	}
	return containing(column, url, `^\s*(?i:`+regexp.QuoteMeta(scheme+"://"+rest[:end])+`)`+regexp.QuoteMeta(rest[end:])+`\s*$`)
}

// colons writes the digits of a fingerprint in pairs.
func colons(hash string) string {
	var b strings.Builder
	for i := range len(hash) {
		if i > 0 && i%2 == 0 {
			b.WriteByte(':')
		}
		b.WriteByte(hash[i])
	}
	return b.String()
}

func quoteAll(texts []string) string {
	quoted := make([]string, len(texts))
	for i, s := range texts {
		quoted[i] = syntax.Quote(s)
	}
	return strings.Join(quoted, ", ")
}
