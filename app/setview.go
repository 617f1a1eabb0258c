package app

import (
	"context"
	"slices"
	"time"

	"syncline/store"
	"syncline/sync/definition"
	"syncline/sync/engine"
)

// KnownSet is a set that a person works with.
type KnownSet = store.KnownSet

// SetCard is a set as Home shows it.
type SetCard struct {
	KnownSet
	Err   error     // its document can't be read any more, or is wrong; nothing else is known then
	Syncs []SetSync // in their order
	SetStanding
}

// HasSync reports whether a sync is one of the set's.
func (c SetCard) HasSync(id int64) bool {
	return slices.ContainsFunc(c.Syncs, func(y SetSync) bool { return y.Card != nil && y.Card.ID == id })
}

// AddSet makes the set at path, and each of its syncs, known to the workspace,
// so that Home shows them before they were ever run.
func (a *App) AddSet(ctx context.Context, path string) error {
	set, err := a.OpenSet(path)
	if err != nil {
		return err
	}
	for _, path := range set.Paths {
		if err := a.AddSync(ctx, path); err != nil {
			return err
		}
	}
	return a.seeSet(ctx, set)
}

func (a *App) seeSet(ctx context.Context, set *Set) error {
	return a.Store.SeeSet(ctx, store.KnownSet{Path: set.Path, Name: set.Name, Seen: time.Now()})
}

// Sets returns the sets that the workspace knows, those worked with last first.
func (a *App) Sets(ctx context.Context) ([]SetCard, error) {
	known, err := a.Store.KnownSets(ctx)
	if err != nil {
		return nil, err
	}
	cards := make([]SetCard, 0, len(known))
	for _, k := range known {
		c := SetCard{KnownSet: k}
		v, err := a.SetView(ctx, k.Path)
		if c.Err = err; err == nil {
			c.Name, c.Syncs = v.Name, v.Syncs
			c.SetStanding, err = a.standing(ctx, v)
		}
		if err != nil && c.Err == nil {
			return nil, err
		}
		cards = append(cards, c)
	}
	return cards, nil
}

// HideSet takes a set from Home. What is known of it stays.
func (a *App) HideSet(ctx context.Context, path string) error {
	return a.Store.HideSet(ctx, absolute(path))
}

// SetView is a set as a diagram: object types, the syncs that fill them, and
// the associations between them.
type SetView struct {
	*Set
	Objects      []string // object type names as the documents write them, each once, in the order of the syncs
	Syncs        []SetSync
	Associations []SetAssociation
}

// SetSync is a sync of a set.
type SetSync struct {
	Document   string
	Path       string
	Definition *definition.Definition
	// Card is what the workspace knows of it; nil where it was never previewed
	// or run.
	Card *Card
}

// SetAssociation is a kind of associations that a sync of the set makes.
type SetAssociation struct {
	Sync     int // of SetView.Syncs: who makes it
	From, To string
	Label    definition.Label
	Rows     bool // the rows of the sync are associations themselves
	// By is the column whose cells name the other end; of rows that are associations the columns
	// of both ends with → between them.
	By   string
	Line string // the part of the definition that asks for them, as plan.Edge.Line has it
}

// SetView reads a set with what the workspace knows of its syncs. It connects
// nothing.
func (a *App) SetView(ctx context.Context, path string) (SetView, error) {
	set, err := a.OpenSet(path)
	if err != nil {
		return SetView{}, err
	}
	v := SetView{Set: set}
	object := func(name string) {
		if name != "" && !slices.ContainsFunc(v.Objects, func(o string) bool { return ObjectLabel(o) == ObjectLabel(name) }) {
			v.Objects = append(v.Objects, name)
		}
	}
	for i, path := range set.Paths {
		d, err := definition.Load(path)
		if err != nil {
			return v, err
		}
		s := SetSync{Document: set.Documents[i], Path: path, Definition: d}
		if s.Card, err = a.cardOf(ctx, d); err != nil {
			return v, err
		}
		v.Syncs = append(v.Syncs, s)
		object(d.HubSpot.Object)
		lines := engine.AssociationLines(d)
		for k, x := range d.Associations {
			object(x.To)
			v.Associations = append(v.Associations, SetAssociation{Sync: i, From: d.HubSpot.Object, To: x.To, Label: x.Label, By: x.End.Field(), Line: lines[k]})
		}
		if x := d.Associate; x != nil {
			object(x.To.Object)
			v.Associations = append(v.Associations, SetAssociation{Sync: i, From: x.From.Object, To: x.To.Object, Label: x.Label, Rows: true,
				By: x.From.End.Field() + " → " + x.To.End.Field(), Line: lines[0]})
		}
	}
	return v, nil
}

// cardOf is what the workspace knows of a definition's sync, nil for nothing.
func (a *App) cardOf(ctx context.Context, d *definition.Definition) (*Card, error) {
	syncs, err := a.syncsOf(ctx, d)
	if err != nil || len(syncs) == 0 {
		return nil, err
	}
	c, err := a.card(ctx, syncs[0])
	return &c, err
}
