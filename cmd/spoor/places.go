package main

import (
	"context"
	"log/slog"
	"time"

	"spoor/internal/enrich"
)

// placesWait is how long places are not kept while something is being taken in.
const placesWait = time.Minute

// placesTurn says when places are to be kept: when the store has changed since they were and
// has come to rest, or for long has not.
type placesTurn struct {
	kept, seen int64 // versions of the store; -1: none
	last       time.Time
}

// due reports whether it is time, each time it is asked at an interval that is long for a
// store that something is taken into.
func (t *placesTurn) due(version int64, now time.Time) bool {
	resting := version == t.seen
	t.seen = version
	return version != t.kept && (resting || now.Sub(t.last) >= placesWait)
}

// done notes that the places were kept of a version.
func (t *placesTurn) done(version int64, now time.Time) { t.kept, t.last = version, now }

func (svc *service) placeKeeper() *enrich.Keeper {
	return &enrich.Keeper{Databases: svc.geo, Store: svc.events, Now: time.Now}
}

// keepPlaces keeps what the geo databases say of addresses while the service runs. The
// channel closes when it ended.
func (svc *service) keepPlaces(ctx context.Context) <-chan struct{} {
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(housekeepingInterval)
		defer tick.Stop()
		keeper, turn := svc.placeKeeper(), placesTurn{kept: -1, seen: -1, last: time.Now()}
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
			began, version := time.Now(), svc.events.Version()
			if !turn.due(version, began) {
				continue
			}
			addresses, err := keeper.Keep(ctx)
			if err != nil && ctx.Err() == nil {
				svc.log.Warn("places not kept", slog.Any("error", err))
			}
			if addresses > 0 {
				svc.log.Info("places kept", slog.Int("addresses", addresses), slog.Duration("took", time.Since(began)))
			}
			turn.done(version, time.Now())
		}
	}()
	return ended
}
