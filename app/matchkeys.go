package app

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"syncline/app/suggest"
	"syncline/sync/definition"
	"syncline/sync/engine"
	"syncline/sync/hubspot"
	"syncline/sync/mapping"
	"syncline/sync/record"
	"syncline/sync/source"
)

// KeyProgress says how far a check of match keys is.
type KeyProgress struct {
	Rows, Records int
	RecordsTotal  int // 0 while not known
	Calls         int
}

// KeyCheck is what all rows and all records show about the candidates for the
// match key. It keeps hashes of the values and ids of the records, never the
// values. It does not change and is safe for concurrent use.
type KeyCheck struct {
	Keys    []suggest.Key // the best first, judged by everything that was counted
	Rows    int
	Records int
	Calls   int // API calls that it took

	lines   []suggest.Line
	usable  []bool      // per row: readable, with a key of its own
	keys    []uint64    // per row: hash of the row key
	values  []uint64    // per row, per candidate: hash of the canonical value, 0 for none
	sharing []tally     // per candidate: usable rows by value
	holders []recordsOf // per candidate: records by value
	ids     []string    // of the records
	matcher *mapping.Matcher
}

type tally map[uint64]int32

type recordsOf map[uint64]holder

// holder is the record that has a value, the first one if there are several.
type holder struct{ n, first int32 }

// KeyLines are the pairs to be checked as match keys: those suggested for the
// field map, HubSpot's own id where a column says that it holds it, and more.
func (d *Draft) KeyLines(more ...suggest.Line) []suggest.Line {
	var lines []suggest.Line
	add := func(l suggest.Line) {
		if !slices.Contains(lines, l) {
			lines = append(lines, l)
		}
	}
	for _, c := range d.Schema.Columns {
		if suggest.NamesRecordID(c.Name) {
			add(suggest.Line{Field: c.Name, Property: "hs_object_id"})
		}
	}
	for _, p := range d.Pairs {
		add(suggest.Line{Field: p.Field, Property: p.Property})
	}
	known := suggest.Keys(d.Schema.Columns, d.Properties, lines, nil)
	lines = lines[:0]
	for _, k := range known {
		add(suggest.Line{Field: k.Field, Property: k.Property})
	}
	for _, l := range more {
		add(l)
	}
	return lines
}

// CheckKeys reads all rows and all records and counts how well each line would
// identify a row's record, exactly as a run would compare them. The progress
// function is called often and from several goroutines; it may be nil.
func (a *App) CheckKeys(ctx context.Context, d *Draft, lines []suggest.Line, progress func(KeyProgress)) (*KeyCheck, error) {
	if len(lines) == 0 {
		return &KeyCheck{}, nil
	}
	matcher, err := mapping.NewMatcher(d.matchDefinition(lines), engine.MapObject(d.Object), d.Properties)
	if err != nil {
		return nil, err
	}
	c := &keyCounter{KeyCheck: &KeyCheck{lines: lines, matcher: matcher}, draft: d, progress: progress}
	c.before = d.Portal.Client.Traffic().Total
	both, ctx := errgroup.WithContext(ctx)
	both.Go(func() error { return c.rows(ctx) })
	both.Go(func() error { return c.records(ctx) })
	if err := both.Wait(); err != nil {
		return nil, err
	}
	return c.finish(), nil
}

// matchDefinition is a definition that only matches: each line is a match key,
// and passes through the steps that are suggested for it, as it will when the
// pair is mapped.
func (d *Draft) matchDefinition(lines []suggest.Line) *definition.Definition {
	def := &definition.Definition{Direction: definition.ToHubSpot}
	for _, l := range lines {
		def.HubSpot.Match = append(def.HubSpot.Match, definition.MatchKey(l))
		def.Fields = append(def.Fields, d.keyField(l))
	}
	return def
}

// keyField is a line of the field map for a match key.
func (d *Draft) keyField(l suggest.Line) definition.Field {
	for _, f := range d.Definition.Fields {
		if f.Field == l.Field && f.Property == l.Property {
			f.Direction = definition.ToHubSpot
			return f
		}
	}
	f := definition.Field{Field: l.Field, Property: l.Property, Direction: definition.ToHubSpot, Conflict: definition.Review, Unmapped: "reject", Blank: "ignore"}
	for _, p := range d.Pairs {
		if p.Field == l.Field && p.Property == l.Property {
			f.ToHubSpot = p.Steps
		}
	}
	return f
}

// keyCounter is a check under way.
type keyCounter struct {
	*KeyCheck
	draft    *Draft
	progress func(KeyProgress)
	before   int // calls

	mu    sync.Mutex
	state KeyProgress

	rowMeasure, recordMeasure []suggest.Measure
}

func (c *keyCounter) tell(change func(*KeyProgress)) {
	c.mu.Lock()
	change(&c.state)
	c.state.Calls = c.draft.Portal.Client.Traffic().Total - c.before
	now := c.state
	c.mu.Unlock()
	if c.progress != nil {
		c.progress(now)
	}
}

// rows reads the source.
func (c *keyCounter) rows(ctx context.Context) error {
	src, err := c.draft.app.openSource(ctx, c.draft.Definition)
	if err != nil {
		return err
	}
	defer src.Close()
	copies := make(tally)
	for row, err := range src.Rows(ctx, time.Time{}) {
		if c.Rows++; c.Rows%tick == 0 {
			c.tell(func(p *KeyProgress) { p.Rows = c.Rows })
		}
		var bad *source.RowError
		if errors.As(err, &bad) {
			continue
		}
		if err != nil {
			return err
		}
		key := uint64(0)
		if row.Key != "" {
			key = maphash.String(hashSeed, row.Key)
			copies[key]++
		}
		c.keys = append(c.keys, key)
		for _, v := range c.matcher.Row(row.Fields) {
			c.values = append(c.values, hashOf(v))
		}
	}
	c.usable = make([]bool, len(c.keys))
	for i, k := range c.keys {
		c.usable[i] = k != 0 && copies[k] == 1
	}
	c.measureRows()
	c.tell(func(p *KeyProgress) { p.Rows = c.Rows })
	return ctx.Err()
}

func hashOf(v string) uint64 {
	if v == "" {
		return 0
	}
	return max(maphash.String(hashSeed, v), 1)
}

func (c *keyCounter) measureRows() {
	n := len(c.lines)
	c.rowMeasure, c.sharing = make([]suggest.Measure, n), make([]tally, n)
	for k := range c.lines {
		all, usable := make(map[uint64]struct{}), make(tally)
		m := suggest.Measure{Rows: c.Rows}
		for i := range c.keys {
			v := c.values[i*n+k]
			if v == 0 {
				continue
			}
			m.Filled++
			all[v] = struct{}{}
			if c.usable[i] {
				usable[v]++
			}
		}
		m.Distinct = len(all)
		c.rowMeasure[k], c.sharing[k] = m, usable
	}
}

// records walks the list of all records of the portal.
func (c *keyCounter) records(ctx context.Context) error {
	client, object := c.draft.Portal.Client, c.draft.Object.Name
	c.recordMeasure, c.holders = make([]suggest.Measure, len(c.lines)), make([]recordsOf, len(c.lines))
	for k := range c.holders {
		c.holders[k] = make(recordsOf)
	}
	// The search's total only serves the progress; not every type can be
	// searched.
	if found, err := client.Search(ctx, object, hubspot.SearchRequest{Limit: 1, Properties: []string{"hs_object_id"}}); err == nil {
		c.tell(func(p *KeyProgress) { p.RecordsTotal = found.Total })
	}
	return client.ListAll(ctx, object, hubspot.ListRequest{Properties: c.matcher.Properties()}, func(page []record.Record) error {
		for _, r := range page {
			c.record(r)
		}
		c.tell(func(p *KeyProgress) { p.Records = len(c.ids) })
		return nil
	})
}

func (c *keyCounter) record(r record.Record) {
	index := int32(len(c.ids))
	c.ids = append(c.ids, r.ID)
	for k, values := range c.matcher.Record(r.Properties) {
		m := &c.recordMeasure[k]
		for i, v := range values {
			hash := hashOf(v)
			h, ok := c.holders[k][hash]
			switch {
			case !ok:
				h = holder{n: 1, first: index}
			case h.first != index: // the same record may name an address twice
				h.n++
			}
			c.holders[k][hash] = h
			if i == 0 {
				m.Filled++
				if h.n == 1 {
					m.Distinct++
				}
			}
		}
	}
}

// finish judges the candidates by what was counted.
func (c *keyCounter) finish() *KeyCheck {
	c.Records = len(c.ids)
	c.Calls = c.draft.Portal.Client.Traffic().Total - c.before
	for k, l := range c.lines {
		c.recordMeasure[k].Rows = c.Records
		c.Keys = append(c.Keys, suggest.JudgeKey(l, c.draft.Properties, c.rowMeasure[k], c.recordMeasure[k]))
	}
	suggest.RankKeys(c.Keys)
	return c.KeyCheck
}

// KeyMatch is what becomes of a row by the chosen match keys.
type KeyMatch uint8

// The ways in which a row can be matched.
const (
	MatchNone    KeyMatch = iota // no record has its values
	MatchOne                     // exactly one record, and no other row claims it
	MatchSeveral                 // several records, or several rows, or both: a person decides
	MatchBarred                  // the row takes no part: its row key is empty or not its own
)

// KeyOutcome is what a run would match by match keys in their order.
type KeyOutcome struct {
	None, One, Several int
	Barred             int   // rows that can't take part for their row key
	By                 []int // matched to one record, by each key in the order
	order              []int
	state              []KeyMatch
	by                 []int8  // per row: the number of the key that decided
	record             []int32 // per row
}

// Outcome matches all rows by the keys in their order, by the rules of a run:
// the first key by which anything is found decides, and only a pair that is
// one to one is a match.
func (c *KeyCheck) Outcome(order ...suggest.Line) (KeyOutcome, error) {
	o := KeyOutcome{By: make([]int, len(order))}
	for _, l := range order {
		k := slices.Index(c.lines, l)
		if k < 0 {
			return o, fmt.Errorf("the pair of %q and %q was not checked", l.Field, l.Property)
		}
		o.order = append(o.order, k)
	}
	n := len(c.lines)
	o.state, o.by, o.record = make([]KeyMatch, len(c.keys)), make([]int8, len(c.keys)), make([]int32, len(c.keys))
	taken := make(map[int32]int32) // record -> rows that reached it
	for ord, k := range o.order {
		reached := make(map[int32]int32)
		for i := range c.keys {
			v := c.values[i*n+k]
			if o.state[i] != MatchNone || !c.usable[i] || v == 0 {
				continue
			}
			h, rivals := c.holders[k][v], c.sharing[k][v]
			switch {
			case h.n == 0 && rivals <= 1:
				continue
			case h.n == 1 && rivals == 1 && taken[h.first] == 0:
				o.state[i], o.record[i] = MatchOne, h.first
				reached[h.first]++
			default:
				o.state[i] = MatchSeveral
			}
			o.by[i] = int8(ord)
		}
		for r, rows := range reached {
			taken[r] += rows
		}
	}
	for i := range o.state {
		switch {
		case !c.usable[i]:
			o.state[i] = MatchBarred
		case o.state[i] == MatchOne && taken[o.record[i]] > 1:
			o.state[i] = MatchSeveral // two rows reach one record
		}
		o.count(i)
	}
	o.Barred += c.Rows - len(c.keys) // unreadable
	return o, nil
}

func (o *KeyOutcome) count(i int) {
	switch o.state[i] {
	case MatchNone:
		o.None++
	case MatchOne:
		o.One++
		o.By[o.by[i]]++
	case MatchSeveral:
		o.Several++
	case MatchBarred:
		o.Barred++
	}
}

// UseMatch makes the keys those of the draft, and gives each that can be
// written a line in the field map if it has none: a record that a run creates
// must be found by the next one.
func (d *Draft) UseMatch(order ...suggest.Line) {
	d.Definition.HubSpot.Match = nil
	for _, l := range order {
		d.Definition.HubSpot.Match = append(d.Definition.HubSpot.Match, definition.MatchKey(l))
	}
	d.MapMatchKeys()
}

// MapMatchKeys adds the lines of the field map that the match keys need and
// the map lacks. A property that another field fills keeps that one.
func (d *Draft) MapMatchKeys() {
	for _, m := range d.Definition.HubSpot.Match {
		i := slices.IndexFunc(d.Properties, func(p record.Property) bool { return p.Name == m.Property })
		mapped := slices.ContainsFunc(d.Definition.Fields, func(f definition.Field) bool { return f.Property == m.Property })
		if mapped || i < 0 || !d.Properties[i].Writable() {
			continue
		}
		f := d.keyField(suggest.Line(m))
		f.Direction = d.Definition.Direction
		if _, back := f.WayBack(); !back {
			f.Direction = definition.ToHubSpot
		}
		d.Definition.Fields = append(d.Definition.Fields, f)
	}
}
