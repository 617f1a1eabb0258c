package app

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"syncline/store"
	"syncline/sync/definition"
	"syncline/sync/engine"
	"syncline/sync/plan"
	"syncline/sync/source"
	"syncline/sync/source/database"
)

// errNoDatabase says that something is asked of a sync that only a database has.
func errNoDatabase(d *definition.Definition) error {
	return &UseError{Msg: fmt.Sprintf("the source of %s is of the kind %s, not a table of a database", d.Name, d.Source.Kind)}
}

// writesTable reports whether a sync may write to a table of a database.
func writesTable(y store.Sync) bool {
	d, err := definition.Parse([]byte(y.Definition), y.Path)
	return err == nil && slices.Contains(database.Kinds, d.Source.Kind) && d.Source.Table != "" && writesSource(d)
}

// SavePlanSQL writes what a stored plan would carry out in its database to a file, and
// returns how many statements these are. What was in the file stays in it where
// they can't be had.
func (a *App) SavePlanSQL(ctx context.Context, planID, path string) (int, error) {
	return wholeFile(path, func(w io.Writer) (n int, err error) {
		out := bufio.NewWriter(w)
		err = a.PlanSQL(ctx, planID, func(statement string) error {
			n++
			_, err := fmt.Fprintln(out, statement)
			return err
		})
		return n, errors.Join(err, out.Flush())
	})
}

// PlanSQL gives each the statements that a stored plan would carry out in its
// database, in their order. Nothing is written.
func (a *App) PlanSQL(ctx context.Context, planID string, each func(statement string) error) error {
	pl, err := a.Store.Plan(ctx, planID)
	if errors.Is(err, store.ErrNotFound) {
		return &engine.SetupError{Kind: "plan", Msg: fmt.Sprintf("there is no plan %s in this workspace: preview again", planID)}
	}
	if err != nil {
		return err
	}
	y, err := a.Store.Sync(ctx, pl.SyncID)
	if err != nil {
		return err
	}
	path, err := a.place(ctx, y)
	if err != nil {
		return err
	}
	d, err := definition.Load(path)
	if err != nil {
		return err
	}
	src, err := a.openSyncSource(ctx, d)
	if err != nil {
		return err
	}
	defer src.Close()
	db, ok := src.(*database.Source)
	if !ok {
		return errNoDatabase(d)
	}
	for it, err := range a.Store.Items(ctx, planID) {
		if err != nil {
			return err
		}
		if it.Excluded || !it.Has(plan.EditSource) {
			continue
		}
		for _, statement := range db.Statements([]source.Change{engine.SourceChange(it)}) {
			if err := each(statement); err != nil {
				return err
			}
		}
	}
	return nil
}

// Grants is the script that gives a user of the database what the sync at path
// needs, and nothing beyond it; the user of the definition's address where none is
// named. The database is not connected.
func (a *App) Grants(_ context.Context, path, user string) (string, error) {
	d, err := definition.Load(path)
	if err != nil {
		return "", err
	}
	s := d.Source
	if !slices.Contains(database.Kinds, s.Kind) {
		return "", errNoDatabase(d)
	}
	r := database.Rights{Address: database.Address{Kind: s.Kind}, Table: s.Table, Read: d.Columns(), Delete: d.Delete.RecordGone == "delete"}
	if s.Kind != database.SQLite {
		if r.Address, err = database.ParseAddress(s.Kind, s.DSN); err != nil {
			return "", &UseError{Msg: "source.dsn " + err.Error()}
		}
	}
	if s.Table == "" {
		return "", &UseError{Msg: "the source is a query, whose tables only its author knows: its user needs SELECT on the columns that it reads, and nothing else"}
	}
	if r.User = cmp.Or(user, r.Address.User); r.User == "" && s.Kind != database.SQLite {
		return "", &UseError{Msg: "it is not known which user the rights are for: name one with --user"}
	}
	for _, f := range d.Fields {
		if f.Field != "" && f.Flows(definition.FromHubSpot) {
			r.Update = append(r.Update, f.Field)
		}
	}
	if d.Create.InSource() {
		r.Insert = slices.Clone(r.Update)
	}
	if f := d.Delete.FlagRow; f != nil && !slices.Contains(r.Update, f.Field) {
		r.Update = append(r.Update, f.Field)
	}
	return database.Grants(r), nil
}
