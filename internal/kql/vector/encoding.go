package vector

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"encoding/base64"
	"errors"
	"io"
	"math/big"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/ua-parser/uap-go/uaparser"
	"golang.org/x/net/idna"

	"spoor/internal/schema"
)

// encodingFunctions pack, unpack and take apart what is written in some format of its
// own.
var encodingFunctions = []*Function{
	textTo("gzip_compress_to_base64_string", 1, func(a []any) string {
		return compress(text(a, 0), func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) })
	}),
	textTo("zlib_compress_to_base64_string", 1, func(a []any) string {
		return compress(text(a, 0), func(w io.Writer) io.WriteCloser { return zlib.NewWriter(w) })
	}),
	decompressor("gzip_decompress_from_base64_string", func(r io.Reader) (io.Reader, error) { return gzip.NewReader(r) }),
	decompressor("zlib_decompress_from_base64_string", func(r io.Reader) (io.Reader, error) { return zlib.NewReader(r) }),
	textTo("punycode_from_string", 1, func(a []any) string { return punycodeLabel(text(a, 0)) }),
	textTo("punycode_to_string", 1, func(a []any) string {
		s, err := idna.Punycode.ToUnicode(acePrefix + text(a, 0))
		if err != nil {
			return ""
		}
		return s
	}),
	textTo("punycode_domain_from_string", 1, func(a []any) string { return domainToUnicode(text(a, 0)) }),
	textTo("punycode_domain_to_string", 1, func(a []any) string { return domainToASCII(text(a, 0)) }),
	{Name: "parse_user_agent", Params: []schema.Type{tStr, tDyn}, Variadic: true, Result: tDyn, Eval: parseUserAgent},
	{Name: "parse_version", Params: []schema.Type{tStr}, Result: schema.Decimal, Eval: parseVersion},
	{Name: "isutf8", Params: []schema.Type{tStr}, Result: tBool, Eval: func(a []any) any { return utf8.ValidString(text(a, 0)) }},
}

func compress(s string, open func(io.Writer) io.WriteCloser) string {
	var b bytes.Buffer
	w := open(&b)
	if _, err := io.WriteString(w, s); err != nil {
		return ""
	}
	if w.Close() != nil {
		return ""
	}
	return base64.StdEncoding.EncodeToString(b.Bytes())
}

// decompressor unpacks; what is not base64 of such data gives an empty text, what
// unpacks to more than maxText ends the query.
func decompressor(name string, open func(io.Reader) (io.Reader, error)) *Function {
	return &Function{Name: name, Params: []schema.Type{tStr}, Result: tStr, Eval: func(a []any) any {
		packed, err := decodeBase64(text(a, 0))
		if err != nil {
			return ""
		}
		r, err := open(bytes.NewReader(packed))
		if err != nil {
			return ""
		}
		b, err := io.ReadAll(io.LimitReader(r, maxText+1))
		switch {
		case len(b) > maxText:
			return tooLarge{name}
		case err != nil && !errors.Is(err, io.EOF), !utf8.Valid(b):
			return ""
		}
		return string(b)
	}}
}

// acePrefix begins the labels of a domain that are written in Punycode (RFC 5890).
const acePrefix = "xn--"

// punycodeLabel is RFC 3492's encoding of one label, without a prefix.
func punycodeLabel(s string) string {
	if !utf8.ValidString(s) {
		return ""
	}
	// The package adds the prefix to labels that need it and to none else.
	if isASCII(s) {
		return s + "-"
	}
	out, err := idna.Punycode.ToASCII(s)
	if err != nil {
		return ""
	}
	return strings.TrimPrefix(out, acePrefix)
}

func isASCII(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r >= utf8.RuneSelf }) < 0
}

// dots are the characters that part the labels of a domain (RFC 3490 §3.1).
var dots = strings.NewReplacer("。", ".", "．", ".", "｡", ".")

func domainToASCII(s string) string {
	labels := strings.Split(dots.Replace(s), ".")
	for i, l := range labels {
		if isASCII(l) {
			continue
		}
		out, err := idna.Punycode.ToASCII(l)
		if err != nil {
			return ""
		}
		labels[i] = out
	}
	return strings.Join(labels, ".")
}

func domainToUnicode(s string) string {
	labels := strings.Split(dots.Replace(s), ".")
	for i, l := range labels {
		if len(l) < len(acePrefix) || !strings.EqualFold(l[:len(acePrefix)], acePrefix) {
			continue
		}
		out, err := idna.Punycode.ToUnicode(acePrefix + l[len(acePrefix):])
		if err != nil {
			return ""
		}
		labels[i] = out
	}
	return strings.Join(labels, ".")
}

// agents reads user agents by the patterns of the uap-core project, those that Kusto
// uses too.
var agents = sync.OnceValue(uaparser.NewFromSaved)

// parseUserAgent gives what argument 1 asks for, of "browser", "os" and "device".
func parseUserAgent(a []any) any {
	s := text(a, 0)
	if s == "" {
		return nil
	}
	wanted := texts(a[1:])
	if len(wanted) == 0 {
		wanted = []string{"browser", "os", "device"}
	}
	out := newBag()
	for _, w := range wanted {
		switch strings.ToLower(w) {
		case "browser":
			ua := agents().ParseUserAgent(s)
			out.set("Browser", bagOf("Family", ua.Family, "MajorVersion", ua.Major, "MinorVersion", ua.Minor, "Patch", ua.Patch))
		case "os":
			o := agents().ParseOs(s)
			out.set("OperatingSystem", bagOf("Family", o.Family, "MajorVersion", o.Major, "MinorVersion", o.Minor, "Patch", o.Patch, "PatchMinor", o.PatchMinor))
		case "device":
			d := agents().ParseDevice(s)
			out.set("Device", bagOf("Family", d.Family, "Brand", d.Brand, "Model", d.Model))
		}
	}
	return encode(out)
}

// bagOf is an object of texts.
func bagOf(pairs ...string) *bag {
	b := newBag()
	for i := 0; i+1 < len(pairs); i += 2 {
		b.set(pairs[i], pairs[i+1])
	}
	return b
}

// parseVersion makes a number of up to four parts, eight digits a part, by which
// versions can be compared.
func parseVersion(a []any) any {
	parts := strings.Split(strings.TrimSpace(text(a, 0)), ".")
	if len(parts) > 4 {
		return nil
	}
	total, shift := new(big.Int), big.NewInt(100_000_000)
	for i := range 4 {
		n := uint64(0)
		if i < len(parts) {
			var err error
			if n, err = strconv.ParseUint(parts[i], 10, 64); err != nil || n > 99_999_999 {
				return nil
			}
		}
		total.Add(total.Mul(total, shift), new(big.Int).SetUint64(n))
	}
	return total.String()
}
