package transform

import (
	"fmt"
	"strings"
)

var hubspotTransforms = []*transform{
	{
		Spec: Spec{
			Name:        "owner",
			Description: "Finds the HubSpot owner by e-mail address or full name.",
			Args: []Arg{
				{Name: "from", Kind: KindChoice, Choices: []string{"email", "name"}, Default: "email", Description: "what the column holds, for the way back"},
				{Name: "to", Kind: KindChoice, Choices: []string{"id", "email", "name"}, Default: "id", Description: "what to write: the owner's id, e-mail address or name"},
			},
			Example: Step{Name: "owner"}, Input: "ada@example.com", Output: "1001",
		},
		apply: applyOwner,
		inverse: func(a args) way {
			if to := a.text("to"); to != "id" {
				return via("owner", map[string]any{"to": "id", "from": to})
			}
			return via("owner", map[string]any{"to": a.text("from"), "from": a.text("from")})
		},
		describe: func(a args) string {
			if a.text("to") == "id" {
				return "finds the owner by " + map[string]string{"email": "e-mail", "name": "name"}[a.text("from")]
			}
			return "writes the owner's " + a.text("to")
		},
	},
	{
		Spec: Spec{
			Name:        "pipeline-stage",
			Description: "Finds the stage of a pipeline by its label.",
			Args: []Arg{
				{Name: "pipeline", Kind: KindText, Scalar: true, Description: "the label or id of the pipeline, where several have a stage of that label"},
				{Name: "to", Kind: KindChoice, Choices: []string{"id", "label"}, Default: "id", Description: "what to write: the stage's id or its label"},
			},
			Example: Step{Name: "pipeline-stage"}, Input: "Contract sent", Output: "contractsent",
		},
		apply: applyStage,
		inverse: func(a args) way {
			with := map[string]any{"to": "label"}
			if a.text("to") == "label" {
				with["to"] = "id"
			}
			if a.has("pipeline") {
				with["pipeline"] = a.text("pipeline")
			}
			return via("pipeline-stage", with)
		},
		describe: func(a args) string {
			if a.text("to") == "label" {
				return "writes the stage's label"
			}
			return "finds the stage by its label"
		},
	},
}

// Named is an owner as people know them: the name, else the address.
func (o Owner) Named() string {
	switch name := o.name(); {
	case name == "":
		return o.Email
	case o.Email != "":
		return name + " (" + o.Email + ")"
	default:
		return name
	}
}

// FindOwner finds an owner by id, e-mail address or name, active ones first.
// The error is a sentence for a person.
func FindOwner(text string, owners []Owner) (Owner, error) {
	return findOwner(strings.TrimSpace(text), owners)
}

// FindStage finds a stage by id or label, in the environment's pipeline where it
// has one. The error is a sentence for a person.
func FindStage(text string, env Env) (Stage, error) {
	a, err := byName["pipeline-stage"].arguments(nil)
	if err != nil {
		return Stage{}, err
	}
	return findStage(strings.TrimSpace(text), a, &env)
}

func (o Owner) name() string { return strings.TrimSpace(o.First + " " + o.Last) }

// applyOwner also gives the id of a deactivated owner. HubSpot refuses to
// assign records to one, but a record that has one already is no problem, and
// only what differs is sent.
func applyOwner(s string, a args, env *Env) (string, error) {
	o, err := findOwner(strings.TrimSpace(s), env.Owners)
	if err != nil {
		return "", err
	}
	form := a.text("to")
	text := o.ID
	switch form {
	case "email":
		text = o.Email
	case "name":
		text = o.name()
	}
	if text == "" {
		return "", fmt.Errorf("the owner %s has no %s", quoted(s), form)
	}
	if back, err := findOwner(text, env.Owners); err != nil || back.ID != o.ID {
		return "", fmt.Errorf("the owner %s cannot be written by %s: %s is also another owner's", quoted(s), form, quoted(text))
	}
	return text, nil
}

// findOwner looks for an id, then an e-mail address, then a full name, each
// among active owners first: an address may have been given to someone new.
func findOwner(s string, owners []Owner) (Owner, error) {
	if len(owners) == 0 {
		return Owner{}, fmt.Errorf("the owner %s cannot be found: the portal's owners are not known", quoted(s))
	}
	wanted := strings.Join(strings.Fields(s), " ")
	for _, by := range []func(Owner) string{
		func(o Owner) string { return o.ID },
		func(o Owner) string { return o.Email },
		Owner.name,
		func(o Owner) string { return strings.TrimSpace(o.Last + ", " + o.First) },
	} {
		for _, archived := range []bool{false, true} {
			var found []Owner
			for _, o := range owners {
				if text := by(o); o.Archived == archived && text != "" && strings.EqualFold(text, wanted) {
					found = append(found, o)
				}
			}
			if len(found) > 1 {
				return Owner{}, fmt.Errorf("several owners are called %s (%s, %s …): use e-mail addresses", quoted(s), found[0].Email, found[1].Email)
			}
			if len(found) == 1 {
				return found[0], nil
			}
		}
	}
	advice := "correct it, invite them in HubSpot, or name an owner for it in a value map"
	for _, o := range owners {
		if o.Email != "" && !o.Archived && strings.Contains(strings.ToLower(s), strings.ToLower(o.Email)) {
			advice = "write " + o.Email + " alone"
		}
	}
	return Owner{}, fmt.Errorf("HubSpot has no owner with the e-mail address or name %s: %s", quoted(s), advice)
}

func applyStage(s string, a args, env *Env) (string, error) {
	stage, err := findStage(strings.TrimSpace(s), a, env)
	if err != nil {
		return "", err
	}
	if a.text("to") == "id" {
		return stage.ID, nil
	}
	if back, err := findStage(strings.TrimSpace(stage.Label), a, env); err != nil || back != stage {
		return "", fmt.Errorf("the stage %s cannot be written by its label: %s is also another stage's; say which pipeline with pipeline", quoted(s), quoted(stage.Label))
	}
	return stage.Label, nil
}

// findStage looks for a stage in the step's pipeline, else the run's, else in
// all: by id, by label as it is written, by label in any case.
func findStage(s string, a args, env *Env) (Stage, error) {
	stages := stagesOf(a, env)
	if len(stages) == 0 {
		if p := a.text("pipeline"); p != "" {
			return Stage{}, fmt.Errorf("the portal has no pipeline %s", quoted(p))
		}
		return Stage{}, fmt.Errorf("the stage %s cannot be found: the portal's pipelines are not known", quoted(s))
	}
	for _, is := range []func(Stage) bool{
		func(t Stage) bool { return t.ID == s },
		func(t Stage) bool { return t.Label == s },
		func(t Stage) bool { return strings.EqualFold(strings.TrimSpace(t.Label), s) },
	} {
		var found []Stage
		for _, t := range stages {
			if is(t) {
				found = append(found, t)
			}
		}
		if len(found) > 1 {
			return Stage{}, fmt.Errorf("several pipelines have a stage %s (%s, %s …): say which with pipeline", quoted(s), found[0].PipelineLabel, found[1].PipelineLabel)
		}
		if len(found) == 1 {
			return found[0], nil
		}
	}
	labels := make([]string, 0, len(stages))
	for _, t := range stages {
		labels = append(labels, t.Label)
	}
	if env.PipelineID != "" && !a.has("pipeline") {
		where := ""
		for _, t := range env.Stages {
			if t.ID == s { // which a label may have become
				s, where = t.Label, ", which is one of "+t.PipelineLabel
			}
		}
		return Stage{}, fmt.Errorf("the pipeline %s has no stage %s%s; its stages are %s", stages[0].PipelineLabel, quoted(s), where, strings.Join(labels, ", "))
	}
	return Stage{}, fmt.Errorf("no pipeline has a stage %s; there is %s", quoted(s), strings.Join(labels, ", "))
}

func stagesOf(a args, env *Env) []Stage {
	pipeline := a.text("pipeline")
	if pipeline == "" && env.PipelineID == "" {
		return env.Stages
	}
	var stages []Stage
	for _, t := range env.Stages {
		switch {
		case pipeline == "" && t.Pipeline == env.PipelineID,
			pipeline != "" && (t.Pipeline == pipeline || strings.EqualFold(t.PipelineLabel, pipeline)):
			stages = append(stages, t)
		}
	}
	return stages
}
