package app

import (
	"context"
	"path/filepath"
	"slices"

	"syncline/app/suggest"
	"syncline/sync/definition"
	"syncline/sync/record"
)

// KnownSync is a sync whose rows the cells of another source may name by their
// key.
type KnownSync struct {
	Document string // as a link of the draft names it
	Name     string
	Object   string // object type, as HubSpot's paths have it
	Key      []string
	id       int64
}

// KeyLink says that the cells of a column are keys of the rows of another sync.
type KeyLink struct {
	Field string
	Sync  KnownSync
	Named int // different values of the sample that are keys there
	Of    int // different values of the sample
}

// findSyncs notes which syncs the draft can link to, and which of its columns
// name their rows.
func (a *App) findSyncs(ctx context.Context, d *Draft) error {
	d.Syncs, d.KeyLinks = nil, nil
	if a == nil {
		return nil
	}
	syncs, err := a.Store.Syncs(ctx)
	if err != nil {
		return err
	}
	from := filepath.Join(a.Store.Dir(), "syncs")
	if d.Definition.Path != "" {
		from = filepath.Dir(absolute(d.Definition.Path))
	}
	for _, y := range syncs {
		path, err := a.place(ctx, y)
		if err != nil || d.Definition.Path != "" && sameFile(path, d.Definition.Path) {
			continue
		}
		def, err := definition.Parse([]byte(y.Definition), path)
		rel, outside := filepath.Rel(from, path)
		if err != nil || outside != nil || def.Associate != nil || d.Portal.PortalID != 0 && y.PortalID != d.Portal.PortalID {
			continue
		}
		d.Syncs = append(d.Syncs, KnownSync{Document: filepath.ToSlash(rel), Name: def.Name, Object: canonicalType(def.HubSpot.Object), Key: def.Source.Key, id: y.ID})
	}
	return a.findKeyLinks(ctx, d)
}

// findKeyLinks compares the samples of the columns with the keys of the rows
// that each sync last read.
func (a *App) findKeyLinks(ctx context.Context, d *Draft) error {
	for _, c := range d.Schema.Columns {
		values := d.sampleOf(c.Name)
		if len(values) == 0 || slices.Equal(d.Definition.Source.Key, []string{c.Name}) {
			continue
		}
		var best KeyLink
		for _, y := range d.Syncs {
			n, err := a.Store.KnownRows(ctx, y.id, values)
			if err != nil {
				return err
			}
			if l := (KeyLink{c.Name, y, n, len(values)}); n > best.Named && suggest.NamesRows(c, values, y.Name, y.Object, n) {
				best = l
			}
		}
		if best.Named > 0 {
			d.KeyLinks = append(d.KeyLinks, best)
		}
	}
	return nil
}

// sampleOf are the different values of a column in the sample of the rows.
func (d *Draft) sampleOf(column string) []string {
	var out []string
	for _, row := range d.Rows {
		if s := record.Trimmed(row.Fields[column].String()); s != "" && !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

// LinksTo are the syncs of an object type, by whose keys a column can name
// records.
func (d *Draft) LinksTo(object string) []KnownSync {
	object = canonicalType(object)
	return slices.DeleteFunc(slices.Clone(d.Syncs), func(y KnownSync) bool { return y.Object != object })
}
