package ingest

import (
	"github.com/prometheus/client_golang/prometheus"
)

// metrics counts what was committed. The four results of spoor_ingest_records_total add
// up to the records read.
type metrics struct {
	records *prometheus.CounterVec
	bytes   prometheus.Counter
}

func newMetrics(r prometheus.Registerer) *metrics {
	m := &metrics{
		records: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "spoor_ingest_records_total", Help: "Records read, by what became of them.",
		}, []string{"result"}),
		bytes: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "spoor_ingest_bytes_total", Help: "Decompressed bytes of logs taken in, known ones left out.",
		}),
	}
	if r != nil {
		r.MustRegister(m.records, m.bytes)
	}
	return m
}

// add counts what a report grew by since the one before.
func (m *metrics) add(before, after *Report) {
	m.records.WithLabelValues("stored").Add(float64(after.Stored - before.Stored))
	m.records.WithLabelValues("unmapped").Add(float64(after.Unmapped - before.Unmapped))
	m.records.WithLabelValues("quarantined").Add(float64(after.Quarantined - before.Quarantined))
	m.bytes.Add(float64(after.Bytes - before.Bytes))
}

// known counts records that were taken in before.
func (m *metrics) known(n int64) { m.records.WithLabelValues("known").Add(float64(n)) }
