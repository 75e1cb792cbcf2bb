package normalize

import (
	"strings"

	"spoor/internal/entity"
	"spoor/internal/schema"
)

// notice normalizes a finding of Zeek's own, which is an alert. A notice without a
// connection names its ends in src and dst.
func (z *zeekRecord) notice() Event {
	if !z.orig.IsValid() && !z.resp.IsValid() {
		z.origText, z.respText = z.Get("src"), z.Get("dst")
		z.orig, _ = entity.ParseAddress(z.origText)
		z.resp, _ = entity.ParseAddress(z.respText)
		z.respPort, z.hasResp = wholeNumber(z.Get("p"))
	}
	ev := z.event(z.flow(), "NetworkSignatureInspected", transport(z.proto), schema.OutcomeNone, "")
	note := z.Get("note")
	own := appendTextField(nil, "SignatureName", note)
	own = appendTextField(own, "SignatureMatchedContent", z.Get("sub"))
	row := &ev.Rows[0]
	row.SetString("AdditionalFields", joinObject(own, row.Str("AdditionalFields")))
	ev.addAlert(&sensorAlert{
		id: alertID("zk", z.Record, z.src), title: note, category: noticeCategory(note),
		severity: noticeSeverity(z.texts("actions")), product: "Zeek", details: noticeDetails(z),
	})
	return ev
}

// noticeCategory is Microsoft's word for what a notice is about, as far as the module
// it comes from says so.
func noticeCategory(note string) string {
	switch module, _, _ := strings.Cut(note, "::"); module {
	case "Scan":
		return "Discovery"
	case "TeamCymruMalwareHashRegistry":
		return "Malware"
	case "Intel":
		return "CommandAndControl"
	case "SSH":
		return "CredentialAccess"
	default:
		return "SuspiciousActivity"
	}
}

// noticeSeverity: Zeek gives its notices none, but its operator says which are worth an
// alarm, a mail or a page.
func noticeSeverity(actions []string) string {
	for _, a := range actions {
		switch a {
		case "Notice::ACTION_ALARM", "Notice::ACTION_EMAIL", "Notice::ACTION_PAGE":
			return "Medium"
		}
	}
	return "Informational"
}

func noticeDetails(z *zeekRecord) string {
	b := appendTextField([]byte{'{'}, "note", z.Get("note"))
	b = appendTextField(b, "msg", z.Get("msg"))
	b = appendTextField(b, "sub", z.Get("sub"))
	b = appendTextField(b, "uid", z.Get("uid"))
	return string(append(b, '}'))
}

// joinObject puts members before those of a JSON object.
func joinObject(members []byte, object string) string {
	if len(members) == 0 {
		return object
	}
	b := append(make([]byte, 0, len(members)+len(object)+1), '{')
	b = append(b, members...)
	if object = strings.TrimPrefix(object, "{"); object != "}" && object != "" {
		b = append(b, ',')
	}
	return string(append(b, object...))
}
