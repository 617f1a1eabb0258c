package mapper

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"syncline/app"
	"syncline/sync/definition"
	"syncline/sync/record"
	"syncline/sync/source"
	"syncline/ui/look"
	"syncline/ui/widgets/fieldmap"
)

// fewDistinct is up to how many different values a column is called by them.
const fewDistinct = 12

// fieldCards are the cards of the source. A column that a line names and the
// source lacks has one too: its line would vanish without a word.
func fieldCards(f app.Facts, lines []definition.Field) []fieldmap.Field {
	var out []fieldmap.Field
	for _, c := range f.Columns {
		card := fieldmap.Field{Name: c.Name, Type: columnWords(f, c), Samples: c.Samples}
		if c.Sampled > 0 {
			card.Fill = float64(c.Filled) / float64(c.Sampled)
		}
		out = append(out, card)
	}
	for _, l := range lines {
		if _, ok := f.Column(l.Field); !ok && l.Constant == nil && !slices.ContainsFunc(out, func(c fieldmap.Field) bool { return c.Name == l.Field }) {
			out = append(out, fieldmap.Field{Name: l.Field, Type: "not in the source"})
		}
	}
	return out
}

// columnWords is what a column holds, in words.
func columnWords(f app.Facts, c source.Column) string {
	switch c.Type {
	case record.TypeNumber:
		return "number"
	case record.TypeBool:
		return "yes or no"
	case record.TypeDate:
		return "date"
	case record.TypeDateTime:
		return "date and time"
	case record.TypePhone:
		return "phone"
	}
	every := func(is func(string) bool) bool {
		return len(c.Samples) > 0 && !slices.ContainsFunc(c.Samples, func(s string) bool { return !is(s) })
	}
	if every(func(s string) bool { return strings.Count(s, "@") == 1 && !strings.Contains(s, " ") }) {
		return "email"
	}
	if values, all := f.Census.Values(c.Name); all && len(values) > 0 && len(values) <= fewDistinct && f.Census.Rows >= 4*len(values) {
		if len(values) == 1 {
			return "1 value"
		}
		return fmt.Sprintf("%d values", len(values))
	}
	if slices.ContainsFunc(c.Samples, func(s string) bool { return len(s) > 80 }) {
		return "long text"
	}
	return "text"
}

// propertyCards are the cards of HubSpot: what can be written by name, then
// what can only be read. Hidden properties are left out unless a line uses
// them; a property that a line names and HubSpot lacks has a card too.
func propertyCards(f app.Facts, lines []definition.Field) []fieldmap.Property {
	used := make(map[string]definition.Field)
	for _, l := range lines {
		if was, ok := used[l.Property]; !ok || was.Constant == nil {
			used[l.Property] = l
		}
	}
	var out []fieldmap.Property
	for _, p := range f.Properties {
		line, ok := used[p.Name]
		if p.Hidden && !ok {
			continue
		}
		known, _ := f.Property(p.Name)
		card := propertyCard(known)
		card.Constant = line.Constant
		out = append(out, card)
	}
	slices.SortStableFunc(out, func(a, b fieldmap.Property) int {
		switch {
		case a.ReadOnly == b.ReadOnly:
			return cmp.Compare(strings.ToLower(a.Label), strings.ToLower(b.Label))
		case b.ReadOnly:
			return -1
		}
		return 1
	})
	for _, l := range lines {
		if _, ok := f.Property(l.Property); !ok && !slices.ContainsFunc(out, func(c fieldmap.Property) bool { return c.Name == l.Property }) {
			out = append(out, fieldmap.Property{Name: l.Property, Label: l.Property, Type: "Not in HubSpot", Constant: l.Constant})
		}
	}
	return out
}

func propertyCard(p record.Property) fieldmap.Property {
	card := fieldmap.Property{Name: p.Name, Label: cmp.Or(p.Label, p.Name), Type: propertyWords(p), Group: p.Group, Unique: p.Unique, ReadOnly: !p.Writable()}
	if app.HasOptions(p) && !strings.EqualFold(p.Reference, "OWNER") {
		for _, o := range p.Options {
			if !o.Hidden {
				card.Options++
			}
		}
	}
	if p.Calculated {
		card.Reason = "HubSpot calculates it"
	}
	return card
}

// propertyWords is a property's type as HubSpot's own screens call it.
func propertyWords(p record.Property) string {
	switch {
	case strings.EqualFold(p.Reference, "OWNER"):
		return "Owner"
	case p.Name == "dealstage", p.Name == "hs_pipeline_stage":
		return "Pipeline stage"
	case p.Name == "pipeline", p.Name == "hs_pipeline":
		return "Pipeline"
	}
	switch p.FieldType {
	case "textarea":
		return "Long text"
	case "html":
		return "Rich text"
	case "select":
		return "Dropdown"
	case "radio":
		return "Radio select"
	case "checkbox":
		return "Checkboxes"
	case "booleancheckbox":
		return "Yes or no"
	case "phonenumber":
		return "Phone number"
	case "file":
		return "File"
	}
	switch p.Type {
	case record.TypeNumber:
		return "Number"
	case record.TypeDate:
		return "Date"
	case record.TypeDateTime:
		return "Date and time"
	case record.TypeBool:
		return "Yes or no"
	case record.TypeEnumeration:
		return "Dropdown"
	case record.TypePhone:
		return "Phone number"
	case record.TypeJSON:
		return "JSON"
	case record.TypeCoordinates:
		return "Coordinates"
	}
	if record.DefaultComparison(p) == record.CompareEmail {
		return "Email"
	}
	return "Text"
}

// columnIcon stands before the source's column.
func columnIcon(kind string) look.Icon {
	switch kind {
	case "csv", "excel", "ods", "json", "parquet":
		return "spreadsheet"
	case "sqlite", "postgres", "mysql":
		return "database"
	case "hubspot":
		return look.HubSpot.Icon()
	}
	return look.Source.Icon()
}
