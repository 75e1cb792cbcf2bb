package server

import (
	"context"
	"errors"
	"net/netip"

	"spoor/internal/enrich"
	"spoor/internal/entity"
)

// SettingStore keeps what administrators set while the server runs.
type SettingStore interface {
	Setting(ctx context.Context, name string) (string, error)
	SetSetting(ctx context.Context, name, value string) error
}

// SettingReverseDNS is "on" when analysts may look addresses up in live DNS.
const SettingReverseDNS = "reverse_dns"

// Settings is what administrators set.
type Settings struct {
	ReverseDNS bool `json:"reverseDns" doc:"analysts may look up the names of an address in live DNS, which its owner can notice"`
}

// ReverseNames is the answer of live DNS.
type ReverseNames struct {
	Address string   `json:"address"`
	Names   []string `json:"names" doc:"whatever the owner of the address chose to write"`
}

func (s *Server) registerSettings() {
	handle(s, "GET /api/settings", "settings", "settings", "What administrators have set",
		func(ctx context.Context, _ *struct{}) (*reply[Settings], error) {
			on, err := s.cfg.Settings.Setting(ctx, SettingReverseDNS)
			return &reply[Settings]{Settings{ReverseDNS: on == "on"}}, err
		})
	type change struct{ Body Settings }
	handle(s, "PUT /api/settings", "changeSettings", "settings", "Set them",
		func(ctx context.Context, in *change) (*struct{}, error) {
			value := "off"
			if in.Body.ReverseDNS {
				value = "on"
			}
			exchangeOf(ctx).detail = map[string]string{SettingReverseDNS: value}
			return nil, s.cfg.Settings.SetSetting(ctx, SettingReverseDNS, value)
		})
	type lookup struct {
		Body struct {
			Address string `json:"address" maxLength:"64"`
		}
	}
	handle(s, "POST /api/dns/reverse", "reverseDns", "entities", "Ask live DNS for the names of an address",
		func(ctx context.Context, in *lookup) (*reply[ReverseNames], error) {
			id, err := entity.Parse(entity.IP, in.Body.Address)
			if err != nil {
				return nil, &Error{Code: CodeInvalid, Detail: err.Error()}
			}
			exchangeOf(ctx).target = id.Value
			names, err := s.cfg.ReverseDNS.Names(ctx, netip.MustParseAddr(id.Value))
			if errors.Is(err, enrich.ErrOff) {
				return nil, fault(CodeForbidden, "live reverse DNS is switched off; an administrator can switch it on")
			}
			if err != nil {
				return nil, &Error{CodeUnavailable, "DNS gave no answer", err}
			}
			return &reply[ReverseNames]{ReverseNames{id.Value, append([]string{}, names...)}}, nil
		})
}
