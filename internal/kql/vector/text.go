package vector

import (
	"encoding/base64"
	"encoding/csv"
	"encoding/hex"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"spoor/internal/kql/value"
	"spoor/internal/schema"
)

// textTo is a function of texts to a text.
func textTo(name string, n int, f func(a []any) string) *Function {
	params := slices.Repeat([]schema.Type{tStr}, n)
	return &Function{Name: name, Params: params, Result: tStr, Eval: func(a []any) any { return f(a) }}
}

// textToDynamic is a function of a text to a dynamic value.
func textToDynamic(name string, f func(s string) any) *Function {
	return &Function{Name: name, Params: []schema.Type{tStr}, Result: tDyn, Eval: func(a []any) any { return encode(f(text(a, 0))) }}
}

var textFunctions = []*Function{
	{Name: "indexof", Params: []schema.Type{tStr, tStr, tLong}, Variadic: true, Result: tLong, Eval: indexOf},
	{Name: "indexof_regex", Params: []schema.Type{tStr, tStr, tLong}, Variadic: true, Result: tLong, Eval: indexOfRegex},
	{Name: "countof", Params: []schema.Type{tStr, tStr}, Variadic: true, Result: tLong, Eval: func(a []any) any {
		if text(a, 2) == "regex" {
			if re := pattern(text(a, 1)); re != nil {
				return int64(len(re.FindAllStringIndex(text(a, 0), -1)))
			}
			return nil
		}
		return countOverlapping(text(a, 0), text(a, 1))
	}},
	textTo("trim_start", 2, func(a []any) string { return trimRegex(text(a, 0), text(a, 1), true, false) }),
	textTo("trim_end", 2, func(a []any) string { return trimRegex(text(a, 0), text(a, 1), false, true) }),
	textTo("trim", 2, func(a []any) string { return trimRegex(text(a, 0), text(a, 1), true, true) }),
	textTo("replace_regex", 3, func(a []any) string {
		re := pattern(text(a, 1))
		if re == nil {
			return text(a, 0)
		}
		return re.ReplaceAllString(text(a, 0), groupReferences(text(a, 2)))
	}),
	{Name: "replace_strings", Params: []schema.Type{tStr, tDyn, tDyn}, Result: tStr, Eval: func(a []any) any {
		from, _ := array(a, 1)
		to, _ := array(a, 2)
		return replaceStrings(text(a, 0), from, to)
	}},
	{Name: "extract_all", Params: []schema.Type{tStr, tStr}, Result: tDyn, Eval: func(a []any) any { return extractAll(text(a, 0), nil, text(a, 1)) }},
	{Name: "extract_all_groups", Params: []schema.Type{tStr, tDyn, tStr}, Result: tDyn, Eval: func(a []any) any {
		groups, _ := array(a, 1)
		return extractAll(text(a, 0), groups, text(a, 2))
	}},
	{Name: "extract_json", Params: []schema.Type{tStr, tStr}, Result: tStr, Eval: func(a []any) any {
		v, ok := lookupPath(decode(a, 1), text(a, 0))
		if !ok {
			return ""
		}
		return plain(v)
	}},
	{Name: "strcmp", Params: []schema.Type{tStr, tStr}, Result: tLong, Eval: func(a []any) any { return int64(strings.Compare(text(a, 0), text(a, 1))) }},
	{Name: "strrep", Params: []schema.Type{tStr, tLong, tStr}, Variadic: true, Result: tStr, Eval: func(a []any) any {
		n, _ := number(a, 1)
		if n < 0 || n > 1024 {
			return ""
		}
		if n*int64(len(text(a, 0))+len(text(a, 2))) > maxText {
			return tooLarge{"strrep"}
		}
		return strings.Join(slices.Repeat([]string{text(a, 0)}, int(n)), text(a, 2))
	}},
	textTo("translate", 3, translate),
	textTo("regex_quote", 1, func(a []any) string { return regexp.QuoteMeta(text(a, 0)) }),
	textTo("url_encode", 1, func(a []any) string { return lowerEscapes(url.QueryEscape(text(a, 0))) }),
	textTo("url_encode_component", 1, func(a []any) string { return lowerEscapes(strings.ReplaceAll(url.QueryEscape(text(a, 0)), "+", "%20")) }),
	textTo("url_decode", 1, func(a []any) string {
		s, err := url.PathUnescape(strings.ReplaceAll(text(a, 0), "+", " "))
		if err != nil {
			return text(a, 0)
		}
		return s
	}),
	textTo("base64_encode_tostring", 1, func(a []any) string { return base64.StdEncoding.EncodeToString([]byte(text(a, 0))) }),
	textTo("base64_decode_tostring", 1, func(a []any) string {
		b, err := decodeBase64(text(a, 0))
		if err != nil || !utf8.Valid(b) {
			return ""
		}
		return string(b)
	}),
	{Name: "base64_decode_toarray", Params: []schema.Type{tStr}, Result: tDyn, Eval: func(a []any) any {
		b, err := decodeBase64(text(a, 0))
		if err != nil {
			return nil
		}
		out := make([]any, len(b))
		for i, c := range b {
			out[i] = int64(c)
		}
		return encode(out)
	}},
	{Name: "base64_encode_fromarray", Params: []schema.Type{tDyn}, Result: tStr, Eval: func(a []any) any {
		list, _ := array(a, 0)
		b := make([]byte, len(list))
		for i, v := range list {
			f, ok := real64(v)
			if !ok || f < 0 || f > 255 {
				return ""
			}
			b[i] = byte(f)
		}
		return base64.StdEncoding.EncodeToString(b)
	}},
	{Name: "base64_decode_toguid", Params: []schema.Type{tStr}, Result: schema.GUID, Eval: func(a []any) any {
		b, err := decodeBase64(text(a, 0))
		if err != nil || len(b) != 16 {
			return nil
		}
		g, _ := value.ParseGUID(hex.EncodeToString([]byte{b[3], b[2], b[1], b[0], b[5], b[4], b[7], b[6]}) + hex.EncodeToString(b[8:]))
		return g
	}},
	{Name: "base64_encode_fromguid", Params: []schema.Type{tStr}, Result: tStr, Eval: func(a []any) any {
		g, ok := value.ParseGUID(text(a, 0))
		if !ok {
			return ""
		}
		b, _ := hex.DecodeString(strings.ReplaceAll(g, "-", ""))
		return base64.StdEncoding.EncodeToString(append([]byte{b[3], b[2], b[1], b[0], b[5], b[4], b[7], b[6]}, b[8:]...))
	}},
	{Name: "unicode_codepoints_from_string", Params: []schema.Type{tStr}, Result: tDyn, Eval: func(a []any) any {
		out := []any{}
		for _, r := range text(a, 0) {
			out = append(out, int64(r))
		}
		return encode(out)
	}},
	{Name: "unicode_codepoints_to_string", Params: []schema.Type{tDyn}, Variadic: true, Result: tStr, Eval: func(a []any) any {
		var b strings.Builder
		var add func(v any)
		add = func(v any) {
			if list, ok := v.([]any); ok {
				for _, e := range list {
					add(e)
				}
			} else if f, ok := real64(v); ok {
				b.WriteRune(rune(f))
			}
		}
		for i := range a {
			add(decode(a, i))
		}
		return b.String()
	}},
	{Name: "tohex", Params: []schema.Type{tLong}, Variadic: true, Result: tStr, Eval: func(a []any) any {
		n, ok := number(a, 0)
		if !ok {
			return ""
		}
		width, _ := number(a, 1)
		return fmt.Sprintf("%0*x", max(0, min(width, 64)), uint64(n))
	}},
	{Name: "format_bytes", Params: []schema.Type{tReal, tDyn}, Variadic: true, Result: tStr, Eval: formatBytes},
	textToDynamic("parse_url", parseURL),
	textToDynamic("parse_urlquery", func(s string) any {
		b := newBag()
		b.set("Query Parameters", queryBag(strings.TrimPrefix(s, "?")))
		return b
	}),
	textToDynamic("parse_path", parsePath),
	textToDynamic("parse_csv", parseCSV),
	textToDynamic("parse_xml", parseXML),
	{Name: "parse_command_line", Params: []schema.Type{tStr, tStr}, Result: tDyn, Eval: func(a []any) any {
		if s := text(a, 0); s != "" {
			return encode(commandLine(s))
		}
		return nil
	}},
	{Name: "parse_kv", Params: []schema.Type{tStr, tStr, tStr, tStr, tStr, tBool}, Result: tDyn, Eval: parseKV},
	{Name: "parse_kv_regex", Params: []schema.Type{tStr, tStr}, Result: tDyn, Eval: parseKVRegex},
	{Name: "has_any_index", Params: []schema.Type{tStr, tDyn}, Result: tLong, Eval: func(a []any) any {
		terms, _ := array(a, 1)
		for i, t := range terms {
			if hasTerm(text(a, 0), plain(t)) {
				return int64(i)
			}
		}
		return int64(-1)
	}},
	{Name: "range", Params: []schema.Type{tReal, tReal, tReal}, Result: tDyn, Eval: func(a []any) any {
		from, ok := a[0].(float64)
		to, ok2 := a[1].(float64)
		step, ok3 := a[2].(float64)
		if !ok || !ok2 || !ok3 || step == 0 {
			return nil
		}
		out := []any{}
		for x := from; (step > 0 && x <= to || step < 0 && x >= to) && len(out) < maxArray; x += step {
			out = append(out, x)
		}
		return encode(out)
	}},
	{Name: "range_whole", Params: []schema.Type{tLong, tLong, tLong, tStr}, Result: tDyn, Eval: rangeWhole},
	{Name: "binary_shift_left", Params: []schema.Type{tLong, tLong}, Result: tLong, Eval: func(a []any) any {
		n, ok := number(a, 0)
		by, ok2 := number(a, 1)
		if !ok || !ok2 || by < 0 {
			return nil
		}
		return n << (uint(by) % 64)
	}},
	{Name: "binary_shift_right", Params: []schema.Type{tLong, tLong}, Result: tLong, Eval: func(a []any) any {
		n, ok := number(a, 0)
		by, ok2 := number(a, 1)
		if !ok || !ok2 || by < 0 {
			return nil
		}
		return n >> (uint(by) % 64)
	}},
}

// indexOf finds the n-th occurrence of a text from a start on, within a length.
func indexOf(a []any) any {
	s, want := []rune(text(a, 0)), []rune(text(a, 1))
	if len(want) == 0 {
		return nil
	}
	start, length, nth, ok := searchBounds(a, len(s))
	if !ok {
		return nil
	}
	for i := start; i+len(want) <= len(s) && (length < 0 || i+len(want) <= start+length); i++ {
		if slices.Equal(s[i:i+len(want)], want) {
			if nth--; nth == 0 {
				return int64(i)
			}
		}
	}
	return int64(-1)
}

// searchBounds reads the optional start, length and occurrence behind two texts.
func searchBounds(a []any, n int) (start, length, nth int, ok bool) {
	from, _ := number(a, 2)
	if from < 0 {
		from = max(0, from+int64(n))
	}
	length, nth = -1, 1
	if v, given := number(a, 3); given && v >= 0 {
		length = int(min(v, int64(n)))
	}
	if v, given := number(a, 4); given {
		nth = int(min(v, int64(n)+1))
	}
	return int(min(from, int64(n))), length, nth, nth > 0
}

func indexOfRegex(a []any) any {
	s := text(a, 0)
	re := pattern(text(a, 1))
	if re == nil {
		return nil
	}
	start, length, nth, ok := searchBounds(a, len(s))
	if !ok {
		return nil
	}
	end := len(s)
	if length >= 0 {
		end = min(end, start+length)
	}
	for _, m := range re.FindAllStringIndex(s[start:end], -1) {
		if nth--; nth == 0 {
			return int64(utf8.RuneCountInString(s[:start+m[0]]))
		}
	}
	return int64(-1)
}

// replaceStrings replaces the texts one after another; what was put in, or found and
// left, is not looked at again. A text with no text to replace it stays.
func replaceStrings(s string, from, to []any) any {
	type piece struct {
		text string
		done bool
	}
	pieces, size := []piece{{s, false}}, len(s)
	for i, f := range from {
		want, ok := f.(string)
		if !ok || want == "" || i >= len(to) {
			continue
		}
		with, ok := to[i].(string)
		if !ok {
			with = want
		}
		var next []piece
		for _, p := range pieces {
			for !p.done {
				before, after, found := strings.Cut(p.text, want)
				if !found {
					break
				}
				if size += len(with) - len(want); size > maxText {
					return tooLarge{"replace_strings"}
				}
				next = append(next, piece{before, false}, piece{with, true})
				p.text = after
			}
			next = append(next, p)
		}
		pieces = next
	}
	var b strings.Builder
	for _, p := range pieces {
		b.WriteString(p.text)
	}
	return b.String()
}

func countOverlapping(s, want string) any {
	if want == "" {
		return int64(0)
	}
	n := int64(0)
	for {
		i := strings.Index(s, want)
		if i < 0 {
			return n
		}
		n++
		s = s[i+1:]
	}
}

func trimRegex(expr, s string, start, end bool) string {
	if start {
		if re := pattern("^(?:" + expr + ")"); re != nil {
			if m := re.FindStringIndex(s); m != nil {
				s = s[m[1]:]
			}
		}
	}
	if end {
		if re := pattern("(?:" + expr + ")$"); re != nil {
			if m := re.FindStringIndex(s); m != nil {
				s = s[:m[0]]
			}
		}
	}
	return s
}

var backReference = regexp.MustCompile(`\\(\d)`)

// groupReferences turns \1 into Go's ${1} and leaves $ a dollar sign.
func groupReferences(s string) string {
	s = strings.ReplaceAll(s, "$", "$$")
	return backReference.ReplaceAllString(s, `$${$1}`)
}

func extractAll(expr string, groups []any, s string) any {
	re := pattern(expr)
	if re == nil {
		return nil
	}
	matches := re.FindAllStringSubmatch(s, -1)
	if matches == nil {
		return nil
	}
	var want []int
	for _, g := range groups {
		if f, ok := real64(g); ok {
			want = append(want, int(f))
		} else if i := re.SubexpIndex(plain(g)); i >= 0 {
			want = append(want, i)
		}
	}
	if want == nil {
		for i := 1; i <= re.NumSubexp(); i++ {
			want = append(want, i)
		}
	}
	out := []any{}
	for _, m := range matches {
		row := []any{}
		for _, i := range want {
			if i >= 0 && i < len(m) {
				row = append(row, m[i])
			}
		}
		if len(row) == 1 {
			out = append(out, row[0])
		} else {
			out = append(out, row)
		}
	}
	return encode(out)
}

func translate(a []any) string {
	from, to := []rune(text(a, 0)), []rune(text(a, 1))
	if len(to) == 0 {
		to = []rune{-1}
	}
	return strings.Map(func(r rune) rune {
		if i := slices.Index(from, r); i >= 0 {
			return to[min(i, len(to)-1)]
		}
		return r
	}, text(a, 2))
}

var percentEscape = regexp.MustCompile(`%[0-9A-F]{2}`)

func lowerEscapes(s string) string { return percentEscape.ReplaceAllStringFunc(s, strings.ToLower) }

func decodeBase64(s string) ([]byte, error) {
	return base64.StdEncoding.DecodeString(s)
}

var byteUnits = []string{"Bytes", "KB", "MB", "GB", "TB", "PB", "EB"}

// formatBytes writes a size in the unit of argument 2, or the largest that gives at
// least 1, with at most as many decimals as argument 1 says.
func formatBytes(a []any) any {
	size, ok := a[0].(float64)
	if !ok {
		return ""
	}
	precision, _ := real64(decode(a, 1))
	unit, _ := decode(a, 2).(string)
	i := 0
	for i < len(byteUnits)-1 && (unit == "" && math.Abs(size) >= 1024 || unit != "" && byteUnits[i] != unit) {
		size, i = size/1024, i+1
	}
	if unit != "" && byteUnits[i] != unit {
		return ""
	}
	s := strconv.FormatFloat(size, 'f', int(max(0, min(precision, 15))), 64)
	if strings.Contains(s, ".") {
		s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	}
	return s + " " + byteUnits[i]
}

func queryBag(query string) *bag {
	b := newBag()
	for part := range strings.SplitSeq(query, "&") {
		k, v, _ := strings.Cut(part, "=")
		if k == "" {
			continue
		}
		if d, err := url.QueryUnescape(k); err == nil {
			k = d
		}
		if d, err := url.QueryUnescape(v); err == nil {
			v = d
		}
		b.set(k, v)
	}
	return b
}

func parseURL(s string) any {
	b := newBag()
	u, err := url.Parse(s)
	if err != nil {
		u = &url.URL{}
	}
	password, _ := u.User.Password()
	b.set("Scheme", u.Scheme)
	b.set("Host", u.Hostname())
	b.set("Port", u.Port())
	b.set("Path", u.EscapedPath())
	b.set("Username", u.User.Username())
	b.set("Password", password)
	b.set("Query Parameters", queryBag(u.RawQuery))
	b.set("Fragment", u.EscapedFragment())
	return b
}

func parsePath(s string) any {
	b := newBag()
	scheme, rest := "", s
	if before, after, ok := strings.Cut(s, "://"); ok {
		scheme, rest = before, after
	}
	stream := ""
	at := strings.LastIndexAny(rest, `/\`)
	directory, file := "", rest
	if at >= 0 {
		directory, file = rest[:at], rest[at+1:]
	}
	if f, alternate, ok := strings.Cut(file, ":"); ok && at >= 0 {
		file, stream = f, alternate
	}
	extension := ""
	if i := strings.LastIndexByte(file, '.'); i >= 0 {
		extension = file[i+1:]
	}
	root := ""
	switch {
	case len(rest) > 2 && rest[1] == ':' && (rest[2] == '\\' || rest[2] == '/'):
		root = rest[:2]
	case strings.HasPrefix(rest, `\\`):
		root = `\\`
	case strings.HasPrefix(rest, "/"):
		root = "/"
	}
	name := directory
	if i := strings.LastIndexAny(directory, `/\`); i >= 0 {
		name = directory[i+1:]
	}
	b.set("Scheme", scheme)
	b.set("RootPath", root)
	b.set("DirectoryPath", directory)
	b.set("DirectoryName", name)
	b.set("Filename", file)
	b.set("Extension", extension)
	b.set("AlternateDataStreamName", stream)
	return b
}

func parseCSV(s string) any {
	r := csv.NewReader(strings.NewReader(s))
	r.LazyQuotes, r.FieldsPerRecord = true, -1
	record, err := r.Read()
	if err != nil {
		return []any{""}
	}
	out := make([]any, len(record))
	for i, f := range record {
		out[i] = f
	}
	return out
}

// commandLine splits a Windows command line into arguments.
func commandLine(s string) []any {
	out := []any{}
	var arg strings.Builder
	inside, started := false, false
	slashes := 0
	flush := func() { arg.WriteString(strings.Repeat(`\`, slashes)); slashes = 0 }
	for _, r := range s {
		switch r {
		case '\\':
			slashes++
			started = true
			continue
		case '"':
			arg.WriteString(strings.Repeat(`\`, slashes/2))
			if slashes%2 == 1 {
				arg.WriteByte('"')
			} else {
				inside = !inside
			}
			slashes, started = 0, true
			continue
		}
		flush()
		if !inside && (r == ' ' || r == '\t') {
			if started {
				out = append(out, arg.String())
				arg.Reset()
				started = false
			}
			continue
		}
		started = true
		arg.WriteRune(r)
	}
	flush()
	if started {
		out = append(out, arg.String())
	}
	return out
}

// hasTerm finds a term among the runs of letters and digits, whatever the case.
func hasTerm(s, term string) bool {
	return findTerm(strings.ToLower(s), strings.ToLower(term), true, true)
}

// rangeWhole counts in whole numbers; the last argument tells how a value is written:
// long, datetime or timespan.
func rangeWhole(a []any) any {
	from, ok := number(a, 0)
	to, ok2 := number(a, 1)
	step, ok3 := number(a, 2)
	if !ok || !ok2 || !ok3 || step == 0 {
		return nil
	}
	out := []any{}
	for x := from; (step > 0 && x <= to || step < 0 && x >= to) && len(out) < maxArray; x += step {
		switch text(a, 3) {
		case "datetime":
			out = append(out, value.FormatDateTime(schema.Ticks(x)))
		case "timespan":
			out = append(out, value.FormatTimeSpan(schema.Ticks(x)))
		default:
			out = append(out, x)
		}
		if step > 0 && x > math.MaxInt64-step || step < 0 && x < math.MinInt64-step {
			break
		}
	}
	return encode(out)
}

// parseXML makes a bag of an XML document: an element is a property, an attribute one
// with @ before its name, text beside those #text.
func parseXML(s string) any {
	dec := xml.NewDecoder(strings.NewReader(s))
	dec.Strict = false
	for {
		tok, err := dec.Token()
		if err != nil {
			return nil
		}
		if start, ok := tok.(xml.StartElement); ok {
			v, err := element(dec, start, 0)
			if err != nil && !errors.Is(err, io.EOF) {
				return nil
			}
			b := newBag()
			b.set(start.Name.Local, v)
			return b
		}
	}
}

func element(dec *xml.Decoder, start xml.StartElement, depth int) (any, error) {
	if depth > maxJSONDepth {
		return nil, strconv.ErrRange
	}
	b := newBag()
	for _, a := range start.Attr {
		name := a.Name.Local
		if a.Name.Space != "" && a.Name.Space != "xmlns" {
			name = a.Name.Space + ":" + name
		}
		b.set("@"+name, a.Value)
	}
	var content strings.Builder
	for {
		tok, err := dec.Token()
		if err != nil {
			return nil, err
		}
		switch t := tok.(type) {
		case xml.StartElement:
			v, err := element(dec, t, depth+1)
			if err != nil {
				return nil, err
			}
			add(b, t.Name.Local, v)
		case xml.CharData:
			content.Write(t)
		case xml.EndElement:
			text := strings.TrimSpace(content.String())
			if len(b.keys) == 0 {
				if text == "" {
					return nil, nil
				}
				return text, nil
			}
			if text != "" {
				b.set("#text", text)
			}
			return b, nil
		}
	}
}

// add sets a property; a repeated one becomes a list.
func add(b *bag, name string, v any) {
	old, ok := b.values[name]
	if !ok {
		b.set(name, v)
		return
	}
	if list, ok := old.([]any); ok {
		b.values[name] = append(list, v)
		return
	}
	b.values[name] = []any{old, v}
}
