package normalize

import (
	"strings"

	"spoor/internal/entity"
	"spoor/internal/schema"
)

// answered is the outcome of a session of which the named field is what the server
// said: established when it said something, else unknown.
func (z *zeekRecord) answered(fields ...string) schema.Outcome {
	if z.Get(fields...) != "" {
		return schema.OutcomeEstablished
	}
	return schema.OutcomeUnknown
}

func (z *zeekRecord) ssh() Event {
	return z.event(z.flow(), "SshConnectionInspected", "Tcp", z.answered("server"), "")
}

func (z *zeekRecord) smtp() Event {
	ev := z.event(z.flow(), "SmtpConnectionInspected", "Tcp", z.answered("last_reply"), "")
	if a := z.Get("x_originating_ip"); a != "" && z.src.trusts(z.orig, z.at) {
		ev.Observables = append(ev.Observables, Observable{Kind: entity.IP, Value: a, Roles: entity.RoleForwarded})
	}
	return ev
}

func (z *zeekRecord) ftp() Event {
	ev := z.event(z.flow(), "FtpConnectionInspected", "Tcp", z.answered("reply_code"), "")
	if user := z.Get("user"); user != "<unknown>" {
		ev.Observables = addAccount(ev.Observables, "", user)
	}
	return ev
}

func (z *zeekRecord) ntlm() Event {
	ev := z.event(z.flow(), "NtlmAuthenticationInspected", "Tcp",
		z.answered("success", "server_nb_computer_name", "server_dns_computer_name", "status"), "")
	ev.Observables = addAccount(ev.Observables, z.Get("domainname"), z.Get("username"))
	return ev
}

// kerberos normalizes a ticket request. The client is printed as name/REALM.
func (z *zeekRecord) kerberos() Event {
	ev := z.event(z.flow(), "KerberosConnectionInspected", transport(z.proto), z.answered("success", "error_msg"), "")
	client := z.Get("client")
	if i := strings.LastIndexByte(client, '/'); i >= 0 {
		ev.Observables = addAccount(ev.Observables, client[i+1:], client[:i])
	} else {
		ev.Observables = addAccount(ev.Observables, "", client)
	}
	return ev
}

// addAccount adds an account by its domain and name; none without a name.
func addAccount(list []Observable, domain, name string) []Observable {
	account := entity.CanonicalAccount(domain, name)
	if account == "" {
		return list
	}
	return append(list, Observable{Kind: entity.Account, Value: account})
}
