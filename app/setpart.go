package app

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"syncline/store"
)

// SetPart says of what of a run of a set an undo is: of some of its syncs, of some
// fields, of some rows. The zero SetPart is all of it.
type SetPart struct {
	Syncs  []string // by their names, or by the files of their documents
	Fields []string // columns or properties
	Rows   []string // row keys, in whichever of the syncs they are
}

// Whole reports whether nothing is left out.
func (p SetPart) Whole() bool { return len(p.Syncs)+len(p.Fields)+len(p.Rows) == 0 }

// Text says it for people, "" for all of it.
func (p SetPart) Text() string {
	var all []string
	for _, x := range []struct {
		what  string
		names []string
	}{{"sync", p.Syncs}, {"field", p.Fields}, {"row", p.Rows}} {
		if n := len(x.names); n == 1 {
			all = append(all, x.what+" "+x.names[0])
		} else if n > 1 {
			all = append(all, x.what+"s "+strings.Join(x.names, ", "))
		}
	}
	return strings.Join(all, "; ")
}

// partOfSet are the runs of a set's run that a part is of, with what of each; all
// of them for the whole. What none of them wrote is an error that names it.
func (a *App) partOfSet(ctx context.Context, runs []store.Run, p SetPart) ([]store.Run, []store.Part, error) {
	if p.Whole() {
		return runs, make([]store.Part, len(runs)), nil
	}
	meant, err := a.syncsMeant(ctx, runs, p.Syncs)
	if err != nil {
		return nil, nil, err
	}
	var some []store.Run
	var parts []store.Part
	known := map[string]bool{}
	for _, r := range meant {
		part, err := a.wrote(ctx, r.ID, p)
		if err != nil {
			return nil, nil, err
		}
		for _, name := range part.Fields {
			known["field "+name] = true
		}
		for _, key := range part.Rows {
			known["row "+key] = true
		}
		if len(p.Fields) > 0 && len(part.Fields) == 0 || len(p.Rows) > 0 && len(part.Rows) == 0 {
			continue
		}
		some, parts = append(some, r), append(parts, part)
	}
	names := make([]string, 0, len(meant))
	for _, r := range meant {
		names = append(names, r.SyncName)
	}
	for _, name := range p.Fields {
		if !known["field "+name] {
			return nil, nil, &UseError{Msg: fmt.Sprintf("none of these syncs wrote the field %q in this run: %s", name, strings.Join(names, ", "))}
		}
	}
	for _, key := range p.Rows {
		if !known["row "+key] {
			return nil, nil, &UseError{Msg: fmt.Sprintf("none of these syncs wrote the row %q or its record in this run: %s. Name rows by their key", key, strings.Join(names, ", "))}
		}
	}
	if len(some) == 0 {
		return nil, nil, &UseError{Msg: "no sync of this run wrote one of these fields in one of these rows"}
	}
	return some, parts, nil
}

// syncsMeant are the runs of the syncs that are named, all where none is.
func (a *App) syncsMeant(ctx context.Context, runs []store.Run, names []string) ([]store.Run, error) {
	if len(names) == 0 {
		return runs, nil
	}
	paths, known := make(map[int64]string, len(runs)), make([]string, len(runs))
	for i, r := range runs {
		y, err := a.Store.Sync(ctx, r.SyncID)
		if err != nil {
			return nil, err
		}
		paths[r.SyncID] = y.Path
		known[i] = fmt.Sprintf("%s (%s)", r.SyncName, filepath.Base(y.Path))
	}
	mine := make(map[int64]bool)
	for _, name := range names {
		var found []string
		for _, r := range runs {
			path := paths[r.SyncID]
			if (strings.EqualFold(name, r.SyncName) || isFile(path, name)) && !slices.Contains(found, path) {
				found, mine[r.SyncID] = append(found, path), true
			}
		}
		switch {
		case len(found) == 0:
			return nil, &UseError{Msg: fmt.Sprintf("this run of the set has no sync %q: it has %s", name, strings.Join(known, ", "))}
		case len(found) > 1:
			return nil, &UseError{Msg: fmt.Sprintf("%d syncs of this run of the set are called %q: name the file of one of them with its folder, %s", len(found), name, strings.Join(found, " or "))}
		}
	}
	var some []store.Run
	for _, r := range runs {
		if mine[r.SyncID] {
			some = append(some, r)
		}
	}
	return some, nil
}

// isFile reports whether a name means the file at a path: its name or the end of its path, with
// its ending or without.
func isFile(path, name string) bool {
	if absolute(name) == path {
		return true
	}
	path, name = filepath.ToSlash(path), strings.TrimPrefix(filepath.ToSlash(name), "./")
	for _, p := range []string{path, strings.TrimSuffix(path, filepath.Ext(path))} {
		if p == name || strings.HasSuffix(p, "/"+name) {
			return true
		}
	}
	return false
}

// wrote is what of a part a run of one sync wrote.
func (a *App) wrote(ctx context.Context, runID string, p SetPart) (part store.Part, err error) {
	fields, err := a.Store.WroteNames(ctx, runID)
	if err != nil {
		return part, err
	}
	for _, name := range p.Fields {
		if slices.Contains(fields, name) {
			part.Fields = append(part.Fields, name)
		}
	}
	for _, key := range p.Rows {
		yes, err := a.Store.WroteRow(ctx, runID, key)
		if err != nil {
			return part, err
		}
		if yes {
			part.Rows = append(part.Rows, key)
		}
	}
	return part, nil
}
