package engine

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"syncline/sync/definition"
	"syncline/sync/source"
)

// checkAbilities finds flows that the source can't take.
func (j *job) checkAbilities() []definition.Problem {
	d, can := j.Definition, j.schema.source.Abilities
	var problems []definition.Problem
	problem := func(part, format string, args ...any) {
		problems = append(problems, definition.Problem{Line: d.Line(part), Key: part, Msg: fmt.Sprintf(format, args...)})
	}
	for i, f := range d.Fields {
		if !f.Flows(definition.FromHubSpot) || f.Field == "" {
			continue
		}
		part := fmt.Sprintf("fields[%d]", i)
		column := j.columnOf(f.Field)
		switch {
		case !can.Update:
			problem(part, "%q flows to the source, which can't be written: %s", f.Field, can.Why)
		case column.ReadOnly != "":
			problem(part, "%q flows to the source, but its column there %s: write direction: to-hubspot for it, or choose another column", f.Field, column.ReadOnly)
		}
	}
	switch gone := d.Delete.RecordGone; {
	case gone == "ignore" || gone == "":
	case gone == "delete" && !can.Delete:
		problem("delete.record-gone", "%s deletes rows, which can't be done here: %s", gone, can.Why)
	case gone == "flag" && !can.Update:
		problem("delete.record-gone", "%s changes the source, which can't be written: %s", gone, can.Why)
	case gone == "flag" && d.Delete.FlagRow != nil:
		if why := j.columnOf(d.Delete.FlagRow.Field).ReadOnly; why != "" {
			problem("delete.flag-row.field", "the column %q %s, so it can't mark a row: choose another column", d.Delete.FlagRow.Field, why)
		}
	}
	if !d.Create.InSource() {
		return problems
	}
	if !can.Insert {
		problem("create", "rows can't be created in the source: %s", can.Why)
		return problems
	}
	return append(problems, j.checkNewRows()...)
}

// checkNewRows finds what new rows would lack.
func (j *job) checkNewRows() []definition.Problem {
	d := j.Definition
	var problems []definition.Problem
	filled := func(column string) bool {
		return slices.ContainsFunc(d.Fields, func(f definition.Field) bool { return f.Field == column })
	}
	for _, key := range d.Source.Key {
		if !filled(key) && !j.fills(key) {
			problems = append(problems, definition.Problem{Line: d.Line("create"), Key: "create",
				Msg: fmt.Sprintf("rows can't be created in the source, because nothing in the field map fills its key %q: map it to a property", key)})
		}
	}
	for _, c := range j.schema.source.Columns {
		flows := slices.ContainsFunc(d.Fields, func(f definition.Field) bool {
			return f.Field == c.Name && f.Flows(definition.FromHubSpot)
		})
		switch {
		case flows && c.NoInsert:
			problems = append(problems, definition.Problem{Line: d.Line("create"), Key: "create",
				Msg: fmt.Sprintf("rows can't be created in the source, because new rows can't be given a value for %q there", c.Name)})
		case c.NotNull && c.Fills == "" && !flows && !slices.Contains(d.Source.Key, c.Name):
			problems = append(problems, definition.Problem{Line: d.Line("create"), Key: "create",
				Msg: fmt.Sprintf("rows can't be created in the source, because its column %q must have a value, and nothing fills it: map a property to it, or give it a default", c.Name)})
		}
	}
	return problems
}

// namedColumns are the columns of the source whose cells are labels and addresses.
func (j *job) namedColumns() map[string]bool {
	named := make(map[string]bool)
	for _, c := range j.schema.source.Columns {
		named[c.Name] = c.Names
	}
	return named
}

// checkSamePortal refuses an object that would be in step with itself.
func (j *job) checkSamePortal() []definition.Problem {
	d, details := j.Definition, j.schema.source.Details
	if d.Source.Kind != "hubspot" || details["portal"] != strconv.FormatInt(j.schema.account.PortalID, 10) || details["object"] != j.schema.object.ID {
		return nil
	}
	return []definition.Problem{{Line: d.Line("source.portal"), Key: "source.portal",
		Msg: fmt.Sprintf("both sides are %s of the portal %s: name the connection to another portal.", strings.ToLower(j.schema.object.Label), details["portal"])}}
}

// columnOf is a column of the source, zero where it has none of that name.
func (j *job) columnOf(name string) source.Column {
	for _, c := range j.schema.source.Columns {
		if c.Name == name {
			return c
		}
	}
	return source.Column{}
}
