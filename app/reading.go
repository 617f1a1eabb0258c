package app

import (
	"context"
	"fmt"
	"slices"
	"time"

	"syncline/sync/source"
)

// Reading says how a draft's file is read, as far as a person decides it.
type Reading struct {
	Encoding  string // "" is found out
	HeaderRow int    // 0 is found out
	// Blanks are the words that mean "empty". NoBlanks says that none of those
	// that were found does.
	Blanks   []string
	NoBlanks bool
}

// Reading is how the draft's file is read now.
func (d *Draft) Reading() Reading {
	s := d.Definition.Source
	return Reading{s.Encoding, s.HeaderRow, s.Blanks, s.NoBlanks}
}

// Encodings are the ways in which the characters of the draft's file may be
// read, the likeliest first, each with what it makes of some words; none where
// there is no question. Open says that it has to be answered.
func (d *Draft) Encodings() (choices []source.Choice, open bool) {
	for _, q := range d.Schema.Open {
		if q.Key == "encoding" {
			return q.Choices, true
		}
	}
	return d.encodings, false
}

// Words are the words of the file that may mean "empty".
func (d *Draft) Words() []string {
	words := slices.Clone(d.Definition.Source.Blanks)
	for _, w := range slices.Concat(d.words, d.Schema.Words) {
		if !slices.Contains(words, w) {
			words = append(words, w)
		}
	}
	return words
}

// ZoneOpen names the columns of the draft with times of which it is not known in which
// zone they are; none where that was answered.
func (d *Draft) ZoneOpen() []string {
	var columns []string
	for _, q := range d.Schema.Open {
		if q.Key == "zone" {
			columns = append(columns, q.Column)
		}
	}
	return columns
}

// UseZone says in which zone the times are that name none, such as Europe/Berlin, and
// reads the source anew; d itself stays as it is.
func (a *App) UseZone(ctx context.Context, d *Draft, zone string) (*Draft, error) {
	if _, err := time.LoadLocation(zone); err != nil || zone == "" || zone == "Local" {
		return nil, &UseError{Msg: fmt.Sprintf("there is no time zone %q: write it as Europe/Berlin or America/New_York, or UTC", zone)}
	}
	again := d.Clone()
	again.Definition.Source.Zone = zone
	err := again.readSource(ctx)
	return again, err
}

// Reread reads the draft's file in another way. What rested on its columns is
// found anew; d itself stays as it is.
func (a *App) Reread(ctx context.Context, d *Draft, r Reading) (*Draft, error) {
	again := d.Clone()
	again.encodings, _ = d.Encodings()
	again.words = d.Words()
	s := &again.Definition.Source
	s.Encoding, s.HeaderRow, s.Blanks, s.NoBlanks = r.Encoding, r.HeaderRow, slices.Clone(r.Blanks), r.NoBlanks && len(r.Blanks) == 0
	s.Key, s.Modified = nil, ""
	if err := again.readSource(ctx); err != nil {
		return nil, err
	}
	return again, nil
}
