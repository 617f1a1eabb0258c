package portal

import (
	"context"
	"errors"
	"slices"
	"strings"

	"syncline/sync/hubspot"
	"syncline/sync/record"
)

// associated begins the name of a column with the ids of the records of a type
// that a record is associated with, parted by “;”. Such a column is read only
// where it is used.
const associated = "associated "

var errStopped = errors.New("the reader has enough")

// associable are the types of the columns that are offered: what everybody has,
// and what the definition asks for.
func (s *Source) associable() []hubspot.ObjectType {
	var all []hubspot.ObjectType
	for _, t := range hubspot.OfferedTypes() {
		if t.Core && !t.Activity {
			all = append(all, t)
		}
	}
	for _, t := range s.associates() {
		if !slices.ContainsFunc(all, func(o hubspot.ObjectType) bool { return o.Name == t.Name }) {
			all = append(all, t)
		}
	}
	return all
}

// associates are the types whose associations are used.
func (s *Source) associates() []hubspot.ObjectType {
	var all []hubspot.ObjectType
	for _, column := range s.opts.Use {
		name, ok := strings.CutPrefix(column, associated)
		if !ok {
			continue
		}
		if t, known := hubspot.FindObjectType(name); known {
			t.Name = name
			all = append(all, t)
		}
	}
	return all
}

// associate fills the columns of associations of some rows.
func (s *Source) associate(ctx context.Context, rows []record.Row) error {
	ids := make([]string, 0, len(rows))
	for _, row := range rows {
		ids = append(ids, row.Fields[IDColumn].String())
	}
	if len(ids) == 0 {
		return nil
	}
	for _, t := range s.associates() {
		got, err := s.client.BatchReadAssociations(ctx, s.object.Path(), t.Path(), ids)
		if err != nil {
			return err
		}
		if len(got.Failures) > 0 {
			return got.Failures[0].Err
		}
		others := make(map[string][]string)
		for _, e := range got.Edges {
			others[e.From] = append(others[e.From], e.To)
		}
		for _, row := range rows {
			all := others[row.Fields[IDColumn].String()]
			slices.SortFunc(all, compareIDs)
			row.Fields[associated+t.Name] = record.Text(strings.Join(slices.Compact(all), ";"))
		}
	}
	return nil
}

// compareIDs orders ids, which are numbers, by size.
func compareIDs(a, b string) int {
	if len(a) != len(b) {
		return len(a) - len(b)
	}
	return strings.Compare(a, b)
}
