package decode_test

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"spoor/internal/ingest/decode"
)

const (
	zeekJSONLine = `{"ts":1713484795.943239,"uid":"CYl7H53iN6mY9NyXJ8","id.orig_h":"192.0.2.138","id.orig_p":25320,"id.resp_h":"198.51.100.201","id.resp_p":6008,"proto":"tcp","service":"http","duration":0.447460,"orig_bytes":601,"resp_bytes":38393,"conn_state":"SF","local_orig":false,"local_resp":true,"missed_bytes":0,"history":"ShADadFf","orig_pkts":22,"orig_ip_bytes":1489,"resp_pkts":31,"resp_ip_bytes":39641,"tunnel_parents":[],"_path":"conn","_system_name":"sensor-1","_write_ts":1713484800.000000,"community_id":"1:abcdefghijklmnopqrstuvwxyz0="}` + "\n"
	sysmonLine   = `{"SourceName":"Microsoft-Windows-Sysmon","ProviderGuid":"{00000000-1111-2222-3333-444444444444}","Level":"4","Channel":"Microsoft-Windows-Sysmon/Operational","Hostname":"ws5.example.org","TimeCreated":"2020-09-20T16:16:01.123Z","@timestamp":"2020-09-20T16:16:01.123Z","EventID":1,"Message":"Process Create:\r\nRuleName: -\r\nUtcTime: 2020-09-20 16:16:01.000\r\nProcessId: 4120\r\nImage: C:\\Windows\\System32\\cmd.exe\r\nCommandLine: \"C:\\Windows\\system32\\cmd.exe\" /c whoami","UtcTime":"2020-09-20 16:16:01.000","ProcessGuid":"{00000000-5555-6666-7777-888888888888}","ProcessId":"4120","Image":"C:\\Windows\\System32\\cmd.exe","FileVersion":"10.0.18362.1","Description":"Windows Command Processor","Company":"Example","OriginalFileName":"Cmd.Exe","CommandLine":"\"C:\\Windows\\system32\\cmd.exe\" /c whoami","CurrentDirectory":"C:\\Windows\\system32\\","User":"EXAMPLE\\alice","LogonId":"0x3e7","IntegrityLevel":"High","ParentImage":"C:\\Windows\\explorer.exe","ParentCommandLine":"C:\\Windows\\Explorer.EXE"}` + "\n"
	zeekTSVHead  = "#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\tconn\n" +
		"#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\tservice\tduration\torig_bytes\tresp_bytes\tconn_state\tlocal_orig\tlocal_resp\tmissed_bytes\thistory\torig_pkts\torig_ip_bytes\tresp_pkts\tresp_ip_bytes\ttunnel_parents\n" +
		"#types\ttime\tstring\taddr\tport\taddr\tport\tenum\tstring\tinterval\tcount\tcount\tstring\tbool\tbool\tcount\tstring\tcount\tcount\tcount\tcount\tset[string]\n"
	zeekTSVLine = "1713484795.943239\tCYl7H53iN6mY9NyXJ8\t192.0.2.138\t25320\t198.51.100.201\t6008\ttcp\thttp\t0.447460\t601\t38393\tSF\tF\tT\t0\tShADadFf\t22\t1489\t31\t39641\t-\n"
	csvHead     = "TimeGenerated,DeviceName,ActionType,RemoteIP,RemotePort,InitiatingProcessCommandLine\n"
	csvLine     = "2024-04-19T00:00:01Z,ws5.example.org,ConnectionSuccess,198.51.100.7,443,\"\"\"C:\\Program Files\\x.exe\"\" --a, --b\"\n"
)

const benchLines = 1000

// BenchmarkDecode is the cost of a record once the chunk is cut; ns/op is per record.
func BenchmarkDecode(b *testing.B) {
	for _, c := range []struct{ name, format, head, line string }{
		{"ZeekJSON", "json", "", zeekJSONLine},
		{"SysmonJSON", "json", "", sysmonLine},
		{"ZeekTSV", "zeek.tsv", zeekTSVHead, zeekTSVLine},
		{"CSV", "csv", csvHead, csvLine},
	} {
		src := []byte(c.head + string(bytes.Repeat([]byte(c.line), benchLines)))
		b.Run(c.name, func(b *testing.B) {
			chunks := decodeAll(b, src, c.format, decode.Options{}).chunks
			var d decode.Decoder
			records := 0
			b.SetBytes(int64(len(c.line)))
			b.ReportAllocs()
			b.ResetTimer()
			for n := 0; n < b.N; n += benchLines {
				for _, ch := range chunks {
					d.Decode(ch, func(*decode.Record) { records++ }, func(e *decode.Error) { b.Fatal(e) })
				}
			}
			if records == 0 || records%benchLines != 0 {
				b.Fatalf("%d records", records)
			}
		})
		b.Run(c.name+"/split", func(b *testing.B) {
			b.SetBytes(int64(len(c.line)))
			b.ReportAllocs()
			for n := 0; n < b.N; n += benchLines {
				s, err := decode.NewSplitter(bytes.NewReader(src), decode.ByName(c.format), decode.Options{})
				if err != nil {
					b.Fatal(err)
				}
				for err == nil {
					_, err = s.Next()
				}
				if !errors.Is(err, io.EOF) {
					b.Fatal(err)
				}
			}
		})
	}
}
