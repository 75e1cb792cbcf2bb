package timeline_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"spoor/internal/entity"
	"spoor/internal/timeline"
)

// windows is a record of a Windows log of srv.corp.example.
func windows(channel, provider string, id int, fields string) string {
	return fmt.Sprintf(`{"@timestamp":%q,"Hostname":"srv.corp.example","Channel":%q,"SourceName":%q,"EventID":%d,%s}`,
		time.Unix(base, 0).UTC().Format("2006-01-02T15:04:05.000Z"), channel, provider, id, fields)
}

func zeek(at float64, fields string) string {
	return fmt.Sprintf(`{"ts":%f,"uid":"C","id.orig_h":"10.1.1.5","id.orig_p":50000,"id.resp_h":%q,"id.resp_p":443,%s}`, base+at, bad, fields)
}

// A record is told in a line of plain words, whatever table it is in.
func TestSummary(t *testing.T) {
	device := entity.ID{Kind: entity.Device, Value: "srv.corp.example"}
	workstation := entity.ID{Kind: entity.Device, Value: "ws5.corp.example"}
	address := entity.ID{Kind: entity.IP, Value: bad}
	security := func(id int, fields string) string {
		return windows("Security", "Microsoft-Windows-Security-Auditing", id, fields)
	}
	long := strings.Repeat("A", 6000)
	for name, c := range map[string]struct {
		log, line string
		of        entity.ID
		want      string
	}{
		"established":   {"conn.log", conn(0, "10.1.1.5", bad, "SF"), address, "10.1.1.5 → 203.0.113.50:443, TCP connection, established"},
		"refused, into": {"conn.log", conn(0, bad, "10.1.1.5", "REJ"), address, "10.1.1.5:443 ← 203.0.113.50, TCP connection, refused"},
		"dns":           {"dns.log", dns(0, "evil.example", bad), address, "10.1.1.5 → 10.1.0.2:53, DNS query A for evil.example → 203.0.113.50"},
		"http": {
			"http.log", zeek(0, `"trans_depth":1,"method":"GET","host":"evil.example","uri":"/a?b","status_code":404,"status_msg":"Not Found"`), address,
			"10.1.1.5 → 203.0.113.50:443, HTTP GET http://evil.example:443/a?b, answered 404 Not Found",
		},
		"tls": {
			"ssl.log", zeek(0, `"version":"TLSv13","cipher":"TLS_AES_128_GCM_SHA256","server_name":"evil.example","established":true`), address,
			"10.1.1.5 → 203.0.113.50:443, TLS handshake with evil.example, TLSv13",
		},
		"weird": {"weird.log", zeek(0, `"name":"bad_TCP_checksum","notice":false,"peer":"zeek"`), address, "unusual traffic: bad_TCP_checksum: 10.1.1.5 → 203.0.113.50, port 443"},
		"file": {
			"sysmon.jsonl", sysmon(0, 11, `"TargetFilename":"C:\\Temp\\a.exe"`), workstation, `rundll32.exe created the file C:\Temp\a.exe`,
		},
		"registry": {
			"sysmon.jsonl", sysmon(0, 13, `"EventType":"SetValue","TargetObject":"HKLM\\Software\\Run\\a","Details":"C:\\a.exe"`), workstation,
			`rundll32.exe set the registry value HKEY_LOCAL_MACHINE\Software\Run\a to C:\a.exe`,
		},
		"pipe":       {"sysmon.jsonl", sysmon(0, 18, `"PipeName":"\\lsass"`), workstation, `rundll32.exe used the pipe \Device\NamedPipe\lsass: File opened`},
		"asked dns":  {"sysmon.jsonl", sysmon(0, 22, `"QueryName":"evil.example","QueryStatus":"0","QueryResults":"::ffff:203.0.113.50;"`), workstation, "rundll32.exe asked DNS for evil.example → ::ffff:203.0.113.50;"},
		"ended":      {"sysmon.jsonl", sysmon(0, 5, `"RuleName":"-"`), workstation, `C:\Windows\rundll32.exe ended`},
		"service":    {"system.jsonl", windows("System", "Service Control Manager", 7036, `"param1":"Print Spooler","param2":"stopped"`), device, "service Print Spooler is stopped"},
		"other log":  {"app.jsonl", windows("Application", "Backup", 9, `"Job":"nightly","Result":"late"`), device, "Backup event 9: Job nightly, Result late"},
		"no account": {"security.jsonl", security(4660, `"ProcessName":"C:\\a.exe","SubjectUserName":"ada","SubjectDomainName":"CORP"`), device, `Security event (4660), C:\a.exe, by CORP\ada`},
		"object": {
			"security.jsonl", security(4663, `"Message":"An attempt was made to access an object.","ObjectName":"C:\\secret","ProcessName":"C:\\a.exe","SubjectUserName":"ada","SubjectDomainName":"CORP"`), device,
			`An attempt was made to access an object (4663): C:\secret, C:\a.exe, by CORP\ada`,
		},
		"logon": {
			"security.jsonl", security(4624, `"TargetUserName":"ada","TargetDomainName":"CORP","LogonType":"3","IpAddress":"203.0.113.50","AuthenticationPackageName":"NTLM"`), device,
			`logged on: corp\ada from 203.0.113.50 (Network) with NTLM`,
		},
		"cut short": {
			"ps.jsonl", windows("Microsoft-Windows-PowerShell/Operational", "Microsoft-Windows-PowerShell", 4103, `"Payload":"`+long+`"`), device,
			"PowerShell ran " + strings.Repeat("A", 300) + "…",
		},
		"sign-in": {
			"signin.json", `{"Type":"SigninLogs","TimeGenerated":"2024-03-04T09:00:00Z","IPAddress":"203.0.113.50","UserPrincipalName":"ada@corp.example","AppDisplayName":"Portal","ResultType":"50126"}`, address,
			"sign-in of ada@corp.example to Portal from 203.0.113.50, result 50126",
		},
		"a table without words": {
			"dhcp.json", `{"Type":"ASimDhcpEventLogs","TimeGenerated":"2024-03-04T09:00:00Z","SrcIpAddr":"203.0.113.50","EventType":"Assign"}`, address,
			"EventType Assign, SrcIpAddr 203.0.113.50",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			b.take(c.log, c.line)
			page := b.page(timeline.PageRequest{Request: timeline.Request{ID: c.of}})
			if len(page.Items) != 1 {
				t.Fatalf("%d records", len(page.Items))
			}
			if got := page.Items[0].Summary; got != c.want {
				t.Errorf("in %s of %s\n%s\nwant\n%s", page.Items[0].Table, page.Items[0].SourceKind, got, c.want)
			}
		})
	}
}
