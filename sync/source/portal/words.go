package portal

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"syncline/sync/hubspot"
	"syncline/sync/record"
)

// called is how a property's values travel to another portal.
type called uint8

const (
	byValue called = iota
	byOwner
	byPipeline
	byStage
)

// words are the names of what this portal alone knows by its ids.
type words struct {
	owners    []hubspot.Owner
	pipelines []hubspot.Pipeline
}

// kind tells how the values of a property travel.
func (words) kind(t hubspot.ObjectType, p record.Property) called {
	switch {
	case strings.EqualFold(p.Reference, "OWNER"):
		return byOwner
	case p.Name == "" || t.Lifecycle != "":
		return byValue
	case p.Name == t.Pipeline:
		return byPipeline
	case p.Name == t.Stage:
		return byStage
	}
	return byValue
}

// readWords reads the names that the used columns ask for.
func (s *Source) readWords(ctx context.Context) error {
	owners, pipelines := false, false
	for _, name := range s.columns() {
		switch s.words.kind(s.object, s.byName[name]) {
		case byOwner:
			owners = true
		case byPipeline, byStage:
			pipelines = true
		case byValue:
		}
	}
	var err error
	if owners {
		s.words.owners, err = s.client.Owners(ctx)
		if err != nil && (s.opts.Use != nil || !hubspot.IsScopes(err)) {
			return s.in(err)
		}
	}
	if pipelines {
		s.words.pipelines, err = s.client.Pipelines(ctx, s.object.Path())
		if err != nil && (s.opts.Use != nil || !hubspot.IsScopes(err)) {
			return s.in(err)
		}
	}
	return nil
}

// toNames takes the values of a record to those that travel. What has no name
// stays as it is.
func (w words) toNames(s *Source, fields record.Values) {
	pipeline := fields[s.object.Pipeline].String()
	for name, v := range fields {
		if v.Empty() {
			continue
		}
		switch w.kind(s.object, s.byName[name]) {
		case byOwner:
			for _, o := range w.owners {
				if o.ID == v.String() && o.Email != "" {
					fields[name] = record.Text(strings.ToLower(o.Email))
				}
			}
		case byPipeline:
			for _, p := range w.pipelines {
				if p.ID == v.String() {
					fields[name] = record.Text(p.Label)
				}
			}
		case byStage:
			fields[name] = record.Text(w.stageLabel(pipeline, v.String()))
		case byValue:
		}
	}
}

func (w words) stageLabel(pipeline, id string) string {
	label := id
	for _, p := range w.pipelines {
		for _, st := range p.Stages {
			if st.ID == id && (label == id || p.ID == pipeline) {
				label = st.Label
			}
		}
	}
	return label
}

// toWire takes what is to be written to the portal's own form. now is the record
// as it stands, none for a new one; left says of the fields that can't be written why.
func (s *Source) toWire(fields, now record.Values) (wire record.Values, left map[string]error) {
	wire, left = make(record.Values, len(fields)), make(map[string]error)
	pipeline := now[s.object.Pipeline].String()
	if v, ok := fields[s.object.Pipeline]; ok && s.object.Pipeline != "" {
		if id, err := s.words.pipelineID(v.String()); err == nil {
			pipeline = id
		}
	}
	for name, v := range fields {
		p := s.byName[name]
		text := v.String()
		var err error
		switch kind := s.words.kind(s.object, p); {
		case p.Name == "":
			err = fmt.Errorf("the portal has no property %q", name)
		case p.Calculated || p.ReadOnly:
			err = fmt.Errorf("%q can't be written, it is HubSpot's own", name)
		case text == "":
		case kind == byOwner:
			text, err = s.words.ownerID(text)
		case kind == byPipeline:
			text, err = s.words.pipelineID(text)
		case kind == byStage:
			var in string
			text, in, err = s.words.stageID(pipeline, text)
			if err == nil && pipeline == "" {
				wire[s.object.Pipeline] = record.Text(in)
			}
		case p.Type == record.TypeEnumeration && !p.External:
			text, err = optionsOf(p, text)
		}
		if err != nil {
			left[name] = err
			continue
		}
		wire[name] = record.Text(text)
	}
	return wire, left
}

func (w words) ownerID(address string) (string, error) {
	for _, o := range w.owners { // the active ones come first
		if strings.EqualFold(o.Email, strings.TrimSpace(address)) {
			if o.Archived {
				return "", fmt.Errorf("the owner %s is deactivated in that portal: nothing can be assigned to them", address)
			}
			return o.ID, nil
		}
	}
	return "", fmt.Errorf("that portal has no owner with the address %s: invite them there, or change the owner", address)
}

func (w words) pipelineID(label string) (string, error) {
	var ids []string
	for _, p := range w.pipelines {
		if strings.EqualFold(strings.TrimSpace(p.Label), strings.TrimSpace(label)) {
			ids = append(ids, p.ID)
		}
	}
	switch len(ids) {
	case 0:
		return "", fmt.Errorf("that portal has no pipeline “%s”", label)
	case 1:
		return ids[0], nil
	}
	return "", fmt.Errorf("that portal has several pipelines called “%s”", label)
}

// stageID finds a stage by its label in a pipeline, in any where that is "".
func (w words) stageID(pipeline, label string) (id, in string, err error) {
	n := 0
	for _, p := range w.pipelines {
		if pipeline != "" && p.ID != pipeline {
			continue
		}
		for _, st := range p.Stages {
			if strings.EqualFold(strings.TrimSpace(st.Label), strings.TrimSpace(label)) {
				id, in = st.ID, p.ID
				n++
			}
		}
	}
	switch {
	case n == 0:
		return "", "", fmt.Errorf("the record's pipeline in that portal has no stage “%s”", label)
	case n > 1:
		return "", "", fmt.Errorf("that portal has several stages called “%s”: map the pipeline too", label)
	}
	return id, in, nil
}

// optionsOf finds options by their values, else by their labels.
func optionsOf(p record.Property, text string) (string, error) {
	parts := []string{text}
	if p.Multi() {
		parts = strings.Split(strings.Trim(text, ";"), ";")
	}
	for i, part := range parts {
		part = strings.TrimSpace(part)
		at := slices.IndexFunc(p.Options, func(o record.Option) bool { return o.Value == part })
		if at < 0 {
			at = slices.IndexFunc(p.Options, func(o record.Option) bool { return strings.TrimSpace(o.Label) == part })
		}
		if at < 0 {
			return "", fmt.Errorf("%q has no option “%s” in that portal: add it there, or leave it out by a value map", p.Name, part)
		}
		parts[i] = p.Options[at].Value
	}
	return strings.Join(parts, ";"), nil
}
