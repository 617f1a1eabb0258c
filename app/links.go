package app

import (
	"context"
	"fmt"
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
		if err != nil || outside != nil || def.Associate != nil || def.Deliver != nil || d.Portal.PortalID != 0 && y.PortalID != d.Portal.PortalID {
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

// AssociateEnd is one end of what the rows of a sync associate, as far as its
// portal and its source told.
type AssociateEnd struct {
	Target
	// Named is how many of the different values of its column that were kept are keys of rows of
	// the sync that it links to, of Values; it is told only where that sync is known.
	Named, Values int
	Known         bool
}

// Associating is a sync whose rows are associations, opened for editing.
type Associating struct {
	*Draft
	Ends   [2]AssociateEnd // from and to; Labels are those of the second
	Census *Census
}

// OpenAssociating opens a sync whose rows are associations for editing.
func (a *App) OpenAssociating(ctx context.Context, path string) (*Associating, error) {
	d, err := a.OpenDraft(ctx, path)
	if err != nil {
		return nil, err
	}
	if d.Definition.Associate.List != "" {
		return nil, &UseError{Msg: fmt.Sprintf("%q puts records into the list %q. This window can't show that yet: change it in its document, %s; its plan, runs and conflicts are here as of any sync.", d.Definition.Name, d.Definition.Associate.List, path)}
	}
	x := &Associating{Draft: d}
	if x.Census, err = d.Census(ctx); err != nil {
		return nil, err
	}
	x.Ends[0].Target = Target{Object: d.Object, Properties: d.Properties}
	if x.Ends[1].Target, err = a.Target(ctx, d, d.Definition.Associate.To.Object); err != nil {
		return nil, err
	}
	return x, a.CountEnds(ctx, x)
}

// CountEnds counts how many cells at each end name a row of the sync that it
// links to.
func (a *App) CountEnds(ctx context.Context, x *Associating) error {
	for i, end := range []definition.AssociateEnd{x.Definition.Associate.From, x.Definition.Associate.To} {
		e := &x.Ends[i]
		e.Known, e.Named, e.Values = false, 0, 0
		at := slices.IndexFunc(x.Syncs, func(y KnownSync) bool { return y.Document == end.End.Link.Sync })
		if at < 0 {
			continue
		}
		counts, _ := x.Census.Values(end.End.Link.Field)
		values := make([]string, 0, len(counts))
		for _, v := range counts {
			values = append(values, v.Value)
		}
		n, err := a.Store.KnownRows(ctx, x.Syncs[at].id, values)
		if err != nil {
			return err
		}
		e.Known, e.Named, e.Values = true, n, len(values)
	}
	return nil
}

// IsAssociate reports whether the rows of the sync at path are associations.
func (a *App) IsAssociate(path string) bool {
	d, err := definition.Load(path)
	return err == nil && d.Associate != nil
}
