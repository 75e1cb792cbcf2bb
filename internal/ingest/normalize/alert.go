package normalize

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"sync"

	"spoor/internal/entity"
	"spoor/internal/ingest/decode"
	"spoor/internal/schema"
)

var (
	alertInfoTable     = sync.OnceValue(func() *schema.Table { return schema.Default().MustTable("AlertInfo") })
	alertEvidenceTable = sync.OnceValue(func() *schema.Table { return schema.Default().MustTable("AlertEvidence") })
)

// sensorAlert is what the alert tables say of a sensor's finding.
type sensorAlert struct {
	id       string
	title    string
	category string
	severity string
	// techniques is a JSON array of ATT&CK techniques, or "".
	techniques string
	product    string // ServiceSource and DetectionSource
	url        string
	details    string // AdditionalFields of the evidence, JSON
}

// alertID identifies the alert of a record: the same for the same record however often
// it is read, another for every record. The bytes are part of it because files of one
// name come from many places.
func alertID(prefix string, r *decode.Record, src *Source) string {
	h := sha256.New()
	for _, s := range []string{src.Site, src.Name, strconv.FormatInt(r.Ordinal, 10)} {
		h.Write([]byte(s))
		h.Write([]byte{0})
	}
	h.Write(r.Raw)
	return prefix + hex.EncodeToString(h.Sum(nil)[:16])
}

// addAlert adds the copies in AlertInfo and AlertEvidence: a row of evidence for each
// end of the flow, for each address that a proxy spoke for, and one for the URL.
func (ev *Event) addAlert(a *sensorAlert) {
	info := schema.NewRow(alertInfoTable())
	info.SetTime("Timestamp", ev.Time)
	info.SetString("AlertId", a.id)
	info.SetString("Title", a.title)
	info.SetString("Category", a.category)
	info.SetString("Severity", a.severity)
	info.SetString("ServiceSource", a.product)
	info.SetString("DetectionSource", a.product)
	info.SetString("AttackTechniques", a.techniques)
	ev.Rows = append(ev.Rows, info)

	network := &ev.Rows[0]
	for _, end := range [...]struct{ column, role string }{{"LocalIP", "Impacted"}, {"RemoteIP", "Related"}} {
		address := network.Str(end.column)
		if address == "" {
			continue
		}
		row := ev.evidence(a, "Ip", end.role)
		row.SetString(end.column, address)
		if ev.Flow.Source.IsValid() && address == ev.Flow.Source.String() {
			row.SetString("EvidenceDirection", "Source")
		} else {
			row.SetString("EvidenceDirection", "Destination")
		}
		ev.Rows = append(ev.Rows, row)
	}
	for i := range ev.Observables {
		o := &ev.Observables[i]
		if o.Roles != entity.RoleForwarded {
			continue
		}
		// It is no end of the flow, so that it stands in none of the columns for these.
		o.Roles |= entity.RoleEvidence
		row := ev.evidence(a, "Ip", "Related")
		row.SetString("AdditionalFields", joinObject(appendTextField(nil, "ForwardedFor", entity.CanonicalAddress(o.Value)), a.details))
		ev.Rows = append(ev.Rows, row)
	}
	if a.url != "" {
		row := ev.evidence(a, "Url", "Related")
		row.SetString("RemoteUrl", a.url)
		ev.Rows = append(ev.Rows, row)
	}
}

func (ev *Event) evidence(a *sensorAlert, entityType, role string) schema.Row {
	row := schema.NewRow(alertEvidenceTable())
	row.SetTime("Timestamp", ev.Time)
	row.SetString("AlertId", a.id)
	row.SetString("Title", a.title)
	if a.category != "" {
		row.SetString("Categories", string(appendText([]byte{'['}, a.category))+"]")
	}
	row.SetString("ServiceSource", a.product)
	row.SetString("DetectionSource", a.product)
	row.SetString("AttackTechniques", a.techniques)
	row.SetString("Severity", a.severity)
	row.SetString("EntityType", entityType)
	row.SetString("EvidenceRole", role)
	row.SetString("AdditionalFields", a.details)
	return row
}
