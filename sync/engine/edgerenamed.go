package engine

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"syncline/sync/hubspot"
)

// HubSpot tells labels apart by their types; their names are for people, who change
// them. A name that HubSpot has no more is that of the type which this sync made or
// found under it, so that what bears the label is neither removed nor made anew.

// renamed is a label under the name that it had, with the one that it has now.
type renamed struct {
	hubspot.AssociationType
	now string
}

// knowLabels finds out which labels that are remembered have another name by now.
func (j *job) knowLabels(ctx context.Context) error {
	if !slices.ContainsFunc(j.lines, func(l *edgeLine) bool {
		_, ok := l.typeOf(l.label.Name)
		return l.label.Field != "" || !ok
	}) {
		return nil // all names that are asked for are there
	}
	all, err := j.Store.EdgeLabels(ctx, j.sync.ID)
	if err != nil {
		return err
	}
	for _, l := range j.lines {
		l.called = make(map[string]renamed)
		several := make(map[string]bool)
		for _, e := range all {
			i := slices.IndexFunc(l.types, func(t hubspot.AssociationType) bool { return t.Category == e.Category && t.TypeID == e.Type })
			name := strings.ToLower(e.Label)
			if e.Line != l.name || e.Object != l.toT.ID || i < 0 || strings.EqualFold(l.types[i].Label, e.Label) {
				continue
			}
			if was, ok := l.called[name]; ok && was.TypeID != e.Type {
				several[name] = true
			}
			// It is remembered under the name by which the source asks for it.
			l.called[name] = renamed{hubspot.AssociationType{Category: e.Category, TypeID: e.Type, Label: e.Label}, l.types[i].Label}
		}
		for name := range several { // nobody can say which is meant
			delete(l.called, name)
		}
	}
	return nil
}

// sayRenamed tells what the labels are called now that rows ask for by another name.
func (e *edgePlanner) sayRenamed(w *wanted) {
	was, ok := w.line.called[strings.ToLower(strings.TrimSpace(w.label))]
	if !ok || was.now == w.line.said[was.Label] {
		return
	}
	if t, ok := w.line.typeOf(w.label); !ok || t != was.AssociationType {
		return // there is a label of that name again
	}
	if w.line.said == nil {
		w.line.said = make(map[string]string)
	}
	w.line.said[was.Label] = was.now
	e.notes = append(e.notes, fmt.Sprintf("The label %q from %s to %s is called %q in HubSpot now. It is the same label and stays: write the new name in the source, or under values, and both say the same.",
		was.Label, strings.ToLower(w.line.fromT.Label), strings.ToLower(w.line.toT.Label), was.now))
}
