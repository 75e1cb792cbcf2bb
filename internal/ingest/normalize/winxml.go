package normalize

import (
	"html"
	"strconv"
	"strings"

	"spoor/internal/ingest/decode"
)

// The XML of Windows events is a fixed, flat form: elements without mixed content, the
// data as <Data Name="…">text</Data>. It is scanned, not parsed: encoding/xml takes
// ten times as long, and what is out of form is simply not found.

// winXMLData reads the Data elements of an EventData element, unnamed ones as param1,
// param2 ….
func winXMLData(x string) []decode.Field {
	data := make([]decode.Field, 0, 20)
	for unnamed := 0; ; {
		open, text, rest, ok := winXMLElement(x, "Data")
		if !ok {
			return data
		}
		x = rest
		name := winXMLAttribute(open, "Name")
		if name == "" {
			unnamed++
			name = "param" + strconv.Itoa(unnamed)
		}
		data = append(data, decode.Field{Name: name, Value: decode.Value{Kind: decode.String, Text: text}})
	}
}

// winXMLElement finds the first element of that name and gives its opening tag, its
// text and what follows it.
func winXMLElement(x, name string) (open, text, rest string, ok bool) {
	for {
		i := strings.Index(x, "<"+name)
		if i < 0 {
			return "", "", "", false
		}
		x = x[i+1+len(name):]
		if x == "" || !strings.ContainsRune(" \t\r\n/>", rune(x[0])) {
			continue // a longer name, as EventData for Event
		}
		end := strings.IndexByte(x, '>')
		if end < 0 {
			return "", "", "", false
		}
		open, x = x[:end], x[end+1:]
		if strings.HasSuffix(open, "/") {
			return open[:len(open)-1], "", x, true
		}
		closing := strings.Index(x, "</"+name+">")
		if closing < 0 {
			return "", "", "", false
		}
		return open, winXMLText(x[:closing]), x[closing+len(name)+3:], true
	}
}

func winXMLText(s string) string {
	if inner, ok := strings.CutPrefix(s, "<![CDATA["); ok {
		return strings.TrimSuffix(inner, "]]>")
	}
	return html.UnescapeString(s)
}

// winXMLAttribute is the value of an attribute in an opening tag, or "".
func winXMLAttribute(open, name string) string {
	for _, quote := range [...]string{`"`, `'`} {
		if _, after, ok := strings.Cut(open, " "+name+"="+quote); ok {
			value, _, _ := strings.Cut(after, quote)
			return html.UnescapeString(value)
		}
	}
	return ""
}

// winXMLSystem reads the System element of an event's XML into fields of the names
// that rendered events have.
func winXMLSystem(x string) []decode.Field {
	inner, ok := winXMLRaw(x, "System")
	if !ok {
		return nil
	}
	fields := make([]decode.Field, 0, 16)
	add := func(name, text string) {
		if text != "" {
			fields = append(fields, decode.Field{Name: name, Value: decode.Value{Kind: decode.String, Text: text}})
		}
	}
	for _, name := range [...]string{"EventID", "Version", "Level", "Task", "Opcode", "Keywords", "EventRecordID", "Channel", "Computer"} {
		_, text, _, _ := winXMLElement(inner, name)
		add(name, text)
	}
	for _, a := range [...][3]string{
		{"Provider", "Name", "Provider"},
		{"TimeCreated", "SystemTime", "TimeCreated"},
		{"Execution", "ProcessID", "Execution"},
		{"Execution", "ThreadID", "ThreadID"},
		{"Security", "UserId", "Security"},
		{"Security", "UserID", "Security"},
	} {
		if open, _, _, ok := winXMLElement(inner, a[0]); ok {
			add(a[2], winXMLAttribute(open, a[1]))
		}
	}
	return fields
}

// winXMLRaw is winXMLElement for an element that holds others: its text stays as it is.
func winXMLRaw(x, name string) (inner string, ok bool) {
	_, x, ok = strings.Cut(x, "<"+name)
	if !ok {
		return "", false
	}
	_, x, ok = strings.Cut(x, ">")
	if !ok {
		return "", false
	}
	inner, _, ok = strings.Cut(x, "</"+name+">")
	return inner, ok
}
