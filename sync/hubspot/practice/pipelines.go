package practice

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// pipeline is an ordered list of stages, in HubSpot's key order.
type pipeline struct {
	Label        string   `json:"label"`
	DisplayOrder int      `json:"displayOrder"`
	ID           string   `json:"id"`
	Stages       []*stage `json:"stages"`
	CreatedAt    string   `json:"createdAt"`
	UpdatedAt    string   `json:"updatedAt"`
	Archived     bool     `json:"archived"`
}

type stage struct {
	Label            string            `json:"label"`
	DisplayOrder     int               `json:"displayOrder"`
	Metadata         map[string]string `json:"metadata"`
	ID               string            `json:"id"`
	CreatedAt        string            `json:"createdAt"`
	UpdatedAt        string            `json:"updatedAt"`
	WritePermissions string            `json:"writePermissions"`
	Archived         bool              `json:"archived"`
}

func (pl *pipeline) stage(id string) *stage {
	i := slices.IndexFunc(pl.Stages, func(s *stage) bool { return s.ID == id })
	if i < 0 {
		return nil
	}
	return pl.Stages[i]
}

// closedStage reports whether a stage ends a deal.
func (p *Portal) closedStage(k *kind, pipe, id string) bool {
	for _, pl := range k.pipes {
		if pl.ID == pipe {
			if s := pl.stage(id); s != nil {
				return s.Metadata["isClosed"] == "true"
			}
		}
	}
	return false
}

func pipelineRoutes() []route {
	const one = "pipelines/{type}/{pipeline}"
	return []route{
		r("GET", "pipelines/{type}", 0, (*Portal).listPipelines),
		r("POST", "pipelines/{type}", writing, (*Portal).createPipeline),
		r("GET", one, 0, (*Portal).readPipeline),
		r("PATCH", one, writing, (*Portal).updatePipeline),
		r("PUT", one, writing, (*Portal).updatePipeline),
		r("DELETE", one, writing, (*Portal).deletePipeline),
		r("GET", one+"/audit", 0, (*Portal).auditPipeline),
		r("GET", one+"/stages", 0, (*Portal).listStages),
		r("POST", one+"/stages", writing, (*Portal).createStage),
		r("GET", one+"/stages/{stage}", 0, (*Portal).readStage),
		r("PATCH", one+"/stages/{stage}", writing, (*Portal).updateStage),
		r("PUT", one+"/stages/{stage}", writing, (*Portal).updateStage),
		r("DELETE", one+"/stages/{stage}", writing, (*Portal).deleteStage),
	}
}

func (p *Portal) listPipelines(c *call) (*answer, *apiError) {
	k, e := p.openSchema(c, reading)
	if e != nil {
		return nil, e
	}
	list := k.pipes
	if list == nil {
		list = []*pipeline{}
	}
	return reply(http.StatusOK, map[string]any{"results": list}), nil
}

func (p *Portal) openPipeline(c *call, a access) (*kind, *pipeline, *apiError) {
	k, e := p.openSchema(c, a)
	if e != nil {
		return nil, nil, e
	}
	for _, pl := range k.pipes {
		if pl.ID == c.args["pipeline"] {
			if a == changing {
				p.changes.of(k, docPipelines)
			}
			return k, pl, nil
		}
	}
	return nil, nil, refuse(404, categoryNotFound, "Pipeline not found with id: %s", c.args["pipeline"])
}

func (p *Portal) openStage(c *call, a access) (*kind, *pipeline, *stage, *apiError) {
	k, pl, e := p.openPipeline(c, a)
	if e != nil {
		return nil, nil, nil, e
	}
	s := pl.stage(c.args["stage"])
	if s == nil {
		return nil, nil, nil, refuse(404, categoryNotFound, "Pipeline stage not found with id: %s", c.args["stage"])
	}
	return k, pl, s, nil
}

func (p *Portal) readPipeline(c *call) (*answer, *apiError) {
	_, pl, e := p.openPipeline(c, reading)
	if e != nil {
		return nil, e
	}
	return reply(http.StatusOK, pl), nil
}

func (p *Portal) auditPipeline(c *call) (*answer, *apiError) {
	if _, _, e := p.openPipeline(c, reading); e != nil {
		return nil, e
	}
	return reply(http.StatusOK, map[string]any{"results": []any{}}), nil
}

type stageInput struct {
	ID       string               `json:"stageId"`
	Label    string               `json:"label"`
	Order    *int                 `json:"displayOrder"`
	Metadata map[string]wireValue `json:"metadata"`
}

type pipelineInput struct {
	ID     string       `json:"pipelineId"`
	Label  string       `json:"label"`
	Order  *int         `json:"displayOrder"`
	Stages []stageInput `json:"stages"`
}

func (p *Portal) createPipeline(c *call) (*answer, *apiError) {
	var in pipelineInput
	if e := decode(c.body, &in); e != nil {
		return nil, e
	}
	if in.Label == "" || in.Stages == nil {
		return nil, missing(c.body, "PipelineInput", "label", "stages")
	}
	k, e := p.openSchema(c, changing)
	if e != nil {
		return nil, e
	}
	now := instant(p.millis())
	pl := &pipeline{Label: in.Label, ID: in.ID, CreatedAt: now, UpdatedAt: now, Stages: []*stage{}, DisplayOrder: len(k.pipes)}
	replace(&pl.DisplayOrder, in.Order)
	if pl.ID == "" {
		pl.ID = p.smallID()
	}
	for _, s := range in.Stages {
		if e := p.addStage(k, pl, s); e != nil {
			return nil, e
		}
	}
	for _, other := range k.pipes {
		if other.Label == pl.Label && !p.opt.Switches.PipelinesShareLabels || other.ID == pl.ID {
			return nil, refuse(409, categoryConflict, "A pipeline with the label '%s' already exists.", pl.Label)
		}
	}
	k.pipes = append(k.pipes, pl)
	p.changes.of(k, docPipelines)
	return reply(http.StatusCreated, pl), nil
}

func (p *Portal) smallID() string {
	return strconv.FormatUint(1_000_000+p.rng.Uint64N(900_000_000), 10)
}

func (p *Portal) addStage(k *kind, pl *pipeline, in stageInput) *apiError {
	if in.Label == "" {
		return invalid("A stage needs a label.")
	}
	if most := k.mostStages(); len(pl.Stages) >= most {
		return invalid("A pipeline can have at most %d stages.", most)
	}
	now := instant(p.millis())
	s := &stage{Label: in.Label, ID: in.ID, CreatedAt: now, UpdatedAt: now, WritePermissions: "CRM_PERMISSIONS_ENFORCEMENT",
		DisplayOrder: len(pl.Stages), Metadata: map[string]string{"isClosed": "false"}}
	replace(&s.DisplayOrder, in.Order)
	for key, v := range in.Metadata {
		s.Metadata[key] = v.text
	}
	if k.name == "deals" {
		chance, err := strconv.ParseFloat(s.Metadata["probability"], 64)
		if err != nil {
			return invalid("metadata.probability is required for the stages of a deal pipeline")
		}
		if _, sent := in.Metadata["isClosed"]; !sent {
			s.Metadata["isClosed"] = strconv.FormatBool(chance == 0 || chance == 1)
		}
	}
	if s.ID == "" {
		s.ID = p.smallID()
	}
	for _, other := range pl.Stages {
		if other.Label == s.Label || other.ID == s.ID {
			return refuse(409, categoryConflict, "A stage with the label '%s' already exists in the pipeline.", s.Label)
		}
	}
	pl.Stages = append(pl.Stages, s)
	slices.SortStableFunc(pl.Stages, func(a, b *stage) int { return a.DisplayOrder - b.DisplayOrder })
	return nil
}

func (p *Portal) updatePipeline(c *call) (*answer, *apiError) {
	var in pipelineInput
	if e := decode(c.body, &in); e != nil {
		return nil, e
	}
	k, pl, e := p.openPipeline(c, changing)
	if e != nil {
		return nil, e
	}
	if c.method == http.MethodPut && in.Stages != nil {
		fresh := &pipeline{}
		for _, s := range in.Stages {
			if e := p.addStage(k, fresh, s); e != nil {
				return nil, e
			}
		}
		pl.Stages = fresh.Stages
	}
	if in.Label != "" {
		pl.Label = in.Label
	}
	replace(&pl.DisplayOrder, in.Order)
	pl.UpdatedAt = instant(p.millis())
	return reply(http.StatusOK, pl), nil
}

// deletePipeline refuses while records are in one of the stages, if the call
// asks for that check, which it does by default from 2026-09 on.
func (p *Portal) deletePipeline(c *call) (*answer, *apiError) {
	k, pl, e := p.openPipeline(c, changing)
	if e != nil {
		return nil, e
	}
	if e := p.checkStageUse(c, k, pl, pl.Stages); e != nil {
		return nil, e
	}
	k.pipes = slices.DeleteFunc(k.pipes, func(x *pipeline) bool { return x == pl })
	return noContent(), nil
}

func (p *Portal) checkStageUse(c *call, k *kind, pl *pipeline, stages []*stage) *apiError {
	check := c.version.enforcesRules()
	for _, name := range []string{"validateReferencesBeforeDelete", "validateDealStageUsagesBeforeDelete"} {
		if v := c.query.Get(name); v != "" {
			check = v == "true"
		}
	}
	if !check || k.stage == "" {
		return nil
	}
	pipeName, stageName := p.names.intern(k.pipeline), p.names.intern(k.stage)
	var used, ids []string
	for _, o := range k.order {
		if !o.live() || o.stored(pipeName) != pl.ID {
			continue
		}
		at := o.stored(stageName)
		if slices.ContainsFunc(stages, func(s *stage) bool { return s.ID == at }) {
			ids = append(ids, o.idText())
			if !slices.Contains(used, at) {
				used = append(used, at)
			}
		}
	}
	if len(ids) == 0 {
		return nil
	}
	return invalid("Stage IDs: [%s] are being referenced by object IDs: [%s]", strings.Join(used, ", "), strings.Join(ids, ", ")).
		sub("PipelineError.STAGE_ID_IN_USE").with("stageIds", used...).with("objectIds", ids...)
}

func (p *Portal) listStages(c *call) (*answer, *apiError) {
	_, pl, e := p.openPipeline(c, reading)
	if e != nil {
		return nil, e
	}
	return reply(http.StatusOK, map[string]any{"results": pl.Stages}), nil
}

func (p *Portal) createStage(c *call) (*answer, *apiError) {
	var in stageInput
	if e := decode(c.body, &in); e != nil {
		return nil, e
	}
	k, pl, e := p.openPipeline(c, changing)
	if e != nil {
		return nil, e
	}
	before := slices.Clone(pl.Stages)
	if e := p.addStage(k, pl, in); e != nil {
		return nil, e
	}
	for _, s := range pl.Stages {
		if !slices.Contains(before, s) {
			return reply(http.StatusCreated, s), nil
		}
	}
	return nil, problem()
}

// mostStages is 100 for deals, tickets and custom objects, 30 for the others.
func (k *kind) mostStages() int {
	if k.custom() || k.name == "deals" || k.name == "tickets" {
		return 100
	}
	return 30
}

func (p *Portal) readStage(c *call) (*answer, *apiError) {
	_, _, s, e := p.openStage(c, reading)
	if e != nil {
		return nil, e
	}
	return reply(http.StatusOK, s), nil
}

func (p *Portal) updateStage(c *call) (*answer, *apiError) {
	var in stageInput
	if e := decode(c.body, &in); e != nil {
		return nil, e
	}
	_, pl, s, e := p.openStage(c, changing)
	if e != nil {
		return nil, e
	}
	for _, other := range pl.Stages {
		if other != s && other.Label == in.Label {
			return nil, refuse(409, categoryConflict, "A stage with the label '%s' already exists in the pipeline.", in.Label)
		}
	}
	if in.Label != "" {
		s.Label = in.Label
	}
	replace(&s.DisplayOrder, in.Order)
	for key, v := range in.Metadata {
		s.Metadata[key] = v.text
	}
	s.UpdatedAt = instant(p.millis())
	return reply(http.StatusOK, s), nil
}

func (p *Portal) deleteStage(c *call) (*answer, *apiError) {
	k, pl, s, e := p.openStage(c, changing)
	if e != nil {
		return nil, e
	}
	if e := p.checkStageUse(c, k, pl, []*stage{s}); e != nil {
		return nil, e
	}
	pl.Stages = slices.DeleteFunc(pl.Stages, func(x *stage) bool { return x == s })
	return noContent(), nil
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

// atoi reads a number; anything else is -1, which no id is.
func atoi(s string) int64 {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return -1
	}
	return n
}
