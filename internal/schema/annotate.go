package schema

import (
	"strings"

	"spoor/internal/entity"
)

// annotate says which observable a catalogue column holds. The reference gives names
// and types only, so the meaning is read from the name, which the vendor's tables use
// consistently; exceptions stand in the table below. names is the set of the table's
// columns.
func annotate(table string, c *Column, names map[string]bool) {
	if a, ok := exceptions[table+"."+c.Name]; ok {
		c.Holds, c.Role, c.Domain = a.holds, a.role, a.domain
		return
	}
	if c.Type != String && c.Type != Dynamic {
		return
	}
	name := strings.ToLower(c.Name)
	if strings.Contains(name, "version") || strings.HasSuffix(name, "osbuild") {
		c.Version = true
		return
	}
	switch {
	case isAddressName(c.Name):
		c.Holds, c.Role = HoldsAddress, addressRole(c.Name)
		if table == "AlertEvidence" {
			c.Role |= entity.RoleEvidence
		}
	case c.Type == Dynamic:
	case strings.HasPrefix(c.Name, "InitiatingProcess") && isHashName(c.Name):
		// Filled from the process's creation event, found or not; see Column.Derived.
		c.Derived = true
	case isHashName(c.Name):
		c.Holds = HoldsHash
	case c.Name == "RemoteUrl" || c.Name == "FileOriginUrl" || c.Name == "RequestURL":
		c.Holds = HoldsURL
	case c.Name == "DeviceName" || c.Name == "Computer":
		c.Holds = HoldsDevice
	case c.Name == "AccountName" || c.Name == "InitiatingProcessAccountName":
		// Without a domain beside it the column names a storage or billing account.
		if domain := strings.TrimSuffix(c.Name, "Name") + "Domain"; names[domain] {
			c.Holds, c.Domain = HoldsAccount, domain
		}
	case c.Name == "UserPrincipalName":
		c.Holds = HoldsAccount
	}
}

type annotation struct {
	holds  Observable
	role   entity.Roles
	domain string
}

var exceptions = map[string]annotation{
	"DeviceNetworkInfo.IPAddresses":         {HoldsAddress, entity.RoleAssigned, ""},
	"DeviceNetworkInfo.DefaultGateways":     {},
	"DeviceInfo.PublicIP":                   {HoldsAddress, entity.RoleNAT, ""},
	"Syslog.HostIP":                         {HoldsAddress, entity.RoleAssigned, ""},
	"Heartbeat.ComputerIP":                  {HoldsAddress, entity.RoleAssigned, ""},
	"SecurityEvent.IpAddress":               {HoldsAddress, entity.RoleSource, ""},
	"SecurityEvent.ClientAddress":           {HoldsAddress, entity.RoleSource, ""},
	"SecurityEvent.SubjectUserName":         {HoldsAccount, 0, "SubjectDomainName"},
	"SecurityEvent.TargetUserName":          {HoldsAccount, 0, "TargetDomainName"},
	"SalesforceLoginHistory.ForwardedForIp": {HoldsAddress, entity.RoleForwarded, ""},
	"CommonSecurityLog.RequestURL":          {HoldsURL, 0, ""},
	"CommonSecurityLog.SourceUserName":      {HoldsAccount, 0, ""},
	"DnsEvents.Name":                        {HoldsURL, 0, ""},
	"DnsEvents.IPAddresses":                 {HoldsAddress, entity.RoleAnswer, ""},
}

// isAddressName knows the endings under which the reference's columns hold an IP
// address. Case counts: "Ownership" and "SafetyTip" end in "ip" too.
func isAddressName(name string) bool {
	if strings.Contains(name, "Injected") || strings.Contains(name, "Cidr") || strings.Contains(name, "Label") {
		return false
	}
	for _, end := range []string{
		"IP", "Ip", "IPAddress", "IpAddress", "IpAddr", "IPv4", "IPv6", "Ipv6", "IpV6", "IPAddresses",
		"IpAddresses", "IpV4Addresses", "IpV6Addresses", "NASIPv4Address", "NASIPv6Address", "TranslatedAddress",
		"DeviceCustomIPv6Address1", "DeviceCustomIPv6Address2", "DeviceCustomIPv6Address3", "DeviceCustomIPv6Address4",
	} {
		if strings.HasSuffix(name, end) {
			return !strings.HasSuffix(name, "Zip") && !strings.HasSuffix(name, "Tip")
		}
	}
	return false
}

func addressRole(name string) entity.Roles {
	n := strings.ToLower(name)
	switch {
	case strings.Contains(n, "nat") && strings.Contains(n, "natip"), strings.Contains(n, "translated"), n == "publicip":
		return entity.RoleNAT
	case strings.HasPrefix(n, "local"):
		return entity.RoleLocal
	case strings.HasPrefix(n, "remote"):
		return entity.RoleRemote
	case strings.HasPrefix(n, "dest"), strings.HasPrefix(n, "dst"), strings.HasPrefix(n, "server"), strings.HasPrefix(n, "target"):
		return entity.RoleDestination
	case strings.HasPrefix(n, "host"), strings.HasPrefix(n, "computer"), strings.HasPrefix(n, "dvc"), strings.HasPrefix(n, "agent"):
		return entity.RoleAssigned
	default:
		// The address of whoever made the request: IPAddress, ClientIP, CallerIpAddress, SrcIpAddr …
		return entity.RoleSource
	}
}

func isHashName(name string) bool {
	for _, end := range []string{"SHA1", "SHA256", "MD5", "Sha1", "Sha256", "Md5", "FileHash"} {
		if strings.HasSuffix(name, end) {
			return true
		}
	}
	return false
}
