package app

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
	"unicode"

	"syncline/app/suggest"
	"syncline/sync/definition"
	"syncline/sync/hubspot"
	"syncline/sync/record"
	"syncline/sync/source"
	"syncline/sync/source/opener"
	"syncline/sync/source/tabular"
	"syncline/sync/transform"
)

// Draft is a sync that is being made: what was read of both sides, and the
// definition so far.
type Draft struct {
	Definition *definition.Definition
	Portal     Portal
	Object     hubspot.ObjectType
	Schema     source.Schema
	Properties []record.Property
	Pairs      []suggest.Pair
	Keys       []suggest.Key
	Rows       []record.Row // a sample
	// RowKeys are the keys that the source itself keeps unique, the best first; none of a
	// file or a query.
	RowKeys  [][]string
	Syncs    []KnownSync // that its rows can be linked to
	KeyLinks []KeyLink   // columns that name rows of these

	app       *App            // opens its source; nil opens files only
	encodings []source.Choice // that were open before one was chosen
	words     []string        // that were met before they were taken for blanks
}

// sampleRows is how many rows examples are shown on, and sampleBytes how much
// they may hold in all: long rows make the sample smaller.
const (
	sampleRows  = 50
	sampleBytes = 16 << 20
)

// NewDraft reads a dropped or chosen file.
func (a *App) NewDraft(ctx context.Context, path, sheet string) (*Draft, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	kind, sheets, err := opener.Detect(abs)
	if err != nil {
		return nil, err
	}
	if sheet == "" && len(sheets) > 0 {
		sheet = sheets[0]
	}
	name := strings.TrimSuffix(filepath.Base(abs), filepath.Ext(abs))
	d := &definition.Definition{Name: name, Source: definition.Source{Kind: kind, Path: abs, Sheet: sheet}, Direction: definition.TwoWay, Create: definition.CreateHubSpot}
	draft := &Draft{Definition: d, app: a}
	if err := draft.readSource(ctx); err != nil {
		return nil, err
	}
	if draft.Schema.Guessed {
		// What a person sees here is what every run reads, whatever is put above it later.
		d.Source.HeaderRow = draft.Schema.HeaderRow
	}
	return draft, nil
}

// readSource reads the columns and a sample of the rows.
func (d *Draft) readSource(ctx context.Context) error {
	src, err := d.app.openSource(ctx, d.Definition)
	if err != nil {
		return err
	}
	defer src.Close()
	if d.Schema, err = src.Describe(ctx); err != nil {
		return err
	}
	d.Rows = d.Rows[:0]
	size := 0
	for row, err := range src.Rows(ctx, time.Time{}) {
		var bad *source.RowError
		if errors.As(err, &bad) {
			continue
		}
		if err != nil {
			return err
		}
		size += tabular.Size(row.Fields)
		if d.Rows = append(d.Rows, row); len(d.Rows) == sampleRows || size >= sampleBytes {
			break
		}
	}
	return nil
}

// ChooseObject reads an object type's properties and suggests how to map it.
func (a *App) ChooseObject(ctx context.Context, d *Draft, portal, object string) error {
	p, err := a.Portal(ctx, portal)
	if err != nil {
		return err
	}
	t, err := p.Client.ObjectType(ctx, object)
	if err != nil {
		return err
	}
	properties, err := p.Client.Properties(ctx, t.Path())
	if hubspot.IsNotShown(err) {
		return &UseError{Msg: t.Absent()}
	}
	if err != nil {
		return err
	}
	d.Portal, d.Object, d.Properties = p, t, properties
	d.Definition.HubSpot.Portal, d.Definition.HubSpot.Object = p.Name, t.Name
	if t.Custom() {
		d.Definition.HubSpot.Object = strings.TrimSpace(object) // as the document or the choice has it
	}
	d.Pairs = suggest.Pairs(d.Schema.Columns, properties, suggest.Options{})
	var lines []suggest.Line
	for _, pair := range d.Pairs {
		lines = append(lines, suggest.Line{Field: pair.Field, Property: pair.Property})
	}
	d.Keys = suggest.Keys(d.Schema.Columns, properties, lines, nil)
	return a.findSyncs(ctx, d)
}

// OpenDraft opens a sync's definition for editing.
func (a *App) OpenDraft(ctx context.Context, path string) (*Draft, error) {
	def, err := definition.Load(path)
	if err != nil {
		return nil, err
	}
	if def.Deliver != nil {
		return nil, &UseError{Msg: fmt.Sprintf("%s sends its rows to a %s: what goes where is written in its document, %s, and checked with: syncline check", def.Name, def.Deliver.To, path)}
	}
	d := &Draft{Definition: def, app: a}
	if err := d.readSource(ctx); err != nil {
		return nil, err
	}
	return d, a.ChooseObject(ctx, d, def.HubSpot.Portal, def.HubSpot.Object)
}

// Example is a value on its way through a field's transforms.
type Example struct {
	Before, After record.Value
	Err           error
}

// Examples shows what a chain does to a field of the sample: up to n rows, the
// first one that fails among them, and how many of the sample convert.
func (d *Draft) Examples(field string, chain transform.Chain, n int) (shown []Example, converted, total int) {
	var failed *Example
	for _, row := range d.Rows {
		v := row.Fields[field]
		if v.Empty() {
			continue
		}
		total++
		after, err := chain.Apply(v, transform.Env{Row: row.Fields, Zone: d.Definition.Source.Location()})
		e := Example{Before: v, After: after, Err: err}
		if err != nil {
			if failed == nil {
				failed = &e
			}
			continue
		}
		converted++
		if len(shown) < n {
			shown = append(shown, e)
		}
	}
	if failed != nil {
		if len(shown) == n && n > 0 {
			shown = shown[:n-1]
		}
		shown = append(shown, *failed)
	}
	return shown, converted, total
}

// Save writes the definition into the workspace, or back to its own file, and
// returns the path.
func (a *App) Save(d *Draft) (string, error) {
	def := d.Definition
	if def.Path == "" {
		dir := filepath.Join(a.Store.Dir(), "syncs")
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return "", err
		}
		path, err := freePath(dir, def.Name)
		if err != nil {
			return "", err
		}
		def.Path, def.ID = path, definition.NewID() // also where it was made of another sync
	}
	yaml, err := def.YAML()
	if err != nil {
		return "", err
	}
	// What can't be read back must not replace what can.
	if _, err := definition.Parse(yaml, def.Path); err != nil {
		return "", err
	}
	tmp := def.Path + ".tmp"
	if err := os.WriteFile(tmp, yaml, 0o600); err != nil {
		return "", err
	}
	return def.Path, os.Rename(tmp, def.Path)
}

// freePath names a new definition after its sync; taken are paths that will be
// written beside it.
func freePath(dir, name string, taken ...string) (string, error) {
	clean := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || r == ' ' || r == '-' || r == '_' {
			return r
		}
		return '-'
	}, strings.TrimSpace(name))
	if clean == "" {
		clean = "sync"
	}
	for i := 1; i < 1000; i++ {
		path := filepath.Join(dir, clean+".yaml")
		if i > 1 {
			path = filepath.Join(dir, fmt.Sprintf("%s %d.yaml", clean, i))
		}
		meant := slices.ContainsFunc(taken, func(t string) bool { return strings.EqualFold(t, path) })
		if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) && !meant {
			return path, nil
		}
	}
	return "", fmt.Errorf("there are too many syncs named %q: choose another name", name)
}
