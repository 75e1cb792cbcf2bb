package storetest

import (
	"fmt"
	"slices"
	"testing"

	"spoor/internal/entity"
	"spoor/internal/schema"
	"spoor/internal/store"
)

// placedOn is a place of an address, said by the builds of a database from a day to a day.
func placedOn(address, database string, first, last int, city string) store.Place {
	return store.Place{
		Address: address, Database: database, First: schema.Ticks(first) * schema.TicksPerDay, Last: schema.Ticks(last) * schema.TicksPerDay, Kept: ingested,
		PlaceFacts: store.PlaceFacts{Country: "Utopia", CountryCode: "UT", State: "North", City: city, ASN: 4294967295, Org: "Ou-topos \"O'\x00\""},
	}
}

// addressesOf are the addresses of batches, in order.
func addressesOf(batches []*store.Batch) []string {
	var list []string
	for _, b := range batches {
		for i := range b.Sightings {
			if s := &b.Sightings[i]; s.Kind == entity.IP && !slices.Contains(list, s.Entity) {
				list = append(list, s.Entity)
			}
		}
	}
	slices.SortFunc(list, func(a, b string) int {
		ah, al := entity.ID{Kind: entity.IP, Value: a}.Key()
		bh, bl := entity.ID{Kind: entity.IP, Value: b}.Key()
		return slices.Compare([]uint64{ah, al}, []uint64{bh, bl})
	})
	return list
}

func unplaced(t *testing.T, h *harness) {
	batches := h.randomBatches(31)
	mere := batches[0].Sightings[0] // only mentioned: no address, perhaps
	mere.Entity, mere.Roles = "198.51.100.99", entity.RoleMentioned
	batches[0].Sightings = append(batches[0].Sightings, mere)
	h.append(batches...)
	all := slices.DeleteFunc(addressesOf(batches), func(a string) bool { return a == mere.Entity })
	build := func(database string, day int) store.PlaceBuild {
		return store.PlaceBuild{Database: database, Built: schema.Ticks(day) * schema.TicksPerDay}
	}
	want := func(want []string, after string, limit int, builds ...store.PlaceBuild) {
		t.Helper()
		got, err := h.Unplaced(h.ctx(), builds, after, limit)
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("of %v after %q: got %v, %v, want %v", builds, after, got, err, want)
		}
	}
	want(nil, "", 100)
	want(all, "", 100, build("city", 10))
	want(all[2:5], all[1], 3, build("city", 10))
	if err := h.PutPlaces(h.ctx(), all[:2], []store.Place{placedOn(all[0], "city", 10, 20, "A"), placedOn(all[1], "city", 10, 20, "A"), placedOn(all[0], "asn", 15, 15, "")}); err != nil {
		t.Fatal(err)
	}
	want(all[2:], "", 100, build("city", 10))
	want(all[2:], "", 100, build("city", 12), build("city", 20)) // two builds of one database at once
	want(all, "", 100, build("city", 21))
	want(all[1:], "", 100, build("city", 20), build("asn", 15))
	h.reopen()
	want(all[1:], "", 100, build("city", 20), build("asn", 15))
}

func placesReplaced(t *testing.T, h *harness) {
	want := func(addresses []string, want ...store.Place) {
		t.Helper()
		got, err := h.Places(h.ctx(), addresses)
		for i := range want {
			want[i].Org = "Ou-topos \"O'\uFFFD\""
		}
		if err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("got %+v, %v\nwant %+v", got, err, want)
		}
	}
	put := func(addresses []string, places ...store.Place) {
		t.Helper()
		if err := h.PutPlaces(h.ctx(), addresses, places); err != nil {
			t.Fatal(err)
		}
	}
	six, four, other := "2001:db8::1", "192.0.2.1", "192.0.2.10"
	want([]string{six, four})
	put([]string{six, four, other}, placedOn(six, "city", 3, 3, "A"), placedOn(four, "city", 5, 6, "B"), placedOn(four, "asn", 1, 1, ""), placedOn(four, "city", 1, 2, "A"), placedOn(other, "city", 1, 2, "C"))
	want([]string{four}, placedOn(four, "asn", 1, 1, ""), placedOn(four, "city", 1, 2, "A"), placedOn(four, "city", 5, 6, "B"))
	want([]string{six, four, "192.0.2.2"}, placedOn(four, "asn", 1, 1, ""), placedOn(four, "city", 1, 2, "A"), placedOn(four, "city", 5, 6, "B"), placedOn(six, "city", 3, 3, "A"))
	put([]string{four}, placedOn(four, "city", 1, 9, "A"))
	want([]string{four}, placedOn(four, "city", 1, 9, "A"))
	h.reopen()
	want([]string{other}, placedOn(other, "city", 1, 2, "C"))
	rows := h.rows(`SELECT "Address", "Database", "City", "ASN", "BuiltFrom" = "KeptAt" FROM event."SpoorPlaces" WHERE "Address" = '` + four + `'`)
	h.want("rows of SpoorPlaces", rows, "192.0.2.1|city|A|4294967295|false")
	put([]string{four, other})
	want([]string{four, other, six}, placedOn(six, "city", 3, 3, "A"))
}

func placesGo(t *testing.T, h *harness) {
	batches := h.randomBatches(32)
	alone := batches[0].Sightings[0]
	alone.Entity = "198.51.100.7"
	batches[0].Sightings = append(batches[0].Sightings, alone)
	h.append(batches...)
	all := addressesOf(batches)
	var places []store.Place
	for _, a := range all {
		places = append(places, placedOn(a, "city", 1, 1, "A"))
	}
	if err := h.PutPlaces(h.ctx(), all, places); err != nil {
		t.Fatal(err)
	}
	gone := batches[0].Source.ID
	if err := h.RemoveSource(h.ctx(), gone); err != nil {
		t.Fatal(err)
	}
	left := addressesOf(slices.DeleteFunc(batches, func(b *store.Batch) bool { return b.Source.ID == gone }))
	got, err := h.Places(h.ctx(), all)
	if err != nil {
		t.Fatal(err)
	}
	var addresses []string
	for i := range got {
		addresses = append(addresses, got[i].Address)
	}
	if !slices.Equal(addresses, left) || slices.Contains(addresses, alone.Entity) {
		t.Errorf("places are left of %v, sightings of %v", addresses, left)
	}
}
