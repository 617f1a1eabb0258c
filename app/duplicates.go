package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"syncline/app/shown"
	"syncline/app/suggest"
	"syncline/store"
	"syncline/sync/definition"
	"syncline/sync/duplicates"
	"syncline/sync/engine"
	"syncline/sync/hubspot"
	"syncline/sync/mapping"
	"syncline/sync/plan"
	"syncline/sync/record"
	"syncline/sync/source"
)

// Likeness is what a pair of two that look like one would mean for a load.
type Likeness uint8

// The kinds of pairs, the ones that a load would make worse first.
const (
	TwinAnew    Likeness = iota // a row and a record: a load would make the record once more
	TwinRows                    // two rows: a load would make two records, or ask
	TwinRecords                 // two records: the portal has it twice already
	TwinJoined                  // a row and a record that a match key joins, though all else differs
	twinKinds
)

// Title names a kind of pairs.
func (k Likeness) Title() string {
	return [...]string{"In HubSpot already", "Twice in the source", "Twice in HubSpot", "Joined, though unlike"}[k]
}

// About says what pairs of a kind are.
func (k Likeness) About() string {
	return [...]string{
		"A row and a record that no match key joins and that look like one. Left as they are, a load makes the record once more.",
		"Two rows that look like one. Left as they are, a load makes a record of each, or asks in Review where they share a match key.",
		"Two records that look like one. A load changes nothing about that.",
		"A row and a record that a match key joins, though all else about them differs. Left as they are, a load writes the row onto the record.",
	}[k]
}

// DuplicateProgress says how far the search is.
type DuplicateProgress struct {
	Rows, Records int
	RecordsTotal  int // 0 while not known
	Calls         int
	Compared, Of  int // pairs
}

// TwinSide is one of two that look like one.
type TwinSide struct {
	Row   bool   // of the source, else a record
	ID    string // the row's key or the record's id
	Name  string
	Notes []string // by what else it is known: address, number, domain
}

// TwinVerdict is what a person said of a pair: "same", "different", or "" for nothing yet.
type TwinVerdict = store.Verdict

// Twins is a pair that looks like one.
type Twins struct {
	Kind    Likeness
	Score   float64
	A, B    TwinSide
	Reasons []TwinReason
	Verdict TwinVerdict // what a person said of it, "" before
}

// TwinReason is what speaks for or against a pair.
type TwinReason struct {
	Text string
	For  bool
}

// Duplicates are the pairs that look like one among the rows of a sync and a portal's records, or
// among the records alone. What is said of pairs is said one at a time; what was said may be asked
// meanwhile.
type Duplicates struct {
	Records *Records
	Rows    int // that were looked at; 0 without a source
	Looked  int // records
	Matched int // rows that a match key joins with the record that they look like
	Crowds  int // values that too many share to be looked at
	Left    int // pairs beyond the number that is listed
	Path    string
	Name    string // of the sync, "" for records alone
	Calls   int

	app    *App
	draft  *Draft
	lines  []suggest.Line
	keys   []string   // the match keys as people know them
	mu     sync.Mutex // guards pairs and sync
	pairs  []Twins
	sync   store.Sync               // ID 0 before the sync was known to the workspace
	cells  map[string]record.Values // of the rows in pairs, by key
	merger *engine.Merger
}

// Pairs are the pairs of a kind by their numbers, the likeliest first.
func (d *Duplicates) Pairs(kind Likeness) []int {
	d.mu.Lock()
	defer d.mu.Unlock()
	var all []int
	for i, p := range d.pairs {
		if p.Kind == kind {
			all = append(all, i)
		}
	}
	return all
}

// At is a pair by its number.
func (d *Duplicates) At(i int) Twins {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.pairs[i]
}

// say notes what was said of a pair.
func (d *Duplicates) say(i int, v TwinVerdict) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.pairs[i].Verdict = v
}

// Open counts the pairs of a kind that wait for a word.
func (d *Duplicates) Open(kind Likeness) (n int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, p := range d.pairs {
		if p.Kind == kind && p.Verdict == "" {
			n++
		}
	}
	return n
}

// FindDuplicates looks through all rows of a sync and all records of its portal's object type for
// what looks like one. Nothing is written. What was decided before is not told again.
func (a *App) FindDuplicates(ctx context.Context, path string, words *shown.Words, progress func(DuplicateProgress)) (*Duplicates, error) {
	if d, err := definition.Load(path); err == nil && d.Deliver != nil {
		return nil, &UseError{Msg: "the rows of this sync are sent to HubSpot and become no records: there is nothing that could be there twice"}
	}
	draft, err := a.OpenDraft(ctx, path)
	if err != nil {
		return nil, err
	}
	if draft.Definition.Associate != nil {
		return nil, &UseError{Msg: "the rows of this sync are associations: there is nothing that could be there twice"}
	}
	r, err := a.Records(ctx, draft.Portal.Name, draft.Object.Path(), words)
	if err != nil {
		return nil, err
	}
	d := &Duplicates{Records: r, app: a, draft: draft, Path: draft.Definition.Path, Name: draft.Definition.Name}
	for _, m := range draft.Definition.HubSpot.Match {
		d.lines = append(d.lines, suggest.Line(m))
		d.keys = append(d.keys, m.Field)
	}
	d.sync, err = a.Store.FindSync(ctx, store.Sync{UID: draft.Definition.ID, Path: absolute(d.Path), PortalID: r.Portal.PortalID, Object: r.Object.ID})
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return nil, err
	}
	err = d.find(ctx, progress)
	return d, err
}

// FindTwinRecords looks through all records of an object type for such that look like one.
func (a *App) FindTwinRecords(ctx context.Context, portal, object string, words *shown.Words, progress func(DuplicateProgress)) (*Duplicates, error) {
	r, err := a.Records(ctx, portal, object, words)
	if err != nil {
		return nil, err
	}
	d := &Duplicates{Records: r, app: a}
	err = d.find(ctx, progress)
	return d, err
}

// search is a search under way.
type search struct {
	*Duplicates
	matcher  *mapping.Matcher
	traits   []trait
	progress func(DuplicateProgress)
	before   int // calls

	mu    sync.Mutex
	state DuplicateProgress
}

func (s *search) tell(change func(*DuplicateProgress)) {
	s.mu.Lock()
	change(&s.state)
	s.state.Calls = s.Records.Client.Traffic().Total - s.before
	now := s.state
	s.mu.Unlock()
	if s.progress != nil {
		s.progress(now)
	}
}

func (d *Duplicates) find(ctx context.Context, progress func(DuplicateProgress)) error {
	s := &search{Duplicates: d, traits: traitsOf(d.Records), progress: progress, before: d.Records.Client.Traffic().Total}
	d.merger = &engine.Merger{Store: d.app.Store, Client: d.Records.Client, PortalID: d.Records.Portal.PortalID, Object: d.Records.Object, Person: person(), Properties: d.Records.Properties}
	if _, err := d.merger.Settle(ctx); err != nil {
		return err
	}
	if len(d.lines) > 0 {
		var err error
		if s.matcher, err = mapping.NewMatcher(d.draft.matchDefinition(d.lines), engine.MapObject(d.Records.Object), d.Records.Properties); err != nil {
			return err
		}
	}
	var rows, recs []duplicates.Entry
	both, bctx := errgroup.WithContext(ctx)
	if d.draft != nil {
		both.Go(func() (err error) { rows, err = s.rows(bctx); return err })
	}
	both.Go(func() (err error) { recs, err = s.records(bctx); return err })
	if err := both.Wait(); err != nil {
		return err
	}
	d.Rows, d.Looked = len(rows), len(recs)
	entries := append(rows, recs...)
	found, err := duplicates.Find(ctx, entries, duplicates.Options{Progress: func(done, of int) {
		s.tell(func(p *DuplicateProgress) { p.Compared, p.Of = done, of })
	}})
	if err != nil {
		return err
	}
	d.Crowds, d.Left = found.Crowds, found.Left
	if err := d.sort(ctx, entries, found.Pairs); err != nil {
		return err
	}
	d.Calls = d.Records.Client.Traffic().Total - s.before
	return d.readCells(ctx)
}

// rows reads the source.
func (s *search) rows(ctx context.Context) ([]duplicates.Entry, error) {
	src, err := s.app.openSource(ctx, s.draft.Definition)
	if err != nil {
		return nil, err
	}
	defer src.Close()
	lines := s.draft.traitLines(s.traits)
	facts := s.draft.Facts()
	seen := make(map[string]bool)
	var all []duplicates.Entry
	n := 0
	for row, err := range src.Rows(ctx, time.Time{}) {
		if n++; n%tick == 0 {
			s.tell(func(p *DuplicateProgress) { p.Rows = n })
		}
		var bad *source.RowError
		if errors.As(err, &bad) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if row.Key == "" || seen[row.Key] {
			continue // no sync tells such rows apart either
		}
		seen[row.Key] = true
		e := duplicates.Entry{Side: duplicates.Row, ID: row.Key}
		if s.matcher != nil {
			e.Keys = s.matcher.Row(row.Fields)
		}
		for i, t := range s.traits {
			var parts []string
			for _, line := range lines[i] {
				if v := facts.cell(line.field, line.property, row.Fields); v != "" {
					parts = append(parts, v)
				}
			}
			e.Traits = t.add(e.Traits, parts)
		}
		all = append(all, e)
	}
	s.tell(func(p *DuplicateProgress) { p.Rows = n })
	return all, ctx.Err()
}

// cell is what a line makes of a row, or the cell as it stands where that can't be read.
func (f Facts) cell(line definition.Field, p record.Property, row record.Values) string {
	if v, err := mapping.Convert(line, p, row, f.Env); err == nil {
		return v.String()
	}
	return row[line.Field].String()
}

// records lists the portal's records.
func (s *search) records(ctx context.Context) ([]duplicates.Entry, error) {
	properties := slices.Clone(s.Records.Object.Primary)
	for _, t := range s.traits {
		properties = append(properties, t.properties...)
	}
	if s.matcher != nil {
		properties = append(properties, s.matcher.Properties()...)
	}
	properties = append(properties, mapping.Merged)
	slices.Sort(properties)
	properties = slices.Compact(properties)
	object := s.Records.Object
	if !object.NoSearch {
		page, err := s.Records.Client.Search(ctx, object.Path(), hubspot.SearchRequest{Limit: 1, Properties: []string{"hs_object_id"}})
		if err == nil {
			s.tell(func(p *DuplicateProgress) { p.RecordsTotal = page.Total })
		}
	}
	var all []duplicates.Entry
	err := s.Records.Client.ListAll(ctx, object.Path(), hubspot.ListRequest{Properties: properties}, func(page []record.Record) error {
		if err := s.followMerges(ctx, page); err != nil {
			return err
		}
		for _, r := range page {
			e := duplicates.Entry{Side: duplicates.Record, ID: r.ID}
			if s.matcher != nil {
				for _, values := range s.matcher.Record(r.Properties) {
					e.Keys = append(e.Keys, cmp.Or(append(values, "")...))
				}
			}
			for _, t := range s.traits {
				var parts []string
				for _, name := range t.properties {
					if v := r.Properties[name].String(); v != "" {
						parts = append(parts, v)
					}
				}
				e.Traits = t.add(e.Traits, parts)
			}
			all = append(all, e)
		}
		s.tell(func(p *DuplicateProgress) { p.Records = len(all) })
		return nil
	})
	return all, err
}

// followMerges lets what was said of records that were merged hold for those that they live on as.
func (s *search) followMerges(ctx context.Context, page []record.Record) error {
	into := make(map[string]string)
	for _, r := range page {
		for _, id := range strings.Split(r.Properties[mapping.Merged].String(), ";") {
			if id != "" && id != r.ID {
				into[id] = r.ID
			}
		}
	}
	if len(into) == 0 {
		return nil
	}
	named, err := s.app.Store.NamedAmong(ctx, s.Records.Portal.PortalID, s.Records.Object.ID, slices.Sorted(maps.Keys(into)))
	for _, id := range named {
		if err == nil {
			err = s.app.Store.FollowMerge(ctx, s.Records.Portal.PortalID, s.Records.Object.ID, id, into[id])
		}
	}
	return err
}

// trait is what is compared of an object type's records: properties that make one trait together, or
// each one of its own.
type trait struct {
	kind       duplicates.Kind
	properties []string
	joined     bool
}

// add adds what an entry has of a trait.
func (t trait) add(all []duplicates.Trait, parts []string) []duplicates.Trait {
	if t.joined && len(parts) > 0 {
		return append(all, duplicates.Trait{Kind: t.kind, Text: strings.Join(parts, " ")})
	}
	for _, p := range parts {
		for one := range strings.SplitSeq(p, ";") {
			all = append(all, duplicates.Trait{Kind: t.kind, Text: one})
		}
	}
	return all
}

// traitsOf says what is compared of the records of an object type.
func traitsOf(r *Records) []trait {
	var all []trait
	add := func(kind duplicates.Kind, joined bool, names ...string) {
		t := trait{kind: kind, joined: joined}
		for _, name := range names {
			if _, ok := r.Property(name); ok && name != "" && !slices.Contains(t.properties, name) {
				t.properties = append(t.properties, name)
			}
		}
		if len(t.properties) > 0 {
			all = append(all, t)
		}
	}
	var name, emails, phones []string
	for _, p := range r.Object.Primary {
		if p == "firstname" || p == "lastname" || len(name) == 0 && p != r.Object.Email {
			name = append(name, p)
		}
	}
	for _, p := range r.Properties {
		switch {
		case p.Type == record.TypePhone, p.FieldType == "phonenumber", p.Name == "phone", p.Name == "mobilephone":
			if !p.Calculated && !p.ReadOnly {
				phones = append(phones, p.Name)
			}
		case p.Name == r.Object.Email, p.Name == "hs_additional_emails", r.Object.Custom() && strings.Contains(p.Name, "email") && p.Type == record.TypeString:
			emails = append(emails, p.Name)
		}
	}
	add(duplicates.Name, true, name...)
	add(duplicates.Email, false, emails...)
	add(duplicates.Phone, false, phones...)
	if r.Object.Domain != "" || r.Object.Custom() {
		add(duplicates.Domain, false, r.Object.Domain, "website")
	}
	add(duplicates.Address, true, "address", "address2")
	add(duplicates.Place, false, "zip")
	return all
}

// traitLine is the line of the field map by which a row has a property.
type traitLine struct {
	field    definition.Field
	property record.Property
}

// traitLines are, for each trait, the lines that fill its properties: those of the field map, or while
// nothing is mapped, those that are suggested.
func (d *Draft) traitLines(traits []trait) [][]traitLine {
	all := make([][]traitLine, len(traits))
	for i, t := range traits {
		for _, name := range t.properties {
			p := slices.IndexFunc(d.Properties, func(p record.Property) bool { return p.Name == name })
			f := slices.IndexFunc(d.Definition.Fields, func(f definition.Field) bool { return f.Property == name && f.Field != "" })
			switch {
			case p < 0:
			case f >= 0:
				all[i] = append(all[i], traitLine{d.Definition.Fields[f], d.Properties[p]})
			case len(d.Definition.Fields) == 0:
				if k := slices.IndexFunc(d.Pairs, func(x suggest.Pair) bool { return x.Property == name }); k >= 0 {
					all[i] = append(all[i], traitLine{d.keyField(suggest.Line{Field: d.Pairs[k].Field, Property: name}), d.Properties[p]})
				}
			}
		}
	}
	return all
}

// sort says of each pair what it means, and leaves out those that nobody needs to look at: linked,
// decided, or joined by a match key with what they look like.
func (d *Duplicates) sort(ctx context.Context, entries []duplicates.Entry, pairs []duplicates.Pair) error {
	links, err := d.app.Store.LinkedRecords(ctx, d.sync.ID)
	if err != nil {
		return err
	}
	decided, err := d.app.Store.Twins(ctx, d.Records.Portal.PortalID, d.Records.Object.ID, d.sync.ID)
	if err != nil {
		return err
	}
	rulings, err := d.app.Store.Rulings(ctx, d.sync.ID)
	if err != nil {
		return err
	}
	known := make(map[[2]store.TwinEnd]bool)
	for _, t := range decided {
		known[[2]store.TwinEnd{t.A, t.B}], known[[2]store.TwinEnd{t.B, t.A}] = true, true
	}
	byKey := make(map[int]int) // of a row or record, with how many of the other side a match key joins it
	shares := func(p duplicates.Pair) bool {
		return slices.ContainsFunc(p.Reasons, func(r duplicates.Reason) bool { return r.Key >= 0 })
	}
	mixed := func(p duplicates.Pair) bool { return entries[p.A].Side != entries[p.B].Side }
	for _, p := range pairs {
		if mixed(p) && shares(p) {
			byKey[p.A]++
			byKey[p.B]++
		}
	}
	for _, p := range pairs {
		a, b := entries[p.A], entries[p.B]
		if known[[2]store.TwinEnd{endOf(a), endOf(b)}] {
			continue
		}
		t := Twins{Score: p.Score, Kind: TwinRows}
		switch {
		case mixed(p):
			if k := rulings[a.ID].Kind; links[a.ID] != "" || k == plan.RuleSame || k == plan.RuleOut { // rows come first
				continue
			}
			switch {
			case shares(p) && byKey[p.A] == 1 && byKey[p.B] == 1 && p.Score >= 0.5:
				d.Matched++
				continue
			case shares(p) && byKey[p.A] == 1 && byKey[p.B] == 1:
				t.Kind = TwinJoined
			case byKey[p.A] > 0:
				continue // its match keys find records, and Review asks where they are several
			default:
				t.Kind = TwinAnew
			}
		case a.Side == duplicates.Record:
			t.Kind = TwinRecords
		}
		t.A, t.B = sideOf(a), sideOf(b)
		for _, r := range p.Reasons {
			t.Reasons = append(t.Reasons, d.reason(r))
		}
		d.pairs = append(d.pairs, t)
	}
	slices.SortStableFunc(d.pairs, func(x, y Twins) int { return cmp.Compare(x.Kind, y.Kind) })
	return nil
}

func endOf(e duplicates.Entry) store.TwinEnd {
	if e.Side == duplicates.Row {
		return store.RowEnd(e.ID)
	}
	return store.RecordEnd(e.ID)
}

func sideOf(e duplicates.Entry) TwinSide {
	s := TwinSide{Row: e.Side == duplicates.Row, ID: e.ID}
	for _, t := range e.Traits {
		switch {
		case t.Kind == duplicates.Name && s.Name == "":
			s.Name = t.Text
		case t.Text != "":
			s.Notes = append(s.Notes, t.Text)
		}
	}
	if s.Name == "" {
		s.Name = e.ID
		if len(s.Notes) > 0 {
			s.Name = s.Notes[0]
			s.Notes = s.Notes[1:]
		}
	}
	return s
}

// traitWords name the kinds of traits within a sentence, one and several.
var traitWords = [...][2]string{{"name", "names"}, {"e-mail address", "e-mail addresses"}, {"phone number", "phone numbers"}, {"domain", "domains"}, {"address", "addresses"}, {"postal code", "postal codes"}}

func (d *Duplicates) reason(r duplicates.Reason) TwinReason {
	if r.Key >= 0 {
		return TwinReason{fmt.Sprintf("Both have %s, a match key", quotedKey(d.keys[r.Key], r.A)), true}
	}
	w := traitWords[r.Kind]
	switch r.Level {
	case duplicates.Equal:
		return TwinReason{"The same " + w[0], true}
	case duplicates.Alike:
		return TwinReason{"Alike " + w[1], r.Bits > 0}
	case duplicates.Unlike:
	}
	return TwinReason{"Different " + w[1], false}
}

func quotedKey(field, value string) string { return fmt.Sprintf("%s “%s”", field, value) }
