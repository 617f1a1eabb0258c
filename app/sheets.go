package app

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"syncline/app/suggest"
	"syncline/sync/hubspot"
	"syncline/sync/record"
	"syncline/sync/source"
	"syncline/sync/source/opener"
)

// SheetSet is a set that is being made of sheets and files: what was read of
// them, how they are connected, and what each becomes. Copies share what was
// read.
type SheetSet struct {
	Name   string
	Portal string // the connection that its syncs write to, "" for the only one
	Sheets []Sheet
	Links  []SheetLink
}

// Sheet is one sheet or file of a SheetSet.
type Sheet struct {
	Path, Sheet string // Sheet is "" of a file without any
	Name        string // of the sync that it becomes
	Err         error  // it can't be read; nothing else is known then
	Draft       *Draft
	Rows        int
	Keys        []string       // columns that identify its rows, the chosen one first
	Key         string         // "" where no column does
	Guess       suggest.Object // what its rows seem to be
	Object      string         // the object type that its rows become records of
	Roles       *suggest.Roles // its rows may be associations; nil where they are not
	AsRoles     bool           // they are taken as that
	Label       string         // of associations: the column that names them, "" for none
	Match       string         // the column by which records are found, "" for none
	Out         bool           // it takes no part
	TwoWay      bool           // values flow both ways; else to HubSpot only, and the file is never written
	Skip        bool           // a row without a record is skipped instead of creating one
	Pairs       []SheetPair    // that are suggested for its columns
	chosen      bool           // a person chose the object type
	read        string         // portal and object type that Draft was chosen for
	only, asked string         // why it can't be written, and the key for which that was found out

	values map[string]*suggest.Distinct
}

// SheetPair is a suggested line of the field map of a sheet's sync.
type SheetPair struct {
	suggest.Pair
	Title string // of the property
	On    bool   // it is accepted
	// Trouble says why it can't be accepted here, "" where it can: the field map has ways out.
	Trouble string
	// OneWay says why it flows to HubSpot only where the sheet flows both ways, "" where it
	// flows back too.
	OneWay string
	// Examples show what its steps change, for who accepts it.
	Examples []Example
}

// SheetLink is a column of one sheet that names rows of another.
type SheetLink struct {
	suggest.Link
	On bool // the set associates by it
}

// ReadSheets reads files and all sheets of workbooks, every row of them, and
// finds how they are connected. progress is told what is being read and may be
// nil. A sheet that can't be read says why and takes no part.
func (a *App) ReadSheets(ctx context.Context, paths []string, progress func(what string, rows int)) (*SheetSet, error) {
	s := &SheetSet{}
	for _, path := range paths {
		sheets, err := sheetsOf(path)
		if err != nil {
			s.Sheets = append(s.Sheets, Sheet{Path: path, Name: stem(path), Err: err, Out: true})
			continue
		}
		for _, sheet := range sheets {
			one := a.readSheet(ctx, path, sheet, len(sheets) > 1, progress)
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			s.Sheets = append(s.Sheets, one)
		}
	}
	s.name(paths)
	s.connect(nil)
	return s, nil
}

// sheetsOf are the sheets of a workbook, "" of any other file.
func sheetsOf(path string) ([]string, error) {
	_, sheets, err := opener.Detect(path)
	if err == nil && len(sheets) == 0 {
		sheets = []string{""}
	}
	return sheets, err
}

func stem(path string) string {
	name, _, _ := strings.Cut(filepath.Base(path), ".")
	return name
}

// name names the set, and its syncs apart: without what the names of all files
// begin with, which names the set.
func (s *SheetSet) name(paths []string) {
	common := stem(paths[0])
	for _, p := range paths[1:] {
		for !strings.HasPrefix(stem(p), common) {
			common = common[:len(common)-1]
		}
	}
	cut := strings.LastIndexAny(common, " _-.")
	switch {
	case len(paths) == 1:
		s.Name = capital(common)
	case cut > 0:
		s.Name = capital(strings.Trim(common[:cut], " _-."))
	default:
		s.Name = capital(filepath.Base(filepath.Dir(paths[0])))
	}
	for i := range s.Sheets {
		if one := &s.Sheets[i]; len(paths) > 1 && cut > 0 && strings.HasPrefix(one.Name, common[:cut+1]) && len(one.Name) > cut+1 {
			one.Name = one.Name[cut+1:]
		}
	}
	seen := map[string]int{}
	for i := range s.Sheets {
		s.Sheets[i].Name = capital(s.Sheets[i].Name)
		k := strings.ToLower(s.Sheets[i].Name)
		if seen[k]++; seen[k] > 1 {
			s.Sheets[i].Name = fmt.Sprintf("%s %d", s.Sheets[i].Name, seen[k])
		}
	}
}

// readSheet reads one sheet with all of its rows.
func (a *App) readSheet(ctx context.Context, path, sheet string, several bool, progress func(string, int)) Sheet {
	one := Sheet{Path: path, Sheet: sheet, Name: stem(path)}
	if several {
		one.Name = sheet
	}
	if one.Draft, one.Err = a.NewDraft(ctx, path, sheet); one.Err == nil {
		one.Err = one.readRows(ctx, progress)
	}
	one.Out = one.Err != nil || one.Rows == 0
	if one.Err == nil {
		one.Guess = one.Draft.GuessObject()
		one.Object = one.Guess.Name
	}
	return one
}

// readRows counts the values of all rows, column by column.
func (one *Sheet) readRows(ctx context.Context, progress func(string, int)) error {
	src, err := one.Draft.app.openSource(ctx, one.Draft.Definition)
	if err != nil {
		return err
	}
	defer src.Close()
	one.values, one.Rows = make(map[string]*suggest.Distinct), 0
	for _, c := range one.Draft.Schema.Columns {
		switch c.Type {
		case record.TypeBool, record.TypeDate, record.TypeDateTime:
		default:
			one.values[c.Name] = &suggest.Distinct{}
		}
	}
	for row, err := range src.Rows(ctx, time.Time{}) {
		var bad *source.RowError
		if errors.As(err, &bad) {
			continue
		}
		if err != nil {
			return err
		}
		for name, v := range row.Fields {
			if d := one.values[name]; d != nil {
				d.Add(v.String())
			}
		}
		if one.Rows++; progress != nil && one.Rows%tick == 0 {
			progress(one.Name, one.Rows)
		}
	}
	return ctx.Err()
}

// tables are the sheets as far as links rest on them.
func (s *SheetSet) tables() []suggest.Table {
	out := make([]suggest.Table, len(s.Sheets))
	for i, one := range s.Sheets {
		out[i] = suggest.Table{Name: one.Name, Rows: one.Rows, Values: one.values}
		if !one.Guess.Blind || one.chosen {
			out[i].Object = one.Object
		}
		if one.Draft != nil && !one.Out {
			out[i].Columns = one.Draft.Schema.Columns
		}
	}
	return out
}

// connect finds the keys and links anew. Keys that a person chose, by the
// sheet's place, stay, and so does what was unticked.
func (s *SheetSet) connect(chosen map[int]string) {
	tables := s.tables()
	keys := suggest.TableKeys(tables)
	for i, k := range chosen {
		keys[i] = k
	}
	type name struct {
		from, to int
		column   string
	}
	was := map[name]SheetLink{}
	for _, l := range s.Links {
		was[name{l.From, l.To, l.Column}] = l
	}
	links := suggest.Links(tables, keys)
	if s.guess(links) {
		tables = s.tables()
	}
	for i := range s.Sheets {
		one := &s.Sheets[i]
		one.Key, one.Keys = keys[i], nil
		if one.Draft == nil {
			continue
		}
		for _, k := range one.Draft.SuggestRowKey() {
			if k.Verdict != suggest.NotAKey || k.Column == one.Key {
				one.Keys = append(one.Keys, k.Column)
			}
		}
		known := one.Roles != nil
		if r, ok := suggest.RolesOf(tables, i, one.Key, links); ok {
			one.Roles = &r
			if !known {
				one.AsRoles, one.Label = true, r.Label
			}
		} else {
			one.Roles, one.AsRoles = nil, false
		}
	}
	s.Links = nil
	for _, l := range links {
		s.Links = append(s.Links, SheetLink{Link: l})
	}
	for i := range s.Links { // what was taken stays, also where it is a second one
		l := &s.Links[i]
		l.On = was[name{l.From, l.To, l.Column}].On && s.Circle(i) == ""
	}
	s.takeLinks(func(l suggest.Link) bool {
		_, known := was[name{l.From, l.To, l.Column}]
		return !known
	})
}

// guess says anew what the rows of sheets are to which columns of others refer:
// “account_id” says what it leads to. It reports whether that changed anything.
func (s *SheetSet) guess(links []suggest.Link) (changed bool) {
	for i := range s.Sheets {
		one := &s.Sheets[i]
		if one.Draft == nil || one.chosen {
			continue
		}
		names := []string{filepath.Base(one.Path), one.Sheet}
		for _, l := range links {
			if l.To == i && l.From != i {
				names = append(names, l.Column)
			}
		}
		was := one.Object
		one.Guess = suggest.GuessObject(one.Draft.Schema.Columns, names...)
		one.Object = one.Guess.Name
		changed = changed || one.Object != was
	}
	return changed
}

// takeLinks ticks the links that are wanted, the surest first, as long as no
// circle comes of them: syncs that rest on each other have no order.
func (s *SheetSet) takeLinks(wanted func(suggest.Link) bool) {
	order := make([]int, len(s.Links))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return s.Links[b].Named - s.Links[a].Named })
	for _, roles := range []bool{true, false} { // rows that are associations are nothing without theirs
		for _, i := range order {
			l := &s.Links[i]
			if s.Sheets[l.From].AsRoles == roles && !l.On && wanted(l.Link) && s.Circle(i) == "" && (roles || !s.Joined(i)) {
				l.On = true
			}
		}
	}
}

// Joined reports whether another link that is taken joins the same two sheets.
// A second one is taken by a person only: it may mean something else.
func (s *SheetSet) Joined(link int) bool {
	l := s.Links[link]
	return slices.ContainsFunc(s.Links, func(o SheetLink) bool { return o.On && o.From == l.From && o.To == l.To && o.Column != l.Column })
}

// Circle says why a link can't be taken beside those that are: "" where it can.
func (s *SheetSet) Circle(link int) string {
	l := s.Links[link]
	if l.From == l.To || !s.reaches(l.To, l.From, link) {
		return ""
	}
	return fmt.Sprintf("“%s” already rests on “%s”, and a set can’t go in a circle: leave that link out first", s.Sheets[l.To].Name, s.Sheets[l.From].Name)
}

// reaches reports whether a sheet rests on another, by the links that are taken
// but for one.
func (s *SheetSet) reaches(from, to, without int) bool {
	seen := map[int]bool{}
	var walk func(int) bool
	walk = func(at int) bool {
		if at == to {
			return true
		}
		if seen[at] {
			return false
		}
		seen[at] = true
		for i, l := range s.Links {
			if i != without && l.On && l.From == at && l.To != at && walk(l.To) {
				return true
			}
		}
		return false
	}
	return walk(from)
}

// Clone copies the set, so that one that is shown can be changed elsewhere.
func (s *SheetSet) Clone() *SheetSet {
	c := *s
	c.Sheets, c.Links = slices.Clone(s.Sheets), slices.Clone(s.Links)
	for i := range c.Sheets {
		one := &c.Sheets[i]
		one.Keys, one.Pairs = slices.Clone(one.Keys), slices.Clone(one.Pairs)
		if one.Draft != nil {
			one.Draft = one.Draft.Clone()
		}
	}
	return &c
}

// SetWay chooses whether the values of a sheet flow both ways. What can flow back is
// found out by ChooseObjects.
func (s *SheetSet) SetWay(sheet int, both bool) {
	s.Sheets[sheet].TwoWay = both && s.OnlyTo(sheet) == ""
}

// OnlyTo says why the values of a sheet flow to HubSpot only, "" where they may flow
// both ways. ChooseObjects finds it out for the key that is chosen.
func (s *SheetSet) OnlyTo(sheet int) string {
	one := &s.Sheets[sheet]
	if one.Draft == nil || one.asked != one.Key {
		return "It is not known yet whether this can be written"
	}
	return one.only
}

// SetKey chooses the column that identifies the rows of a sheet; links are found
// anew.
func (s *SheetSet) SetKey(sheet int, column string) {
	chosen := map[int]string{}
	for i := range s.Sheets {
		chosen[i] = s.Sheets[i].Key
	}
	chosen[sheet] = column
	s.connect(chosen)
}

// TakesPart reports whether a link is part of the set: it is taken, and so are
// both of its sheets.
func (s *SheetSet) TakesPart(link int) bool {
	l := s.Links[link]
	if !l.On || s.Sheets[l.From].Out || s.Sheets[l.To].Out || s.Sheets[l.To].AsRoles {
		return false
	}
	r := s.Sheets[l.From].Roles
	return !s.Sheets[l.From].AsRoles || r != nil && (r.From.Column == l.Column || r.To.Column == l.Column)
}

// Unready says what must be settled before the set can be made: "" for nothing.
func (s *SheetSet) Unready() string {
	n := 0
	for i, one := range s.Sheets {
		if one.Out {
			continue
		}
		n++
		_, open := one.Draft.Encodings()
		switch {
		case open:
			return fmt.Sprintf("Choose which characters “%s” is written in", one.Name)
		case one.Key == "":
			return fmt.Sprintf("Choose what identifies a row of “%s”, or leave it out", one.Name)
		case one.AsRoles && s.rolesLack(i) != "":
			return fmt.Sprintf("“%s” joins rows of “%s”, which is left out", one.Name, s.rolesLack(i))
		case !one.AsRoles && one.Object == "":
			return fmt.Sprintf("Choose what the rows of “%s” are", one.Name)
		case !one.AsRoles && len(one.lines()) == 0:
			return fmt.Sprintf("Accept at least one column of “%s”, or leave it out", one.Name)
		}
	}
	switch {
	case n == 0:
		return "Every sheet is left out"
	case strings.TrimSpace(s.Name) == "":
		return "Give the set a name"
	}
	return ""
}

// rolesLack names a sheet that the rows of another join and that takes no part.
func (s *SheetSet) rolesLack(sheet int) string {
	r := s.Sheets[sheet].Roles
	for _, l := range []suggest.Link{r.From, r.To} {
		if other := s.Sheets[l.To]; other.Out || other.AsRoles {
			return other.Name
		}
	}
	return ""
}

// OfferedObjects are the object types that a sheet's rows may become: those that
// the portal offers.
func (a *App) OfferedObjects(ctx context.Context, portal string) ([]hubspot.ObjectType, error) {
	offers, err := a.Offers(ctx, portal)
	var out []hubspot.ObjectType
	for _, o := range offers {
		if o.Barred == "" {
			out = append(out, o.ObjectType)
		}
	}
	return out, err
}

// RereadSheet reads a sheet of a set in another encoding, and finds anew how
// the set is connected.
func (a *App) RereadSheet(ctx context.Context, s *SheetSet, sheet int, encoding string) error {
	one := &s.Sheets[sheet]
	r := one.Draft.Reading()
	r.Encoding = encoding
	d, err := a.Reread(ctx, one.Draft, r)
	if err != nil {
		return err
	}
	one.Draft, one.read, one.Pairs = d, "", nil
	if err := one.readRows(ctx, nil); err != nil {
		return err
	}
	s.connect(nil)
	return nil
}
