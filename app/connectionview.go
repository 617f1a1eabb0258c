package app

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"syncline/store"
	"syncline/sync/definition"
	"syncline/sync/hubspot"
	"syncline/sync/source/database"
	"syncline/sync/source/opener"
	"syncline/sync/source/portal"
	"syncline/sync/source/submissions"
)

// ConnectionView is a portal with what a person wants to know of it.
type ConnectionView struct {
	store.Connection
	Syncs   []SyncNeeds // the syncs that use it, with the scopes that each uses
	Missing []Need      // those that it lacks, each once
	// Traffic is what this program used of the portal's limits; Known is false
	// before its first call.
	Traffic hubspot.Traffic
	Known   bool
	Journal bool // its webhooks journal is followed
}

// ConnectionViews returns the portals with their syncs. It asks nobody: what
// HubSpot says now is Test's to find out.
func (a *App) ConnectionViews(ctx context.Context) ([]ConnectionView, error) {
	all, err := a.Store.Connections(ctx)
	if err != nil {
		return nil, err
	}
	views := make([]ConnectionView, 0, len(all))
	for _, c := range all {
		v := ConnectionView{Connection: c}
		v.Traffic, v.Known = a.Traffic(c.ID)
		if v.Journal, err = a.Store.FollowsJournal(ctx, c.ID); err != nil {
			return nil, err
		}
		if v.Syncs, err = a.PortalNeeds(ctx, c.Name); err != nil {
			return nil, err
		}
		for _, y := range v.Syncs {
			for _, n := range y.Needs {
				if n.Missing && !n.Optional && !slices.ContainsFunc(v.Missing, func(m Need) bool { return m.Scope == n.Scope }) {
					v.Missing = append(v.Missing, n)
				}
			}
		}
		views = append(views, v)
	}
	return views, nil
}

// SourceView is a source with what a person wants to know of it.
type SourceView struct {
	Name, Kind string
	Where      string // the folder of a file
	Rows       int    // at the last run, 0 before
	Read       time.Time
	Problem    string // "" is well
	Syncs      []string
}

// SourceViews returns the sources that the syncs use, by name. Files are looked
// for, not read.
func (a *App) SourceViews(ctx context.Context) ([]SourceView, error) {
	syncs, err := a.Store.Syncs(ctx)
	if err != nil {
		return nil, err
	}
	found := make(map[string]*SourceView)
	for _, y := range syncs {
		d, err := definition.Parse([]byte(y.Definition), y.Path)
		if err != nil {
			continue
		}
		path := d.SourcePath()
		if d.Source.DSN != "" || d.Source.Kind == database.SQLite {
			path = d.Source.DSN + path + "\x00" + tableTitle(d.Source)
		}
		if len(d.Source.Files) > 0 {
			path = d.Source.Query
			for _, f := range d.Source.Files {
				path += "\x00" + d.FilePath(f)
			}
		}
		if d.Source.Kind == portal.Kind {
			path = "\x00" + d.Source.Portal + "\x00" + sourceObject(d)
		}
		if d.Source.Kind == submissions.Kind {
			path = "\x00" + d.Source.Portal + "\x00form\x00" + d.Source.Form
		}
		v := found[path]
		switch {
		case v != nil:
		case d.Source.Kind == submissions.Kind:
			v = &SourceView{Name: sourceTitle(d), Kind: d.Source.Kind, Where: cmp.Or(d.Source.Portal, d.HubSpot.Portal, "HubSpot")}
			found[path] = v
		case d.Source.Kind == portal.Kind:
			v = &SourceView{Name: sourceObject(d), Kind: d.Source.Kind, Where: d.Source.Portal}
			found[path] = v
		case d.Source.DSN != "":
			v = &SourceView{Name: tableTitle(d.Source), Kind: d.Source.Kind, Where: databasePlace(d.Source)}
			found[path] = v
		case d.Source.Kind == database.SQLite:
			v = &SourceView{Name: tableTitle(d.Source), Kind: d.Source.Kind, Where: d.SourcePath()}
			found[path] = v
		case len(d.Source.Files) > 0:
			v = &SourceView{Name: sourceTitle(d), Kind: d.Source.Kind, Where: filepath.Dir(d.FilePath(d.Source.Files[0])), Problem: filesProblem(d)}
			found[path] = v
		default:
			v = &SourceView{Name: filepath.Base(path), Kind: d.Source.Kind, Where: filepath.Dir(path), Problem: fileProblem(path)}
			found[path] = v
		}
		v.Syncs = append(v.Syncs, y.Name)
		runs, err := a.Runs(ctx, y.ID, 1)
		if err != nil {
			return nil, err
		}
		if len(runs) > 0 && runs[0].Started.After(v.Read) {
			v.Read, v.Rows = runs[0].Started, runs[0].Counts.Read
		}
	}
	views := make([]SourceView, 0, len(found))
	for _, v := range found {
		views = append(views, *v)
	}
	slices.SortFunc(views, func(x, y SourceView) int { return strings.Compare(x.Where+"\x00"+x.Name, y.Where+"\x00"+y.Name) })
	return views, nil
}

// filesProblem is that of the first file that can't be read, with its name.
func filesProblem(d *definition.Definition) string {
	for _, f := range d.Source.Files {
		if problem := fileProblem(d.FilePath(f)); problem != "" {
			return filepath.Base(f.Path) + ": " + strings.ToLower(problem)
		}
	}
	return ""
}

// fileProblem says in a few words why a source's file can't be read.
func fileProblem(path string) string {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "File not found"
	case errors.Is(err, fs.ErrPermission):
		return "You may not read it"
	case err != nil:
		return "Can't be read"
	case info.IsDir():
		return "A folder is in its place"
	}
	if _, _, err := opener.Detect(path); err != nil {
		return "Not readable any more"
	}
	return ""
}

// TokenCheck is what a pasted token turned out to be.
type TokenCheck struct {
	hubspot.Account
	Scopes  []string // nil where the portal does not tell
	Missing []string // of DefaultScopes
}

// CheckToken asks HubSpot what a pasted token is for. Nothing is kept.
func (a *App) CheckToken(ctx context.Context, pasted string) (TokenCheck, error) {
	token, err := hubspot.CleanToken(pasted)
	if err != nil {
		return TokenCheck{}, err
	}
	_, account, info, err := a.discover(ctx, token)
	if err != nil {
		return TokenCheck{}, err
	}
	c := TokenCheck{Account: account, Scopes: info.Scopes}
	if len(info.Scopes) > 0 {
		c.Missing = slices.DeleteFunc(hubspot.MissingScopes(info.Scopes, DefaultScopes()), func(s string) bool { return s == hubspot.SignInScope })
	}
	return c, nil
}
