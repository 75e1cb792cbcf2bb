package normalize

import (
	"strings"

	"spoor/internal/ingest/decode"
	"spoor/internal/schema"
)

// alert normalizes the match of a signature.
func (s *suricataRecord) alert() Event {
	signature := s.get("signature")
	own := appendTextField(nil, "SignatureName", signature)
	own = appendTextField(own, "SignatureMatchedContent", s.Get("payload_printable"))
	outcome := schema.OutcomeNone
	if s.get("action") == "blocked" {
		outcome = schema.OutcomeBlocked
	}
	ev := s.event(s.flow(), "NetworkSignatureInspected", outcome, "", own)
	url := s.url(s.member("http"))
	if url == "" {
		url = memberText(s.member("tls"), "sni")
	}
	ev.Rows[0].SetString("RemoteUrl", url)
	ev.Observables = s.addForwarded(ev.Observables, s.Get("xff"))
	ev.Observables = s.addForwarded(ev.Observables, memberText(s.member("http"), "xff"))
	ev.addAlert(&sensorAlert{
		id: alertID("su", s.Record, s.src), title: signature, category: s.get("category"),
		severity: suricataSeverity(s.get("severity")), techniques: suricataTechniques(s.get("metadata")),
		product: "Suricata", url: url, details: s.alertDetails(),
	})
	return ev
}

// suricataSeverity: 1 is the gravest of Suricata's, and rules use 1 to 3, seldom 4.
func suricataSeverity(text string) string {
	switch text {
	case "1":
		return "High"
	case "2":
		return "Medium"
	case "3":
		return "Low"
	default:
		return "Informational"
	}
}

// suricataTechniques is the ATT&CK techniques of a rule's metadata as Microsoft prints
// them: ["Application Layer Protocol (T1071)"].
func suricataTechniques(metadata string) string {
	members := winObject(metadata)
	ids := winArray(memberText(members, "mitre_technique_id"))
	names := winArray(memberText(members, "mitre_technique_name"))
	if len(ids) == 0 {
		return ""
	}
	b := []byte{'['}
	for i, id := range ids {
		if i > 0 {
			b = append(b, ',')
		}
		text := id.Text
		if i < len(names) && names[i].Kind == decode.String {
			text = strings.ReplaceAll(names[i].Text, "_", " ") + " (" + text + ")"
		}
		b = appendText(b, text)
	}
	return string(append(b, ']'))
}

func (s *suricataRecord) alertDetails() string {
	b := []byte{'{'}
	for _, name := range []string{"signature_id", "gid", "rev", "action"} {
		for i := range s.detail {
			if s.detail[i].Name == name {
				b = appendField(b, name, s.detail[i].Value)
			}
		}
	}
	for _, name := range []string{"flow_id", "community_id", "app_proto"} {
		if v, ok := s.Lookup(name); ok {
			b = appendField(b, name, v)
		}
	}
	return string(append(b, '}'))
}
