package tabular

import (
	"strings"
	"time"

	"syncline/sync/record"
	"syncline/sync/source"
)

// SampleSize is how many rows a profile looks at, at most.
const SampleSize = 1000

// A sample ends earlier where the rows are so wide or long that it would take
// more than this.
const (
	sampleCells = 1_000_000
	sampleBytes = 16 << 20
)

// Profile gathers what a sample of rows shows about each column.
type Profile struct {
	// Texts says that the cells have no types, so that marks in numbers may be of
	// any country.
	Texts   bool
	names   []string
	rows    int
	cells   int // of the rows
	bytes   int // of the values
	columns []columnProfile
}

type columnProfile struct {
	filled   int
	values   []string // the filled ones, for the guess
	distinct map[string]struct{}
	samples  []string
}

// NewProfile returns an empty profile of the header's columns.
func NewProfile(h Header) *Profile {
	p := &Profile{names: h.Names, columns: make([]columnProfile, len(h.Names))}
	for i := range p.columns {
		p.columns[i].distinct = map[string]struct{}{}
	}
	return p
}

// Full reports whether the sample is complete.
func (p *Profile) Full() bool {
	return p.rows >= SampleSize || p.cells >= sampleCells || p.bytes >= sampleBytes
}

// Add looks at one row.
func (p *Profile) Add(fields record.Values) {
	if p.Full() {
		return
	}
	p.rows++
	p.cells += len(p.names)
	for i, name := range p.names {
		value := fields[name].String()
		if strings.TrimSpace(value) == "" {
			continue
		}
		c := &p.columns[i]
		c.filled++
		p.bytes += len(value)
		c.values = append(c.values, value)
		if _, seen := c.distinct[value]; seen {
			continue
		}
		c.distinct[value] = struct{}{}
		if len(c.samples) < 3 {
			c.samples = append(c.samples, value)
		}
	}
}

// Columns returns the columns with what the sample showed.
func (p *Profile) Columns() []source.Column {
	out := make([]source.Column, len(p.names))
	for i, name := range p.names {
		c := p.columns[i]
		out[i] = source.Column{
			Name: name, Type: record.Guess(c.values),
			Sampled: p.rows, Filled: c.filled, Unique: len(c.distinct), Samples: c.samples,
		}
		if p.Texts {
			out[i].Point = record.PointOf(c.values)
		}
	}
	return out
}

// times are the forms in which a modification time is understood, most exact
// first. Those without a zone are read in the zone of the source's options.
var times = []string{
	time.RFC3339Nano, "2006-01-02 15:04:05Z07:00", "2006-01-02 15:04:05 -0700", "2006-01-02 15:04:05 MST",
	"2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02T15:04", "2006-01-02 15:04", "2006-01-02",
	"02.01.2006 15:04:05", "02.01.2006 15:04", "02.01.2006",
}

// ParseModified reads a row's time of change, zero when it is not one or not
// known exactly: one that names no zone is read in the given one, and without
// it, nil, could be off by hours.
func ParseModified(s string, zone *time.Location) time.Time {
	t, layout := parseTime(s, zone)
	if zone == nil && !zoned(layout) {
		return time.Time{}
	}
	return t
}

// ModifiedStep is the unit in which a time of change is told: the change came at
// the time or up to a step later. 0 is a second or less, or no time at all.
func ModifiedStep(s string) time.Duration {
	t, layout := parseTime(s, nil)
	switch {
	case t.IsZero() || strings.Contains(layout, ":05"):
		return 0
	case strings.Contains(layout, "15:04"):
		return time.Minute
	}
	return 25 * time.Hour // the longest day
}

// LacksZone reports whether a text is a time of change that names no zone.
func LacksZone(s string) bool {
	t, layout := parseTime(s, nil)
	return !t.IsZero() && !zoned(layout)
}

// zoned reports whether a form of times names their zone.
func zoned(layout string) bool {
	return strings.Contains(layout, "07") || strings.HasSuffix(layout, "MST")
}

// parseTime reads a time in one of the forms, which it returns; "" for none.
func parseTime(s string, zone *time.Location) (t time.Time, layout string) {
	if zone == nil {
		zone = time.UTC
	}
	s = strings.TrimSpace(s)
	for _, layout := range times {
		t, err := time.ParseInLocation(layout, s, zone)
		if err != nil {
			continue
		}
		if strings.HasSuffix(layout, "MST") {
			// An abbreviation that is not of the zone itself is read as if it were UTC.
			if name, offset := t.Zone(); offset == 0 && name != "UTC" && name != "GMT" {
				continue
			}
		}
		return t, layout
	}
	return time.Time{}, ""
}
