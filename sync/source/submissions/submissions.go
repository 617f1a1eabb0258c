// Package submissions is what visitors sent with a form of HubSpot, as a source: its
// fields are the columns, the submissions the rows, the newest first. It can be read
// only.
package submissions

import (
	"context"
	"fmt"
	"iter"
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
const Kind = "form-submissions"

// The columns that every form has beside its fields, as HubSpot calls them; the names
// of fields are those of properties, which have no capital letters.
const (
	IDColumn   = "conversionId"
	TimeColumn = "submittedAt"
	PageColumn = "pageUrl"
)

// Options name a form of a portal.
type Options struct {
	Client *hubspot.Client
	Portal string   // the name of its connection, for people; "" is that of the other side
	Form   string   // its name, of any case, or its id
	Key    []string // the columns that identify a row; none is its id
	// Modified is the column with a row's time; rows are dated by when they were sent.
	Modified string
}

// Source is a form. It implements source.Source, source.Outliner and source.Teller.
type Source struct {
	opts    Options
	form    hubspot.Form
	columns []source.Column
	names   map[string][]string // of the columns that fields of a name are in, by name

	mu      sync.Mutex
	unknown map[string]int // values of fields that the form has no more, of the last reading
}

// NoFormError says that the portal has no form of a name.
type NoFormError struct {
	Form  string
	Names []string // of those that it has
}

func (e *NoFormError) Error() string {
	if len(e.Names) == 0 {
		return fmt.Sprintf("the portal has no form called %q, and no other: make it in HubSpot first", e.Form)
	}
	return fmt.Sprintf("the portal has no form called %q. There are: %s", e.Form, strings.Join(e.Names[:min(len(e.Names), 20)], ", "))
}

// Open finds the form. Errors are the client's, a *NoFormError, or a
// *tabular.ColumnError for a key that is no column.
func Open(ctx context.Context, o Options) (*Source, error) {
	forms, err := o.Client.Forms(ctx)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(forms, func(f hubspot.Form) bool { return strings.EqualFold(f.ID, o.Form) })
	if i < 0 {
		i = slices.IndexFunc(forms, func(f hubspot.Form) bool { return strings.EqualFold(f.Name, strings.TrimSpace(o.Form)) })
	}
	if i < 0 {
		missing := &NoFormError{Form: o.Form}
		for _, f := range forms {
			missing.Names = append(missing.Names, f.Name)
		}
		return nil, missing
	}
	if len(o.Key) == 0 {
		o.Key = []string{IDColumn}
	}
	s := &Source{opts: o, form: forms[i], names: make(map[string][]string)}
	s.outline()
	for use, names := range map[string][]string{"key": o.Key, "modified": {o.Modified}} {
		for _, name := range names {
			if name != "" && !slices.ContainsFunc(s.columns, func(c source.Column) bool { return c.Name == name }) {
				return nil, &tabular.ColumnError{Column: name, Use: use}
			}
		}
	}
	return s, nil
}

// outline makes the columns of the form's fields. A field of another object type than
// the first one with its name has that type in its column's name.
func (s *Source) outline() {
	s.columns = []source.Column{{Name: IDColumn, Label: "Submission", Type: record.TypeString, Native: "an id", NotNull: true},
		{Name: TimeColumn, Label: "Submitted at", Type: record.TypeDateTime, Native: "a time", NotNull: true},
		{Name: PageColumn, Label: "Page", Type: record.TypeString, Native: "an address"}}
	owner := make(map[string]string)
	for _, f := range s.form.Fields {
		name := f.Name
		if first, taken := owner[f.Name]; taken && first != f.ObjectTypeID {
			name = f.ObjectTypeID + "/" + f.Name
		} else {
			owner[f.Name] = f.ObjectTypeID
		}
		if slices.Contains(s.names[f.Name], name) {
			continue // two fields of a property, one of which shows
		}
		s.names[f.Name] = append(s.names[f.Name], name)
		s.columns = append(s.columns, source.Column{Name: name, Label: f.Label, Type: typeOf(f), Native: strings.ReplaceAll(f.Type, "_", " "), NotNull: f.Required, Options: optionsOf(f)})
	}
	for i := range s.columns {
		s.columns[i].ReadOnly = "was sent by a visitor"
	}
}

func typeOf(f hubspot.FormField) record.Type {
	switch f.Type {
	case "number":
		return record.TypeNumber
	case "datepicker":
		return record.TypeDate
	case "single_checkbox":
		return record.TypeBool
	}
	return record.TypeString
}

// optionsOf are the only values of a field of which one is chosen.
func optionsOf(f hubspot.FormField) []string {
	if f.Type == "multiple_checkboxes" {
		return nil
	}
	return f.Options
}

// Outline implements source.Outliner.
func (s *Source) Outline(context.Context) (source.Schema, error) {
	return source.Schema{Kind: Kind, Location: fmt.Sprintf("the form “%s”", s.form.Name), Columns: slices.Clone(s.columns), Rows: -1,
		Identity: Kind + " " + s.form.ID, Abilities: source.Abilities{Incremental: true, Why: "what visitors sent with a form can't be changed"},
		Details: map[string]string{"form": s.form.Name}}, nil
}

// Describe implements source.Source.
func (s *Source) Describe(ctx context.Context) (source.Schema, error) {
	schema, err := s.Outline(ctx)
	if err != nil {
		return schema, err
	}
	names := make([]string, len(schema.Columns))
	for i, c := range schema.Columns {
		names[i] = c.Name
	}
	profile := tabular.NewProfile(tabular.Header{Names: names})
	for row, err := range s.Rows(ctx, time.Time{}) {
		if err != nil {
			return schema, err
		}
		if profile.Add(row.Fields); profile.Full() {
			break
		}
	}
	for i, sampled := range profile.Columns() {
		c := &schema.Columns[i]
		c.Sampled, c.Filled, c.Unique, c.Samples = sampled.Sampled, sampled.Filled, sampled.Unique, sampled.Samples
	}
	return schema, nil
}

// Rows implements source.Source: the newest first, those since a time only where one
// is given.
func (s *Source) Rows(ctx context.Context, since time.Time) iter.Seq2[record.Row, error] {
	return func(yield func(record.Row, error) bool) {
		unknown, stopped := make(map[string]int), false
		err := s.opts.Client.Submissions(ctx, s.form.ID, since, func(page []hubspot.Submission) error {
			for _, x := range page {
				if row, err := s.row(x, unknown); !yield(row, err) {
					stopped = true
					return errStopped
				}
			}
			return nil
		})
		switch {
		case stopped:
		case err != nil:
			yield(record.Row{}, err)
		default:
			s.mu.Lock()
			s.unknown = unknown
			s.mu.Unlock()
		}
	}
}

// errStopped ends a walk that nobody listens to any more.
var errStopped = fmt.Errorf("nobody reads on")

// row is a submission as a row. What was written into fields that the form has no more
// is counted.
func (s *Source) row(x hubspot.Submission, unknown map[string]int) (record.Row, error) {
	fields := make(record.Values, len(s.columns))
	for _, c := range s.columns {
		fields[c.Name] = record.Text("")
	}
	fields[IDColumn], fields[PageColumn] = record.Text(x.ID), record.Text(x.PageURL)
	fields[TimeColumn] = record.Text(x.At.UTC().Format("2006-01-02T15:04:05.000Z"))
	var doubt *source.RowError
	for _, v := range x.Values {
		column, sure := s.columnOf(v)
		if column == "" {
			if v.Value != "" {
				unknown[v.Name]++
			}
			continue
		}
		if !sure {
			if doubt == nil {
				doubt = &source.RowError{Msg: fmt.Sprintf("of the form (%s) has %s, and HubSpot does not say of which of the form's fields of that name", x.ID, v.Name)}
			}
			doubt.Columns = append(doubt.Columns, s.names[v.Name]...)
		}
		text := s.text(column, v.Value)
		if before := fields[column].String(); before != "" && text != "" {
			text = before + ";" + text // several choices of one field
		} else if text == "" {
			text = before
		}
		fields[column] = record.Text(text)
	}
	row := record.Row{Fields: fields, Modified: x.At}
	parts := make([]string, len(s.opts.Key))
	for i, name := range s.opts.Key {
		parts[i] = fields[name].String()
	}
	row.Key, _ = record.KeyOf(parts...)
	if doubt != nil {
		return row, doubt
	}
	return row, nil
}

// columnOf is the column of a value; sure is false where several may be meant.
func (s *Source) columnOf(v hubspot.SubmittedValue) (column string, sure bool) {
	names := s.names[v.Name]
	switch {
	case len(names) == 0:
		return "", false
	case len(names) == 1:
		return names[0], true
	case slices.Contains(names, v.ObjectTypeID+"/"+v.Name):
		return v.ObjectTypeID + "/" + v.Name, true
	}
	return names[0], v.ObjectTypeID != ""
}

// text is a value as a sync reads it: HubSpot tells dates in milliseconds, at
// midnight UTC.
func (s *Source) text(column, value string) string {
	i := slices.IndexFunc(s.columns, func(c source.Column) bool { return c.Name == column })
	if s.columns[i].Type != record.TypeDate {
		return value
	}
	ms, err := strconv.ParseInt(value, 10, 64)
	if err != nil || len(value) < 10 {
		return value
	}
	return time.UnixMilli(ms).UTC().Format(time.DateOnly)
}

// Notes implements source.Teller.
func (s *Source) Notes() []source.Note {
	s.mu.Lock()
	defer s.mu.Unlock()
	var notes []source.Note
	for _, name := range sorted(s.unknown) {
		notes = append(notes, source.Note{Text: fmt.Sprintf("%d submissions have something in %s, which is no field of the form “%s” any more: it takes no part.", s.unknown[name], name, s.form.Name)})
	}
	return notes
}

func sorted(counts map[string]int) []string {
	names := make([]string, 0, len(counts))
	for name := range counts {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Version implements source.Source: a form has no name for what it holds.
func (*Source) Version(context.Context) (string, error) { return "", nil }

// Prepare implements source.Source.
func (s *Source) Prepare(context.Context, []source.Change) (source.Prepared, error) {
	return nil, &source.ReadOnlyError{Location: fmt.Sprintf("the form “%s”", s.form.Name), Msg: "what visitors sent with a form can't be changed"}
}

// Close implements source.Source.
func (*Source) Close() error { return nil }

var (
	_ source.Source   = (*Source)(nil)
	_ source.Outliner = (*Source)(nil)
	_ source.Teller   = (*Source)(nil)
)
