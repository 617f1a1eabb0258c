package app

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"syncline/sync/definition"
	"syncline/sync/source"
	"syncline/sync/source/database"
	"syncline/sync/source/localfile"
)

// sourceNotes are what a person should know of a sync's file before it is read
// and written.
func (a *App) sourceNotes(d *definition.Definition) []string {
	var notes []string
	if note := a.Store.Note(); note != "" {
		notes = append(notes, note)
	}
	// What the window made names the file that somebody chose there.
	own := filepath.Join(a.Store.Dir(), "syncs")
	if note := SourceOutside(d); note != "" && leads(own) != leads(filepath.Dir(d.Path)) {
		notes = append(notes, note)
	}
	if address, err := database.ParseAddress(d.Source.Kind, d.Source.DSN); err == nil {
		if weak := address.Weak(); weak != "" {
			notes = append(notes, weak)
		}
	}
	if writesSource(d) && d.Source.Path != "" {
		if msg := localfile.Linked(d.SourcePath()); msg != "" {
			notes = append(notes, fmt.Sprintf("%s %s.", d.SourcePath(), msg))
		}
	}
	return notes
}

// readingNotes are what is to be told of how a source is read, as far as it
// concerns the sync.
func readingNotes(d *definition.Definition, src source.Source) []string {
	teller, ok := src.(source.Teller)
	if !ok {
		return nil
	}
	var notes []string
	for _, n := range teller.Notes() {
		if n.Numbers || n.Texts {
			continue // which columns are numbers or texts is known with the portal's properties
		}
		if n.Column == "" || slices.Contains(usedColumns(d), n.Column) {
			notes = append(notes, n.Text)
		}
	}
	return notes
}

// usedColumns are the columns of the source that a sync looks at.
func usedColumns(d *definition.Definition) []string {
	columns := slices.Clone(d.Source.Key)
	for _, m := range d.HubSpot.Match {
		columns = append(columns, m.Field)
	}
	for _, f := range d.Fields {
		columns = append(columns, f.Field)
	}
	return columns
}

// SourceOutside says which file a definition reads that lies outside of its own
// folder, "" where it lies within. Whoever got the definition from somebody
// else may not expect it, so that it is told, and asked before an import.
func SourceOutside(d *definition.Definition) string {
	if d.Path == "" {
		return ""
	}
	var paths []string
	if d.Source.Path != "" {
		paths = append(paths, d.SourcePath())
	}
	for _, f := range d.Source.Files {
		paths = append(paths, d.FilePath(f))
	}
	folder := leads(filepath.Dir(d.Path))
	var outside []string
	for _, path := range paths {
		file := leads(path)
		rel, err := filepath.Rel(folder, file)
		if err != nil || rel == ".." || strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
			outside = append(outside, file)
		}
	}
	does := "reads"
	if writesSource(d) {
		does = "reads and writes"
	}
	switch len(outside) {
	case 0:
		return ""
	case 1:
		return fmt.Sprintf("This sync %s a file outside of its definition's folder: %s.", does, outside[0])
	}
	return fmt.Sprintf("This sync %s files outside of its definition's folder: %s.", does, strings.Join(outside, ", "))
}

// writesSource reports whether a sync may write to its source.
func writesSource(d *definition.Definition) bool {
	return d.Create.InSource() || d.Delete.RecordGone != "ignore" ||
		slices.ContainsFunc(d.Fields, func(f definition.Field) bool { return f.Flows(definition.FromHubSpot) })
}

// leads is where a path leads: absolute, its symbolic links followed.
func leads(path string) string {
	abs, err := filepath.Abs(path)
	if err != nil {
		return path
	}
	if target, err := filepath.EvalSymlinks(abs); err == nil {
		return target
	}
	return abs
}
