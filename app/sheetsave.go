package app

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"syncline/app/suggest"
	"syncline/sync/definition"
)

// definition is the sync that a sheet becomes. files are the names of the
// documents of all sheets.
func (s *SheetSet) definition(sheet int, files []string) *definition.Definition {
	one := &s.Sheets[sheet]
	src := one.Draft.Definition.Source
	src.Key = []string{one.Key}
	d := &definition.Definition{Name: one.Name, Source: src, Direction: definition.ToHubSpot, Create: definition.CreateHubSpot, Duplicates: definition.DuplicatesReview}
	d.HubSpot.Portal = s.Portal
	link := func(l suggest.Link) definition.End {
		return definition.End{Link: definition.LinkKey{Sync: files[l.To], Field: l.Column}}
	}
	if one.AsRoles {
		from, to := one.Roles.From, one.Roles.To
		d.Create = definition.CreateNone
		d.Associate = &definition.Associate{
			From:  definition.AssociateEnd{Object: s.Sheets[from.To].Object, End: link(from)},
			To:    definition.AssociateEnd{Object: s.Sheets[to.To].Object, End: link(to)},
			Label: definition.Label{Field: one.Label}}
		d.HubSpot.Object = d.Associate.From.Object
		return d
	}
	d.HubSpot.Object = one.Object
	if one.TwoWay {
		d.Direction = definition.TwoWay
	}
	if one.Skip {
		d.Create = definition.CreateNone
	}
	if d.Fields = one.lines(); one.Match != "" {
		for _, k := range one.Draft.Keys {
			if k.Field == one.Match {
				d.HubSpot.Match = []definition.MatchKey{{Field: k.Field, Property: k.Property}}
				break
			}
		}
	}
	for i, l := range s.Links {
		if l.From == sheet && s.TakesPart(i) {
			d.Associations = append(d.Associations, definition.Association{To: s.Sheets[l.To].Object, End: link(l.Link)})
		}
	}
	return d
}

// SaveSet writes the documents of a set and of its syncs into the workspace,
// makes them known, and returns the path of the set's. Where that fails, nothing
// of it stays.
func (a *App) SaveSet(ctx context.Context, s *SheetSet) (path string, err error) {
	dir := filepath.Join(a.Store.Dir(), "syncs")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	var written []string
	defer func() {
		if err != nil {
			for _, p := range written {
				err = errors.Join(err, os.Remove(p))
			}
		}
	}()
	files, set := make([]string, len(s.Sheets)), &definition.Set{Name: strings.TrimSpace(s.Name)}
	for i, one := range s.Sheets {
		if one.Out {
			continue
		}
		p, err := freePath(dir, one.Name, written...)
		if err != nil {
			return "", err
		}
		files[i], written = filepath.Base(p), append(written, p)
		set.Syncs = append(set.Syncs, files[i])
	}
	todo := written
	written = nil
	for i, one := range s.Sheets {
		if one.Out {
			continue
		}
		d := s.definition(i, files)
		d.Path, d.ID, todo = todo[0], definition.NewID(), todo[1:]
		if _, err := a.Save(&Draft{Definition: d}); err != nil {
			return "", fmt.Errorf("%s: %w", one.Name, err)
		}
		written = append(written, d.Path)
	}
	if set.Path, err = freePath(dir, set.Name, written...); err != nil {
		return "", err
	}
	text, err := set.YAML()
	if err != nil {
		return "", err
	}
	if err := os.WriteFile(set.Path, text, 0o600); err != nil {
		return "", err
	}
	written = append(written, set.Path)
	return set.Path, a.AddSet(ctx, set.Path)
}
