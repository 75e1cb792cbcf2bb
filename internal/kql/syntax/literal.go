package syntax

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"spoor/internal/kql/value"
	"spoor/internal/schema"
)

func (p *parser) literal() Expr {
	t := p.next()
	lit := &Literal{at: at{t.span}, Text: t.text}
	var ok bool
	switch t.kind {
	case tokenString:
		var s strings.Builder
		s.WriteString(unquote(t.text))
		for p.peek().kind == tokenString { // adjacent strings are one
			more := p.next()
			s.WriteString(unquote(more.text))
			lit.Text += " " + more.text
		}
		lit.Type, lit.Value, ok = schema.String, s.String(), true
		lit.at = p.since(t.span)
	case tokenLong:
		lit.Type = schema.Long
		lit.Value, ok = value.ParseLong(t.text)
		if t.text == "9223372036854775808" && p.at > 1 && p.tokens[p.at-2].text == "-" {
			lit.Value, ok = int64(math.MinInt64), true // the sign, applied to it, leaves it as it is
		}
	case tokenReal:
		lit.Type = schema.Real
		lit.Value, ok = value.ParseReal(t.text)
	case tokenSpan:
		lit.Type = schema.TimeSpan
		lit.Value, ok = value.ParseTimeSpan(t.text)
	case tokenGoo:
		lit.Type, lit.Value, ok = goo(t.text)
	default: // the others need nothing here
	}
	if !ok {
		p.fail(t.span, "SYN0004", fmt.Sprintf("%s is not a valid %s", t.text, lit.Type))
	}
	return lit
}

// goo reads the literal form type(text).
func goo(text string) (schema.Type, any, bool) {
	word, raw, _ := strings.Cut(strings.TrimSuffix(text, ")"), "(")
	typ, _ := schema.ParseType(word)
	raw = strings.TrimSpace(raw)
	if len(raw) > 1 && isQuote(raw[0]) && raw[len(raw)-1] == raw[0] {
		raw = raw[1 : len(raw)-1]
	}
	if raw == "null" || raw == "" {
		return typ, nil, true
	}
	switch typ {
	case schema.Bool:
		v, ok := value.ParseBool(raw)
		return typ, v, ok
	case schema.Int:
		v, ok := value.ParseLong(raw)
		return typ, v, ok && v >= math.MinInt32 && v <= math.MaxUint32
	case schema.Long:
		v, ok := value.ParseLong(raw)
		return typ, v, ok
	case schema.Real:
		v, ok := value.ParseReal(raw)
		return typ, v, ok
	case schema.Decimal:
		v, ok := value.ParseDecimal(raw)
		return typ, v, ok
	case schema.DateTime:
		if v, ok := value.ParseDateTime(raw); ok {
			return typ, v, true
		}
		return typ, nil, true // Kusto reads what is no date as null
	case schema.TimeSpan:
		v, ok := value.ParseTimeSpan(raw)
		return typ, v, ok
	case schema.GUID:
		v, ok := value.ParseGUID(raw)
		return typ, v, ok
	default:
		return typ, nil, false
	}
}

// unquote gives the value of a string token in any of its forms.
func unquote(text string) string {
	text = strings.TrimLeft(text, "hH")
	if body, ok := strings.CutPrefix(text, "@"); ok {
		quote := body[:1]
		return strings.ReplaceAll(body[1:len(body)-1], quote+quote, quote)
	}
	if strings.HasPrefix(text, "```") || strings.HasPrefix(text, "~~~") {
		body := strings.TrimSuffix(text[3:], text[:3])
		return strings.TrimPrefix(strings.TrimPrefix(body, "\r"), "\n")
	}
	return unescape(text[1 : len(text)-1])
}

var escapes = map[byte]byte{
	'n': '\n', 't': '\t', 'r': '\r', 'b': '\b', 'f': '\f', 'a': '\a', 'v': '\v', '0': 0, '\\': '\\', '"': '"', '\'': '\'', '/': '/',
}

func unescape(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			b.WriteByte(s[i])
			continue
		}
		i++
		if width, ok := map[byte]int{'x': 2, 'u': 4, 'U': 8}[s[i]]; ok && i+width < len(s) {
			if n, err := strconv.ParseUint(s[i+1:i+1+width], 16, 32); err == nil {
				b.Write(utf8.AppendRune(nil, rune(n)))
				i += width
				continue
			}
		}
		if c, ok := escapes[s[i]]; ok {
			b.WriteByte(c)
			continue
		}
		b.WriteByte('\\')
		b.WriteByte(s[i])
	}
	return b.String()
}

// dynamicLiteral reads dynamic(…), whose content is JSON in which KQL's own literals may
// stand.
func (p *parser) dynamicLiteral() Expr {
	start := p.next().span
	open := p.expect("(")
	var b strings.Builder
	if !p.is(")") {
		p.json(&b)
	}
	p.expect(")")
	lit := &Literal{at: p.since(start), Type: schema.Dynamic}
	lit.Text = p.text[open.span.Start-p.base : lit.span.End-p.base]
	lit.Text = "dynamic" + lit.Text
	if s := b.String(); s != "null" && s != "" {
		lit.Value = s
	}
	return lit
}

// json reads one JSON value and writes it in canonical form.
func (p *parser) json(b *strings.Builder) {
	defer p.deeper()()
	t := p.peek()
	switch {
	case p.accept("["):
		b.WriteByte('[')
		for n := 0; !p.is("]"); n++ {
			if n > 0 {
				b.WriteByte(',')
			}
			p.json(b)
			if !p.accept(",") {
				break
			}
		}
		p.expect("]")
		b.WriteByte(']')
	case p.accept("{"):
		p.object(b)
	case t.kind == tokenString:
		b.WriteString(value.JSONString(p.literal().(*Literal).Value.(string)))
	case p.accept("-"):
		b.WriteByte('-')
		b.WriteString(p.next().text)
	case t.kind == tokenLong || t.kind == tokenReal:
		lit := p.literal().(*Literal)
		b.WriteString(jsonOf(lit))
	case t.kind == tokenGoo || t.kind == tokenSpan:
		b.WriteString(jsonOf(p.literal().(*Literal)))
	case t.kind == tokenName && t.text == "dynamic":
		p.next()
		p.expect("(")
		p.json(b)
		p.expect(")")
	case t.kind == tokenName && (t.text == "true" || t.text == "false" || t.text == "null"):
		p.next()
		b.WriteString(t.text)
	default:
		p.fail(t.span, "SYN0002", "expected a JSON value, found "+describe(t))
	}
}

func (p *parser) object(b *strings.Builder) {
	b.WriteByte('{')
	for n := 0; !p.is("}"); n++ {
		if n > 0 {
			b.WriteByte(',')
		}
		key := p.next()
		switch key.kind {
		case tokenString:
			b.WriteString(value.JSONString(unquote(key.text)))
		case tokenName, tokenLong:
			b.WriteString(value.JSONString(key.text))
		default:
			p.fail(key.span, "SYN0002", "expected a property's name, found "+describe(key))
		}
		p.expect(":")
		b.WriteByte(':')
		p.json(b)
		if !p.accept(",") {
			break
		}
	}
	p.expect("}")
	b.WriteByte('}')
}

// jsonOf is a literal as it stands in a dynamic value.
func jsonOf(lit *Literal) string {
	switch v := lit.Value.(type) {
	case nil:
		return "null"
	case bool:
		return strconv.FormatBool(v)
	case int64:
		return strconv.FormatInt(v, 10)
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return value.JSONString(value.FormatReal(v))
		}
		return value.FormatReal(v)
	case schema.Ticks:
		if lit.Type == schema.TimeSpan {
			return value.JSONString(value.FormatTimeSpan(v))
		}
		return value.JSONString(value.FormatDateTime(v))
	case string:
		return value.JSONString(v)
	default:
		return "null"
	}
}
