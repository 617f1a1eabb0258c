package app

import (
	"cmp"
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"

	"syncline/sync/definition"
	"syncline/sync/source"
	"syncline/sync/source/database"
	"syncline/sync/source/opener"
	"syncline/sync/source/portal"
	"syncline/sync/source/submissions"
	"syncline/sync/source/tabular"
)

// openSource opens the source of a definition with all its columns. A nil App
// opens files only.
func (a *App) openSource(ctx context.Context, d *definition.Definition) (source.Source, error) {
	o, err := a.openOptions(ctx, d)
	if err != nil {
		return nil, err
	}
	src, err := opener.Open(ctx, o)
	return src, formProblem(d, err)
}

// openSyncSource opens the source of a sync that is to be checked or run: of a
// database no more is read than the sync needs.
func (a *App) openSyncSource(ctx context.Context, d *definition.Definition) (source.Source, error) {
	o, err := a.openOptions(ctx, d)
	if err != nil {
		return nil, err
	}
	o.Use, o.ReadOnly, o.Whole = neededColumns(d), !writesSource(d), d.Delete.RecordGone == "delete"
	src, err := opener.Open(ctx, o)
	var column *tabular.ColumnError
	if errors.As(err, &column) {
		// The engine's check names what is missing with its line, and all other problems beside it.
		o.Key, o.Modified = nil, ""
		src, err = opener.Open(ctx, o)
	}
	return src, formProblem(d, err)
}

// sourceTitle is what people call the source of a definition: its file's name, or
// its table.
func sourceTitle(d *definition.Definition) string {
	s := d.Source
	switch {
	case s.Kind == database.SQLite:
		return tableTitle(s) + " in " + filepath.Base(s.Path)
	case slices.Contains(database.Kinds, s.Kind):
		return tableTitle(s) + " in " + databasePlace(s)
	case s.Kind == portal.Kind:
		return cmp.Or(s.Object, d.HubSpot.Object) + " of " + s.Portal
	case s.Kind == submissions.Kind:
		return "the form " + s.Form
	case s.Path != "":
		return filepath.Base(s.Path)
	case len(s.Files) > 0:
		names := make([]string, 0, len(s.Files))
		for _, f := range s.Files {
			names = append(names, filepath.Base(f.Path))
		}
		return "a query on " + strings.Join(names, ", ")
	}
	return s.Kind
}

func tableTitle(s definition.Source) string {
	if s.Table == "" {
		return "a query"
	}
	return s.Table
}

// databasePlace is where a definition's database is, for people.
func databasePlace(s definition.Source) string {
	address, err := database.ParseAddress(s.Kind, s.DSN)
	if err != nil {
		return s.Kind
	}
	return address.Place()
}

// neededColumns are those that a sync has to read, nil for all: of a row that it
// deletes it keeps the whole, and one that it made it takes back only while
// nobody filled in anything.
func neededColumns(d *definition.Definition) []string {
	if d.Source.Kind == portal.Kind {
		return d.Columns() // the record's history tells what people wrote, and Whole reads what is archived
	}
	if d.Delete.RecordGone == "delete" || d.Create.InSource() {
		return nil
	}
	return d.Columns()
}

// openOptions say how a definition's source is opened.
func (a *App) openOptions(ctx context.Context, d *definition.Definition) (opener.Options, error) {
	s := d.Source
	o := opener.Options{Kind: s.Kind, Path: d.SourcePath(), Sheet: s.Sheet, Key: s.Key, Modified: s.Modified, Zone: s.Location(),
		Encoding: s.Encoding, HeaderRow: s.HeaderRow, Blanks: s.Blanks, NoBlanks: s.NoBlanks, Marks: d.NumberMarks(), Table: s.Table, Query: s.Query}
	for _, f := range s.Files {
		o.Files = append(o.Files, opener.File{Name: f.Name, Path: d.FilePath(f), Sheet: f.Sheet, Encoding: f.Encoding, HeaderRow: f.HeaderRow})
	}
	var err error
	switch {
	case s.Kind == submissions.Kind && a != nil:
		form, err := a.formPortal(ctx, d)
		o.Client, o.Portal, o.Form = form.Client, form.Name, s.Form
		return o, err
	case (s.Kind == portal.Kind || s.Kind == submissions.Kind) && a == nil:
		return o, errors.New("another portal is opened by its connection, and here is none")
	case s.Kind == portal.Kind:
		other, err := a.SourcePortal(ctx, s.Portal)
		o.Client, o.Portal, o.Object = other.Client, other.Name, cmp.Or(s.Object, d.HubSpot.Object)
		return o, err
	case !slices.Contains(database.Kinds, s.Kind) || s.Kind == database.SQLite:
		return o, nil
	}
	if o.Address, err = database.ParseAddress(s.Kind, s.DSN); err != nil {
		return o, &definition.Error{Path: d.Path, Problems: []definition.Problem{{Line: d.Line("source.dsn"), Key: "source.dsn", Msg: err.Error() + "."}}}
	}
	if a != nil {
		o.Login, err = a.login(ctx, o.Address)
	}
	return o, err
}
