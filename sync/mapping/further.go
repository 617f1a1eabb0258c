package mapping

import (
	"slices"
	"strings"

	"syncline/sync/plan"
	"syncline/sync/record"
	"syncline/sync/transform"
)

// furtherOf names the property that holds more values of a kind beside the
// first one: HubSpot finds contacts by all their addresses and companies by all
// their domains, and people choose which is the first.
func furtherOf(k kind) string {
	switch k {
	case kindEmail:
		return "hs_additional_emails"
	case kindDomain:
		return "hs_additional_domains"
	case kindByType, kindOwner, kindPipeline, kindStage:
	}
	return ""
}

func (f *Field) further() string { return furtherOf(f.kind) }

func (m *FieldMap) matchKind(ord int) kind {
	if m.Match[ord].Compare == record.CompareDomain {
		return kindDomain
	}
	if email := m.Object.Email; email != "" && m.Definition.HubSpot.Match[ord].Property == email {
		return kindEmail
	}
	return kindByType
}

// Further reports whether the record keeps the value as a further one beside
// the first: it is the record's already, and writing it would put it in the
// place of the first.
func (f *Field) Further(v record.Value, holds record.Values) bool {
	name := f.further()
	if name == "" || v.Empty() {
		return false
	}
	return slices.ContainsFunc(strings.Split(holds[name].String(), ";"), func(one string) bool {
		return one != "" && f.Rule.Same(record.Text(one), v)
	})
}

// pipelines finds the fields of pipeline and stage. The pipeline's property is
// read with a mapped stage even where nothing is mapped to it.
func (m *FieldMap) pipelines(known map[string]record.Property, env transform.Env) {
	for _, names := range [][2]string{{"dealstage", "pipeline"}, {"hs_pipeline_stage", "hs_pipeline"}} {
		stage := m.ByProperty[names[0]]
		if stage == nil || kindOf(m.Object, stage.Schema) != kindStage {
			continue
		}
		m.stage = stage
		if m.ByProperty[names[1]] != nil {
			m.Pipeline = m.ByProperty[names[1]]
			return
		}
		if p, ok := known[names[1]]; ok {
			f := Field{Schema: p, Rule: record.Rule{Compare: record.DefaultComparison(p)}, env: env}
			f.Property = names[1]
			m.Pipeline, m.ByProperty[names[1]] = &f, &f
		}
		return
	}
}

// pipelineOf is the id of the pipeline that a row's stage is of: the one that
// the row names, else the given one, "" where neither is known.
func (m *FieldMap) pipelineOf(cells record.Values, otherwise string) string {
	if m.Pipeline == nil || m.Pipeline.Constant == nil && m.Pipeline.Column() == "" {
		return otherwise
	}
	v, err := m.Pipeline.ToProperty(cells, m.Env)
	if err != nil || v.Empty() || !m.isPipeline(v.String()) {
		return otherwise
	}
	return v.String()
}

// StageWithin is the stage that a row names, in the pipeline that its record is
// in. ok is false where the row names the pipeline itself, or none of its own, or
// where the record's pipeline has no stage of that name.
func (m *FieldMap) StageWithin(cells, holds record.Values) (property string, stage record.Value, ok bool) {
	if m.stage == nil || m.stage.InSourceForm || m.Pipeline == nil || m.Pipeline.Constant != nil || m.Pipeline.Column() != "" {
		return "", stage, false
	}
	env := m.Env
	if env.PipelineID = holds[m.Pipeline.Property].String(); !m.isPipeline(env.PipelineID) {
		return "", stage, false
	}
	v, err := m.stage.mapped(cells, env)
	if err != nil || v.Empty() {
		return "", stage, false
	}
	if stage, err = m.stage.canonical(v, env); err != nil {
		return "", stage, false
	}
	return m.stage.Property, stage, true
}

func (m *FieldMap) isPipeline(id string) bool {
	return slices.ContainsFunc(m.Env.Stages, func(s transform.Stage) bool { return s.Pipeline == id })
}

// Together are the properties that are not written where one of the given ones
// is refused: a stage and its pipeline say one thing.
func (m *FieldMap) Together(refused map[string]bool) []string {
	if m.Pipeline == nil || !refused[m.Pipeline.Property] && !refused[m.stage.Property] {
		return nil
	}
	return []string{m.Pipeline.Property, m.stage.Property}
}

// pipelineAfter is the pipeline that a record has once edits are written.
func (m *FieldMap) pipelineAfter(edits []plan.Edit, holds record.Values) string {
	if m.Pipeline == nil {
		return ""
	}
	id := holds[m.Pipeline.Property].String()
	for _, e := range edits {
		if e.Action == plan.EditHubSpot && e.Property == m.Pipeline.Property {
			id = Value(e.New).String()
		}
	}
	if !m.isPipeline(id) {
		return ""
	}
	return id
}

// WithPipeline adds to edits that give a record a stage the pipeline which the
// stage is of, where the row leaves that open: HubSpot takes a stage only with
// its pipeline.
func (m *FieldMap) WithPipeline(edits []plan.Edit, holds record.Values) []plan.Edit {
	if m.Pipeline == nil || len(m.Env.Stages) == 0 {
		return edits
	}
	var id string
	for _, e := range edits {
		switch {
		case e.Action != plan.EditHubSpot:
		case e.Property == m.Pipeline.Property:
			return edits
		case e.Property == m.stage.Property:
			id = Value(e.New).String()
		}
	}
	if id == "" {
		return edits
	}
	was := holds[m.Pipeline.Property]
	var found []transform.Stage
	for _, s := range m.Env.Stages {
		if s.ID != id {
			continue
		}
		if s.Pipeline == was.String() {
			return edits // it is in the record's own
		}
		found = append(found, s)
	}
	if len(found) != 1 {
		return edits
	}
	to := found[0].Pipeline
	return append(edits, plan.Edit{Property: m.Pipeline.Property, Field: m.Pipeline.Column(), Action: plan.EditHubSpot, HubSpot: Text(was), Old: Text(was), New: &to,
		Reason: "the pipeline of the stage " + found[0].Label + ", " + found[0].PipelineLabel})
}
