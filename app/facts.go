package app

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"syncline/sync/definition"
	"syncline/sync/hubspot"
	"syncline/sync/mapping"
	"syncline/sync/record"
	"syncline/sync/source"
	"syncline/sync/transform"
)

// Facts are what a field map is judged by: both schemas, the values that the
// rows hold, and the portal's owners and stages. Facts do not change, so that
// several goroutines may use them.
type Facts struct {
	Columns    []source.Column
	Properties []record.Property
	Census     *Census
	Env        transform.Env
	Targets    map[string]Target    // by the name of their object type, those that were read
	Own        []hubspot.ObjectType // of the portal, as far as the connection may see them

	rows []record.Row // a sample, for transforms that read several columns
}

// Facts are what the draft itself knows: its sample stands for all rows, and
// owners and stages are not known.
func (d *Draft) Facts() Facts {
	return Facts{Columns: d.Schema.Columns, Properties: d.Properties, Census: censusOf(d.Rows),
		Env: transform.Env{Zone: d.Definition.Source.Location()}, rows: slices.Clone(d.Rows)}
}

// Gather counts all rows of the draft's source and reads the portal's owners
// and, for objects that have them, pipeline stages. A portal that does not
// grant a scope for these is no error; they are then not known.
func (a *App) Gather(ctx context.Context, d *Draft) (Facts, error) {
	f := d.Facts()
	var err error
	if f.Census, err = d.Census(ctx); err != nil {
		return f, err
	}
	if f.Own, err = d.Portal.Client.CustomObjectTypes(ctx); err != nil && !hubspot.IsForbidden(err) && !hubspot.IsUnknownPair(err) {
		return f, err
	}
	if slices.ContainsFunc(f.Properties, isOwner) {
		owners, err := d.Portal.Client.Owners(ctx)
		if err != nil && !hubspot.IsScopes(err) {
			return f, err
		}
		for _, o := range owners {
			f.Env.Owners = append(f.Env.Owners, transform.Owner{ID: o.ID, Email: o.Email, First: o.FirstName, Last: o.LastName, Archived: o.Archived})
		}
	}
	if slices.ContainsFunc(f.Properties, isStage) {
		pipelines, err := d.Portal.Client.Pipelines(ctx, d.Object.Name)
		if err != nil && !hubspot.IsScopes(err) {
			return f, err
		}
		for _, p := range pipelines {
			for _, s := range p.Stages {
				f.Env.Stages = append(f.Env.Stages, transform.Stage{Pipeline: p.ID, PipelineLabel: p.Label, ID: s.ID, Label: s.Label})
			}
		}
	}
	return f, nil
}

func isOwner(p record.Property) bool { return strings.EqualFold(p.Reference, "OWNER") }

func isStage(p record.Property) bool {
	return p.Name == "dealstage" || p.Name == "hs_pipeline_stage"
}

func isPipeline(p record.Property) bool { return p.Name == "pipeline" || p.Name == "hs_pipeline" }

// Column returns a column of the source.
func (f Facts) Column(name string) (source.Column, bool) {
	i := slices.IndexFunc(f.Columns, func(c source.Column) bool { return c.Name == name })
	if i < 0 {
		return source.Column{}, false
	}
	return f.Columns[i], true
}

// Property returns a property of the object type. Owners, pipelines and stages
// come as its options, with the names that people know.
func (f Facts) Property(name string) (record.Property, bool) {
	i := slices.IndexFunc(f.Properties, func(p record.Property) bool { return p.Name == name })
	if i < 0 {
		return record.Property{}, false
	}
	p := f.Properties[i]
	var options []record.Option
	switch {
	case isOwner(p):
		for _, o := range f.Env.Owners {
			label := strings.TrimSpace(o.First + " " + o.Last)
			options = append(options, record.Option{Value: o.ID, Label: cmp.Or(label, o.Email), Hidden: o.Archived})
		}
	case isStage(p):
		several := slices.ContainsFunc(f.Env.Stages, func(s transform.Stage) bool { return s.Pipeline != f.Env.Stages[0].Pipeline })
		for _, s := range f.Env.Stages {
			label := s.Label
			if several {
				label = s.PipelineLabel + ": " + s.Label
			}
			options = append(options, record.Option{Value: s.ID, Label: label})
		}
	case isPipeline(p):
		for _, s := range f.Env.Stages {
			if !slices.ContainsFunc(options, func(o record.Option) bool { return o.Value == s.Pipeline }) {
				options = append(options, record.Option{Value: s.Pipeline, Label: s.PipelineLabel})
			}
		}
	}
	if len(options) > 0 {
		p.Options = options
	}
	return p, true
}

// HasOptions reports whether the property takes one of a list of values that
// is known.
func HasOptions(p record.Property) bool {
	return len(p.Options) > 0 && (p.Type == record.TypeEnumeration || p.External || isOwner(p))
}

// values are what a line reads: the different values of its column with their
// rows. A line whose transforms read other columns too, or fill empty cells,
// is judged by the sample's rows, each on its own.
func (f Facts) values(line definition.Field) []cells {
	var out []cells
	if readsRow(line.ToHubSpot) || f.Census == nil {
		for _, row := range f.rows {
			if v := row.Fields[line.Field]; !v.Empty() || readsRow(line.ToHubSpot) {
				out = append(out, cells{row.Fields, v, 1})
			}
		}
		return out
	}
	counts, _ := f.Census.Values(line.Field)
	for _, c := range counts {
		v := record.Text(c.Value)
		out = append(out, cells{record.Values{line.Field: v}, v, c.Rows})
	}
	return out
}

// cells are a row, or a value that stands for all rows that have it.
type cells struct {
	row   record.Values
	value record.Value
	rows  int
}

// readsRow reports whether a chain needs more of a row than one cell.
func readsRow(c transform.Chain) bool {
	return slices.ContainsFunc(c, func(s transform.Step) bool {
		return s.Name == "join" || s.Name == "default" || s.Name == "expression"
	})
}

// failure is why a value does not get to HubSpot.
type failure uint8

const (
	fine     failure = iota
	noForm           // the transforms can't read it
	noPair           // the value map lacks it
	noOption         // it is not an option
	noType           // it is not of the property's type
	tooLong          // it is longer than HubSpot takes
)

// convert takes a value through a line as a run would, and says what is in the
// way. The error is a sentence.
func (f Facts) convert(line definition.Field, p record.Property, c cells) (record.Value, failure, error) {
	env := f.Env
	env.Row = c.row
	if v, err := line.ToHubSpot.Apply(c.value, env); err != nil {
		return v, noForm, err
	}
	v, err := mapping.Convert(line, p, c.row, f.Env)
	if err != nil {
		return v, noPair, err
	}
	if v.Empty() {
		return v, fine, nil
	}
	if HasOptions(p) { // the ones of owners and stages are known here, not in a run
		p.External = false
		p.Type = record.TypeEnumeration
	}
	if err := mapping.Acceptable(p, v); err != nil {
		if HasOptions(p) {
			return v, noOption, err
		}
		return v, tooLong, err
	}
	if err := readable(p, v); err != nil {
		return v, noType, err
	}
	return v, fine, nil
}
