package timeline

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"spoor/internal/schema"
)

// phrase fills a pattern with the fields of a row: {a|b} is the first of the fields that
// says something, and what stands in [ ] is left out when one in it says nothing.
func (f fields) phrase(pattern string) string {
	return strings.TrimSpace(f.filled(pattern))
}

func (f fields) filled(pattern string) string {
	var b strings.Builder
	for pattern != "" {
		at := strings.IndexAny(pattern, "[{")
		if at < 0 {
			b.WriteString(pattern)
			break
		}
		b.WriteString(pattern[:at])
		if pattern[at] == '{' {
			names, rest, _ := strings.Cut(pattern[at+1:], "}")
			b.WriteString(f.said(names))
			pattern = rest
			continue
		}
		part, rest, _ := strings.Cut(pattern[at+1:], "]")
		if !slices.ContainsFunc(placeholders(part), func(names string) bool { return f.said(names) == "" }) {
			b.WriteString(f.filled(part))
		}
		pattern = rest
	}
	return b.String()
}

// placeholders lists what stands in braces in a pattern.
func placeholders(pattern string) []string {
	var names []string
	for {
		_, rest, ok := strings.Cut(pattern, "{")
		if !ok {
			return names
		}
		var name string
		name, pattern, _ = strings.Cut(rest, "}")
		names = append(names, name)
	}
}

// said is the first of some fields, with "|" between, that says something, in one line
// and not too long for it.
func (f fields) said(names string) string {
	const most = 300
	for name := range strings.SplitSeq(names, "|") {
		var s string
		switch v := f[name].(type) {
		case nil:
		case string:
			s = v
		case json.RawMessage:
			s = flatText(v)
		default:
			s = fieldText(v, schema.String)
		}
		cut := false
		if len(s) > most {
			s, cut = strings.ToValidUTF8(s[:most], ""), true
		}
		s = strings.Join(strings.Fields(s), " ")
		switch s {
		case "", "-", "[]", "NOERROR", "(empty)":
			continue
		}
		if cut {
			s += "…"
		}
		return s
	}
	return ""
}

// flatText is a list of scalars with commas between, or another dynamic value as it is.
func flatText(raw json.RawMessage) string {
	var list []any
	if json.Unmarshal(raw, &list) != nil {
		return string(raw)
	}
	texts := make([]string, len(list))
	for i, v := range list {
		switch v := v.(type) {
		case string:
			texts[i] = v
		case float64:
			texts[i] = strconv.FormatFloat(v, 'f', -1, 64)
		default:
			return string(raw)
		}
	}
	return strings.Join(texts, ", ")
}

// bagText is how many characters of a column of many fields are read for the line of an
// item: enough for what sensors write, and a bound for what an attacker does.
const bagText = 4000

// bags are the columns of many fields that items are described by.
var bags = []string{"AdditionalFields", "Fields", "EventData"}

// unpack adds the fields of a JSON object that may be cut short, those of objects in it
// as "outer.inner". It replaces none that are there, and gives the names it added in
// their order.
func (f fields) unpack(object string) []string {
	dec := json.NewDecoder(strings.NewReader(object))
	dec.UseNumber()
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return nil
	}
	u := unpacking{fields: f, dec: dec, text: object}
	u.object("")
	return u.added
}

type unpacking struct {
	fields
	dec   *json.Decoder
	text  string
	added []string
}

func (u *unpacking) add(name string, value any) {
	if _, ok := u.fields[name]; !ok {
		u.fields[name] = value
		u.added = append(u.added, name)
	}
}

// object reads what follows an opening brace, and reports whether it came to its end.
func (u *unpacking) object(prefix string) bool {
	for u.dec.More() {
		key, err := u.dec.Token()
		name, ok := key.(string)
		if err != nil || !ok {
			return false
		}
		name = prefix + name
		start := u.dec.InputOffset()
		value, err := u.dec.Token()
		if err != nil {
			if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
				u.rest(name, u.text[min(int(start), len(u.text)):])
			}
			return false
		}
		switch v := value.(type) {
		case json.Delim:
			if v == '{' {
				if !u.object(name + ".") {
					return false
				}
				continue
			}
			list, ok := u.list()
			u.add(name, list)
			if !ok {
				return false
			}
		case nil:
		case string:
			u.add(name, v)
		case json.Number:
			u.add(name, v.String())
		case bool:
			u.add(name, strconv.FormatBool(v))
		}
	}
	_, err := u.dec.Token()
	return err == nil
}

// list reads the scalars of a list after its opening bracket.
func (u *unpacking) list() (string, bool) {
	var texts []string
	for depth := 1; depth > 0; {
		t, err := u.dec.Token()
		if err != nil {
			return strings.Join(texts, ", "), false
		}
		switch v := t.(type) {
		case json.Delim:
			if v == '[' || v == '{' {
				depth++
			} else {
				depth--
			}
		case string:
			texts = append(texts, v)
		case json.Number:
			texts = append(texts, v.String())
		}
	}
	return strings.Join(texts, ", "), true
}

// rest takes the beginning of a text that was cut off.
func (u *unpacking) rest(name, text string) {
	_, text, ok := strings.Cut(text, `"`)
	if !ok {
		return
	}
	for range utf8.UTFMax * 3 { // an escape may have been cut, too
		var s string
		if json.Unmarshal(slices.Concat([]byte{'"'}, []byte(text), []byte{'"'}), &s) == nil {
			u.add(name, s)
			return
		}
		if text == "" {
			return
		}
		text = text[:len(text)-1]
	}
}

// unpackXML adds the fields of Windows' <Data Name="…">…</Data>.
func (f fields) unpackXML(text string) (added []string) {
	for {
		_, rest, ok := strings.Cut(text, `<Data Name="`)
		if !ok {
			return added
		}
		name, rest, _ := strings.Cut(rest, `">`)
		value, rest, _ := strings.Cut(rest, `</Data>`)
		if _, ok := f[name]; !ok {
			f[name] = unescapeXML.Replace(value)
			added = append(added, name)
		}
		text = rest
	}
}

var unescapeXML = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&quot;", `"`, "&apos;", "'", "&#xD;", " ", "&#xA;", " ", "&amp;", "&")

// pairs lists fields as "name value", as many as make a line.
func (f fields) pairs(names []string) string {
	var parts []string
	length := 0
	for _, name := range names {
		if s := f.said(name); s != "" && length < 200 {
			parts = append(parts, name+" "+s)
			length += len(name) + len(s)
		}
	}
	return strings.Join(parts, ", ")
}

// words takes a word of Microsoft's apart: "FileCreated" is "file created". A text that
// is no such word stays as it is.
func words(action string) string {
	if strings.ContainsAny(action, " .:_-") {
		return action
	}
	var list []string
	for i := 0; i < len(action); {
		end := i + 1
		upper := func(at int) bool { return at < len(action) && action[at] >= 'A' && action[at] <= 'Z' }
		for end < len(action) && (!upper(end) || upper(end-1) && (upper(end+1) || end+1 == len(action))) {
			end++
		}
		word := action[i:end]
		if short, ok := acronyms[strings.ToLower(word)]; ok {
			word = short
		} else {
			word = string(bytes.ToLower([]byte(word)))
		}
		list = append(list, word)
		i = end
	}
	return strings.Join(list, " ")
}

// acronyms are the words that are not written in lower case.
var acronyms = map[string]string{
	"api": "API", "asr": "ASR", "dns": "DNS", "ftp": "FTP", "http": "HTTP", "icmp": "ICMP", "ldap": "LDAP", "ntlm": "NTLM",
	"smtp": "SMTP", "ssh": "SSH", "ssl": "TLS", "tcp": "TCP", "tls": "TLS", "udp": "UDP", "usb": "USB", "wmi": "WMI", "kerberos": "Kerberos",
}
