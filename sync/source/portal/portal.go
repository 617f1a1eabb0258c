// Package portal is an object of another HubSpot portal as a source: its
// properties are the columns, its records the rows.
//
// What two portals call by ids of their own travels by name: owners by their
// address, pipelines and stages by their labels.
package portal

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"syncline/sync/hubspot"
	"syncline/sync/record"
	"syncline/sync/source"
	"syncline/sync/source/tabular"
)

// Kind is the kind of such a source in a definition.
const Kind = "hubspot"

// IDColumn is the key of rows where a definition names no other.
const IDColumn = "hs_object_id"

// Options name an object of a portal.
type Options struct {
	Client   *hubspot.Client
	Portal   string   // the name of its connection, for people
	Object   string   // a name or id of an object type
	Key      []string // one column, the record's id or a unique property
	Modified string   // any property with a time: rows are dated by their record's own time of change
	// Use are the columns that are read beside the key; nil is all.
	Use      []string
	ReadOnly bool          // nothing will be written
	Marks    tabular.Marks // in which the sync reads numbers
	// Whole reads beside Use whatever people and programs can write, because the sync
	// archives records: none goes that was edited where the sync does not look.
	Whole bool
	// NoSyncKey keeps it from making its unique property, by which a record that it
	// made is found again when the answer was lost.
	NoSyncKey bool
}

// Source is an object of a portal. It implements source.Source,
// source.Piecewise, source.Outliner and source.Teller.
type Source struct {
	opts       Options
	client     *hubspot.Client
	account    hubspot.Account
	object     hubspot.ObjectType
	properties []record.Property
	byName     map[string]record.Property
	words      words

	mu       sync.Mutex
	keyed    bool   // the portal has our property
	keyless  string // why it has not, once it was asked for
	problems []source.Note
}

// Error is a portal that can't be used as a source, in a sentence for a person.
type Error struct {
	Where string
	Msg   string
	Err   error
}

func (e *Error) Error() string { return e.Where + ": " + e.Msg }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Open reads what the object looks like. Errors are the client's, or sentences
// for a person; a missing key column is a *tabular.ColumnError.
func Open(ctx context.Context, o Options) (*Source, error) {
	s := &Source{opts: o, client: o.Client, byName: make(map[string]record.Property)}
	var err error
	if s.account, err = s.client.Account(ctx); err != nil {
		return nil, s.in(err)
	}
	if s.object, err = s.client.ObjectType(ctx, o.Object); err != nil {
		return nil, s.in(err)
	}
	if s.properties, err = s.client.Properties(ctx, s.object.Path()); err != nil {
		if hubspot.IsNotShown(err) {
			return nil, &Error{Where: s.where(), Msg: s.object.Absent(), Err: err}
		}
		return nil, s.in(err)
	}
	slices.SortFunc(s.properties, func(a, b record.Property) int { return strings.Compare(a.Name, b.Name) })
	for _, p := range s.properties {
		s.byName[p.Name] = p
		s.keyed = s.keyed || p.Name == SyncKeyProperty && p.Unique
	}
	if err := s.checkColumns("key", o.Key...); err != nil {
		return nil, err
	}
	if o.Modified != "" {
		if err := s.checkColumns("modified", o.Modified); err != nil {
			return nil, err
		}
	}
	err = s.readWords(ctx)
	return s, err
}

// in says in which portal an error came up, and keeps it as it is for those who
// tell errors apart.
func (s *Source) in(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("in the portal %s: %w", s.where(), err)
}

func (s *Source) where() string { return "“" + s.opts.Portal + "”" }

func (s *Source) checkColumns(use string, names ...string) error {
	for _, name := range names {
		if _, ok := s.byName[name]; !ok {
			return &Error{Where: strings.ToLower(s.object.Label) + " of " + s.where(), Msg: fmt.Sprintf("there is no property %q, which the definition names as its %s", name, use),
				Err: &tabular.ColumnError{Column: name, Use: use}}
		}
	}
	return nil
}

// key is the property that a row is known by.
func (s *Source) key() string {
	if len(s.opts.Key) == 1 {
		return s.opts.Key[0]
	}
	return IDColumn
}

func (s *Source) byID() bool { return s.key() == IDColumn }

// columns are the properties that are read.
func (s *Source) columns() []string {
	var all []string
	for _, p := range s.properties {
		if p.Name == s.key() || p.Name == s.object.Pipeline && s.uses(s.object.Stage) || s.uses(p.Name) {
			all = append(all, p.Name)
		}
	}
	return all
}

func (s *Source) uses(column string) bool {
	if column == "" {
		return false
	}
	p, is := s.byName[column]
	return s.opts.Use == nil || slices.Contains(s.opts.Use, column) || s.opts.Whole && is && p.Writable() && column != SyncKeyProperty
}

// abilities say what can be done with the object.
func (s *Source) abilities() source.Abilities {
	no := func(why string) source.Abilities { return source.Abilities{Why: why} }
	switch key := s.byName[s.key()]; {
	case len(s.opts.Key) > 1:
		return no("a record of HubSpot is known by one property, so name one as the key, such as hs_object_id")
	case s.object.ReadOnly:
		return no(fmt.Sprintf("%s can only be read in HubSpot. %s", strings.ToLower(s.object.Label), s.object.Instead))
	case !s.byID() && !key.Unique && !slices.Contains(s.object.Unique, key.Name):
		return no(fmt.Sprintf("HubSpot does not keep %q unique, so no record is found again by it; name hs_object_id as the key", key.Name))
	}
	return source.Abilities{Insert: !s.object.NoCreate, Update: true, Delete: true,
		Why: fmt.Sprintf("%s are not made by the API", strings.ToLower(s.object.Label))}
}

// Outline implements source.Outliner.
func (s *Source) Outline(context.Context) (source.Schema, error) {
	schema := source.Schema{Kind: Kind, Location: fmt.Sprintf("%s of %s", strings.ToLower(s.object.Label), s.where()), Rows: -1,
		Identity:  fmt.Sprintf("hubspot %d %s %s", s.account.PortalID, s.object.ID, s.key()),
		Abilities: s.abilities(),
		Details:   map[string]string{"portal": strconv.FormatInt(s.account.PortalID, 10), "object": s.object.ID}}
	for _, p := range s.properties {
		if p.Name != SyncKeyProperty {
			schema.Columns = append(schema.Columns, s.column(p))
		}
	}
	for _, t := range s.associable() {
		schema.Columns = append(schema.Columns, source.Column{Name: associated + t.Name, Label: "Associated " + strings.ToLower(t.Label), Type: record.TypeString, Native: "record ids",
			ReadOnly: "tells what the record is associated with", NoInsert: true})
	}
	return schema, nil
}

// column describes a property.
func (s *Source) column(p record.Property) source.Column {
	c := source.Column{Name: p.Name, Label: p.Label, Type: p.Type, Native: string(p.Type), NoInsert: !p.Writable(), Names: s.words.kind(s.object, p) != byValue}
	if p.FieldType != "" {
		c.Native += " (" + p.FieldType + ")"
	}
	switch {
	case c.Names:
		c.Type = record.TypeString
	case p.Type == record.TypeEnumeration && !p.External:
		for _, o := range p.Options {
			c.Options = append(c.Options, o.Value)
		}
	}
	switch {
	case p.Calculated:
		c.ReadOnly = "is calculated by HubSpot"
	case p.ReadOnly:
		c.ReadOnly = "is read-only in HubSpot"
	}
	if p.Name == IDColumn {
		c.NotNull, c.Fills = true, "the record's own number"
	}
	return c
}

// Describe implements source.Source.
func (s *Source) Describe(ctx context.Context) (source.Schema, error) {
	schema, err := s.Outline(ctx)
	if err != nil {
		return schema, err
	}
	names := make([]string, 0, len(schema.Columns))
	for _, c := range schema.Columns {
		names = append(names, c.Name)
	}
	profile := tabular.NewProfile(tabular.Header{Names: names})
	for row, err := range s.Rows(ctx, time.Time{}) {
		if err != nil {
			return schema, err
		}
		profile.Add(row.Fields)
		if profile.Full() {
			break
		}
	}
	for i, sampled := range profile.Columns() {
		c := &schema.Columns[i]
		c.Sampled, c.Filled, c.Unique, c.Samples = sampled.Sampled, sampled.Filled, sampled.Unique, sampled.Samples
	}
	if found, err := s.client.Search(ctx, s.object.Path(), hubspot.SearchRequest{Limit: 1}); err == nil {
		schema.Rows = found.Total // some types can't be searched
	}
	return schema, nil
}

// Rows implements source.Source: the list that sees every write at once.
func (s *Source) Rows(ctx context.Context, _ time.Time) iter.Seq2[record.Row, error] {
	return func(yield func(record.Row, error) bool) {
		stopped := false
		var waiting []record.Row
		misread := make(map[string]*source.RowError) // of those that wait, by their key
		flush := func() error {
			if err := s.associate(ctx, waiting); err != nil {
				return err
			}
			for _, row := range waiting {
				if !yield(row, s.flaw(row, misread[row.Key])) {
					stopped = true
					return errStopped
				}
			}
			waiting = waiting[:0]
			clear(misread)
			return nil
		}
		most := hubspot.MaxListPage
		if len(s.associates()) > 0 {
			most = hubspot.MaxAssociationRead
		}
		err := s.client.ListAll(ctx, s.object.Path(), hubspot.ListRequest{Properties: s.columns()}, func(records []record.Record) error {
			for _, r := range records {
				row, bad := s.rowOf(r)
				if waiting = append(waiting, row); bad != nil {
					misread[row.Key] = bad
				}
			}
			if len(waiting) < most {
				return nil
			}
			return flush()
		})
		if err == nil {
			err = flush()
		}
		if err != nil && !stopped {
			yield(record.Row{}, s.in(err))
		}
	}
}

// flaw is what is wrong with a row: that no key names it, so that it takes no
// part, or what of it is misread.
func (s *Source) flaw(row record.Row, misread *source.RowError) error {
	switch {
	case row.Key != "" && misread != nil:
		return misread
	case row.Key != "":
		return nil
	}
	return &source.RowError{Msg: fmt.Sprintf("of %s has no value in %s, by which it would be known", strings.ToLower(s.object.LabelSingular), s.key())}
}

// row is a record as a row, without what would be misread of it.
func (s *Source) row(r record.Record) record.Row {
	row, _ := s.rowOf(r)
	return row
}

// rowOf is row with what is left out.
func (s *Source) rowOf(r record.Record) (record.Row, *source.RowError) {
	fields := make(record.Values, len(r.Properties)+1)
	for name, v := range r.Properties { // HubSpot adds some that nobody asked for
		if s.uses(name) || name == s.object.Pipeline || name == s.key() {
			fields[name] = v
		}
	}
	fields[IDColumn] = record.Text(r.ID)
	s.words.toNames(s, fields)
	key, _ := record.KeyOf(fields[s.key()].String())
	return record.Row{Key: key, Fields: fields, Modified: r.Updated}, s.unmarked(fields)
}

// unmarked takes numbers out of a row that a transform for texts would make
// others of: those of HubSpot have no marks of a country.
func (s *Source) unmarked(fields record.Values) *source.RowError {
	var bad *source.RowError
	for _, name := range slices.Sorted(maps.Keys(s.opts.Marks)) {
		err := s.opts.Marks.Check(name, fields[name].String())
		if s.byName[name].Type != record.TypeNumber || err == nil {
			continue
		}
		if bad == nil {
			bad = &source.RowError{Msg: fmt.Sprintf("has an error: “%s” %v", name, err)}
		}
		delete(fields, name)
		bad.Columns = append(bad.Columns, name)
	}
	return bad
}

// read reads the records of keys by the keys.
func (s *Source) read(ctx context.Context, keys []string, properties []string) (map[string]record.Record, map[string]string, error) {
	req := hubspot.BatchReadRequest{IDs: keys, Properties: properties}
	if !s.byID() {
		req.IDProperty = s.key()
		if !slices.Contains(properties, s.key()) {
			req.Properties = append(slices.Clone(properties), s.key())
		}
	}
	got, err := s.client.BatchRead(ctx, s.object.Path(), req)
	if err != nil {
		return nil, nil, err
	}
	if len(got.Unaccounted) > 0 {
		return nil, nil, fmt.Errorf("HubSpot's answer left out the records %s", strings.Join(got.Unaccounted[:min(3, len(got.Unaccounted))], ", "))
	}
	found := make(map[string]record.Record, len(got.Records))
	for _, r := range got.Records {
		key := r.ID
		if !s.byID() {
			key, _ = record.KeyOf(r.Properties[s.key()].String())
		}
		found[key] = r
	}
	return found, got.Moved, nil
}

// RowsOf implements source.Rowwise.
func (s *Source) RowsOf(ctx context.Context, keys []string) (map[string]record.Row, error) {
	records, _, err := s.read(ctx, keys, s.columns())
	if err != nil {
		return nil, s.in(err)
	}
	rows := make([]record.Row, 0, len(keys))
	for _, key := range keys {
		if r, ok := records[key]; ok {
			rows = append(rows, s.row(r))
		}
	}
	if err := s.associate(ctx, rows); err != nil {
		return nil, s.in(err)
	}
	found := make(map[string]record.Row, len(rows))
	for _, row := range rows {
		found[row.Key] = row
	}
	return found, nil
}

// Successors implements source.Piecewise: a merged record answers as the one
// that it was merged into.
func (s *Source) Successors(ctx context.Context, keys []string) (map[string]string, error) {
	if !s.byID() || len(keys) == 0 {
		return nil, nil
	}
	_, moved, err := s.read(ctx, keys, []string{IDColumn})
	return moved, s.in(err)
}

// Client is what it is asked by.
func (s *Source) Client() *hubspot.Client { return s.client }

// Batch implements source.Rowwise.
func (*Source) Batch() int { return hubspot.MaxBatch }

// CameOf implements source.Rowwise: HubSpot keeps no identity of a request.
func (*Source) CameOf(context.Context, string) (source.Came, error) { return source.CameUnknown, nil }

// Version implements source.Source: a portal has no name for what it holds.
func (*Source) Version(context.Context) (string, error) { return "", nil }

// Notes implements source.Teller.
func (s *Source) Notes() []source.Note {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.problems)
}

// Close implements source.Source.
func (*Source) Close() error { return nil }

var (
	_ source.Source    = (*Source)(nil)
	_ source.Piecewise = (*Source)(nil)
	_ source.Outliner  = (*Source)(nil)
	_ source.Teller    = (*Source)(nil)
)
