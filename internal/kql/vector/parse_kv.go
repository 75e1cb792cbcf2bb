package vector

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// keyValues takes a text apart into keys and values: parse-kv.
type keyValues struct {
	rest       string
	pair, kv   string
	open, shut string // of quoted keys and values; empty: none
	escape     string
	greedy     bool
}

// parseKV is the bag of the pairs in a text: text, pair delimiter, key-value delimiter,
// quotes (one for both ends, or two), escape, greedy.
func parseKV(a []any) any {
	k := &keyValues{rest: text(a, 0), pair: text(a, 1), kv: text(a, 2), escape: text(a, 4)}
	k.greedy, _ = a[5].(bool)
	if quotes := text(a, 3); quotes != "" {
		_, n := utf8.DecodeRuneInString(quotes)
		k.open, k.shut = quotes[:n], quotes[n:]
		if k.shut == "" {
			k.shut = k.open
		}
	}
	if k.pair == "" && k.kv == "" {
		return encode(k.words())
	}
	b := newBag()
	for k.rest != "" {
		key, value, ok := k.next()
		if _, taken := b.values[key]; ok && !taken {
			b.set(key, value)
		}
	}
	return encode(b)
}

// next reads a pair; ok is false for a stretch that is none. It always moves on.
func (k *keyValues) next() (key, value string, ok bool) {
	key, ok = k.key()
	if !ok {
		return "", "", false
	}
	return key, k.value(), true
}

// key reads up to the key-value delimiter, unless the pair ends before.
func (k *keyValues) key() (string, bool) {
	if quoted, ok := k.quoted(); ok {
		if after, ok := strings.CutPrefix(strings.TrimLeftFunc(k.rest, unicode.IsSpace), k.kv); ok {
			k.rest = after
			return quoted, true
		}
		k.skipPair()
		return "", false
	}
	at := strings.Index(k.rest, k.kv)
	if end := k.pairEnd(); at < 0 || end >= 0 && end < at {
		k.skipPair()
		return "", false
	}
	key := strings.TrimSpace(k.rest[:at])
	k.rest = k.rest[at+len(k.kv):]
	return key, true
}

func (k *keyValues) value() string {
	if quoted, ok := k.quoted(); ok {
		k.skipPair()
		return quoted
	}
	end := k.pairEnd()
	if k.greedy && k.pair != "" {
		if before, _, ok := strings.Cut(k.rest, k.kv); ok {
			end = strings.LastIndex(before, k.pair)
		} else {
			end = -1
		}
	}
	if end < 0 {
		v := strings.TrimSpace(k.rest)
		k.rest = ""
		return v
	}
	v := strings.TrimSpace(k.rest[:end])
	k.rest = k.rest[end+len(k.pair):]
	return v
}

// pairEnd is where the next pair delimiter stands, or -1.
func (k *keyValues) pairEnd() int {
	if k.pair == "" {
		return -1
	}
	return strings.Index(k.rest, k.pair)
}

func (k *keyValues) skipPair() {
	if end := k.pairEnd(); end >= 0 {
		k.rest = k.rest[end+len(k.pair):]
	} else {
		k.rest = ""
	}
}

// quoted reads a text between quotes; without a closing one it is not quoted.
func (k *keyValues) quoted() (string, bool) {
	s, ok := strings.CutPrefix(strings.TrimLeftFunc(k.rest, unicode.IsSpace), k.open)
	if k.open == "" || !ok {
		return "", false
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		switch {
		case k.escape != "" && strings.HasPrefix(s[i:], k.escape) && i+len(k.escape) < len(s):
			_, n := utf8.DecodeRuneInString(s[i+len(k.escape):])
			b.WriteString(s[i+len(k.escape) : i+len(k.escape)+n])
			i += len(k.escape) + n
		case strings.HasPrefix(s[i:], k.shut):
			k.rest = s[i+len(k.shut):]
			return b.String(), true
		default:
			b.WriteByte(s[i])
			i++
		}
	}
	return "", false
}

// words pairs every word with the one behind it, for without delimiters only the keys
// that are asked for tell what is a key.
func (k *keyValues) words() *bag {
	b := newBag()
	key, ok := k.word()
	for ok {
		var next string
		if next, ok = k.word(); !ok {
			break
		}
		if _, taken := b.values[key]; !taken {
			b.set(key, next)
		}
		key = next
	}
	return b
}

// word reads the next run of letters and digits, or what stands between quotes.
func (k *keyValues) word() (string, bool) {
	for k.rest != "" {
		if quoted, ok := k.quoted(); ok {
			return quoted, true
		}
		end := strings.IndexFunc(k.rest, func(r rune) bool { return !isWordRune(r) })
		if end < 0 {
			end = len(k.rest)
		}
		if end > 0 {
			w := k.rest[:end]
			k.rest = k.rest[end:]
			return w, true
		}
		_, n := utf8.DecodeRuneInString(k.rest)
		k.rest = k.rest[n:]
	}
	return "", false
}

func isWordRune(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || r == '_' }

// parseKVRegex is the bag of the pairs that a regular expression with two groups, key
// and value, finds.
func parseKVRegex(a []any) any {
	re := pattern(text(a, 1))
	if re == nil || re.NumSubexp() < 2 {
		return nil
	}
	b := newBag()
	for _, m := range re.FindAllStringSubmatch(text(a, 0), -1) {
		key := strings.TrimSpace(m[1])
		if _, taken := b.values[key]; !taken {
			b.set(key, m[2])
		}
	}
	return encode(b)
}
