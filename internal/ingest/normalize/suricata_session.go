package normalize

import (
	"strings"

	"spoor/internal/entity"
	"spoor/internal/ingest/decode"
)

var suricataHTTPNames = map[string]string{
	"hostname": "host", "url": "uri", "http_method": "method", "http_user_agent": "user_agent",
	"http_refer": "referrer", "status": "status_code", "length": "response_body_len",
}

func (s *suricataRecord) http() Event {
	own := s.renamed(nil, suricataHTTPNames, "protocol")
	own = appendTextField(own, "version", strings.TrimPrefix(s.get("protocol"), "HTTP/"))
	ev := s.event(s.flow(), "HttpConnectionInspected", outcomeIf(s.get("status") != ""), "", own)
	ev.Rows[0].SetString("RemoteUrl", s.url(s.detail))
	ev.Observables = s.addForwarded(ev.Observables, s.get("xff"))
	return ev
}

// addForwarded adds the addresses of an X-Forwarded-For header, if its sender is
// believed.
func (s *suricataRecord) addForwarded(list []Observable, header string) []Observable {
	client := s.source
	if s.toClient {
		client = s.destination
	}
	if header == "" || !s.src.trusts(client, s.at) {
		return list
	}
	return addForwardedValue(list, header)
}

// url is the URL that the members of an http object say.
func (s *suricataRecord) url(http []decode.Field) string {
	port := s.destinationPort
	if s.toClient {
		port = s.sourcePort
	}
	return requestURL(memberText(http, "http_method"), memberText(http, "hostname"), memberText(http, "url"), port)
}

var suricataTLSNames = map[string]string{"sni": "server_name", "issuerdn": "issuer", "session_resumed": "resumed"}

func (s *suricataRecord) tls() Event {
	own := s.renamed(nil, suricataTLSNames, "version", "ja3", "ja3s")
	own = appendTextField(own, "version", suricataTLSVersion(s.get("version")))
	for _, name := range []string{"ja3", "ja3s"} {
		members := winObject(s.get(name))
		own = appendTextField(own, name, memberText(members, "hash"))
		own = appendTextField(own, name+"_string", memberText(members, "string"))
	}
	ev := s.event(s.flow(), "SslConnectionInspected", outcomeIf(s.get("version") != ""), "", own)
	ev.Rows[0].SetString("RemoteUrl", s.get("sni"))
	ev.Observables = addDomain(ev.Observables, s.get("sni"))
	ev.Observables = addCertificateName(ev.Observables, commonName(strings.ReplaceAll(s.get("subject"), ", ", ",")))
	if hash := strings.ReplaceAll(s.get("fingerprint"), ":", ""); hash != "" {
		ev.Observables = append(ev.Observables, Observable{Kind: entity.Hash, Value: hash})
	}
	return ev
}

// suricataTLSVersion is a version as Zeek and Microsoft print it.
func suricataTLSVersion(v string) string {
	switch v {
	case "TLSv1", "TLS 1.0":
		return "TLSv10"
	case "TLS 1.1", "TLS 1.2", "TLS 1.3":
		return "TLSv1" + v[len(v)-1:]
	}
	return v
}

func (s *suricataRecord) ssh() Event {
	client, server := winObject(s.get("client")), winObject(s.get("server"))
	own := s.renamed(nil, nil, "client", "server")
	own = appendTextField(own, "client", suricataSSHBanner(client))
	own = appendTextField(own, "server", suricataSSHBanner(server))
	for _, side := range []struct {
		name    string
		members []decode.Field
	}{{"client_hassh", client}, {"server_hassh", server}} {
		own = appendTextField(own, side.name, memberText(winObject(memberText(side.members, "hassh")), "hash"))
	}
	return s.event(s.flow(), "SshConnectionInspected", outcomeIf(suricataSSHBanner(server) != ""), "", own)
}

// suricataSSHBanner puts together what a side sent first.
func suricataSSHBanner(side []decode.Field) string {
	software := memberText(side, "software_version")
	if software == "" {
		return ""
	}
	return "SSH-" + memberText(side, "proto_version") + "-" + software
}
