package entitypage

import (
	"fmt"

	"spoor/internal/schema"
)

// x509Key is the KQL by which a record of zeek.x509 is told from others: the fingerprint
// that connections name, or where the sensor computes none, its own id of the file.
const x509Key = "iff(isnotempty(tostring(Fields.fingerprint)), tostring(Fields.fingerprint), tostring(Fields.id))"

// certificatesWith lists the handshakes of the period, whoever had them, in which a server
// showed a certificate with a value in one of its fields; "" for no value. Zeek describes
// certificates in a log of their own, Suricata in the handshake.
func (v *view) certificatesWith(field, value string) string {
	if value == "" {
		return ""
	}
	return fmt.Sprintf(`let certificates = %[1]s
| where RecordType endswith "x509"
| where tostring(Fields["certificate.%[2]s"]) == %[3]s or tostring(Fields.certificate_%[2]s) == %[3]s
| distinct Key = %[6]s;
DeviceNetworkEvents
| where %[4]s%[5]s
| where ActionType == "SslConnectionInspected"
| extend Shown = extract(@"(\w+)", 1, tostring(coalesce(AdditionalFields.cert_chain_fps, AdditionalFields.cert_chain_fuids)))
| where Shown in (certificates) or tostring(AdditionalFields.%[2]s) == %[3]s
| summarize First = min(Timestamp), Last = max(Timestamp), Handshakes = count(), Ports = make_set(min_of(LocalPort, RemotePort), 20), Certificates = make_set(Shown, 20) by LocalIP, RemoteIP
| sort by Last desc`, schema.SpoorRaw, field, quote(value), v.bounds(), v.eventSite(), x509Key)
}
