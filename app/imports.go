package app

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"syncline/sync/definition"
)

// definitionEndings are those of files that hold a definition.
var definitionEndings = []string{".yaml", ".yml", ".syncline"}

// DefinitionEndings are the endings of files that hold a definition.
func DefinitionEndings() []string { return slices.Clone(definitionEndings) }

// IsDefinition tells by its name whether a file holds a definition of a sync.
func IsDefinition(path string) bool {
	return slices.Contains(definitionEndings, strings.ToLower(filepath.Ext(path)))
}

// Import is a definition that somebody brings into the workspace, before it is
// taken in: nothing but the document itself was read.
type Import struct {
	Path string // absolute
	Name string
	// Object is what its records are called, Source the name of its file.
	Object, Source string
	Direction      definition.Direction
	Portal         string // the one that it names, "" for none
	// Outside says which file it reads outside of its own folder, "" for none:
	// whoever got the document from somebody else must be asked.
	Outside string
	Known   bool // the workspace has its sync already
}

// ReadImport reads a definition that is to be imported. It opens nothing that
// the document names.
func (a *App) ReadImport(ctx context.Context, path string) (Import, error) {
	d, err := definition.Load(path)
	if err != nil {
		return Import{}, err
	}
	syncs, err := a.syncsOf(ctx, d)
	if err != nil {
		return Import{}, err
	}
	m := Import{Path: absolute(path), Name: d.Name, Object: objectOf(d), Source: d.Source.Kind, Direction: d.Direction, Portal: d.HubSpot.Portal, Outside: SourceOutside(d)}
	if x := d.Associate; x != nil {
		m.Object = ObjectLabel(x.From.Object) + " with " + strings.ToLower(ObjectLabel(x.To.Object))
	}
	m.Source = sourceTitle(d)
	for _, y := range syncs {
		m.Known = m.Known || !y.Hidden
	}
	if m.Portal != "" {
		if _, err := a.Portal(ctx, m.Portal); err != nil {
			return m, fmt.Errorf("the sync %q is of the portal %q: %w", m.Name, m.Portal, err)
		}
	}
	return m, nil
}

// SetImport is a set that somebody brings into the workspace, with its syncs in
// order, before it is taken in.
type SetImport struct {
	Path  string // absolute
	Name  string
	Syncs []Import
}

// IsSet reports whether the file at path holds a set.
func IsSet(path string) bool { return definition.IsSet(path) }

// ReadSetImport reads a set that is to be imported, and the documents of its
// syncs. It opens nothing that those name.
func (a *App) ReadSetImport(ctx context.Context, path string) (SetImport, error) {
	set, err := a.OpenSet(path)
	if err != nil {
		return SetImport{}, err
	}
	m := SetImport{Path: set.Path, Name: set.Name}
	for _, path := range set.Paths {
		one, err := a.ReadImport(ctx, path)
		if err != nil {
			return m, err
		}
		m.Syncs = append(m.Syncs, one)
	}
	return m, nil
}
