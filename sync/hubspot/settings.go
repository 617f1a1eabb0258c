package hubspot

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"syncline/sync/record"
)

// What a portal's settings get, so that a sync of one portal works in another.
// Nothing that is there is changed or taken away.

// CreatePropertyGroup makes a heading for properties. One of the same name that
// exists is an error that [IsConflict].
func (c *Client) CreatePropertyGroup(ctx context.Context, objectType string, g PropertyGroup) error {
	r, err := propertyRequest("create a property group", objectType, http.MethodPost, "groups")
	if err != nil {
		return err
	}
	r.body = map[string]any{"name": g.Name, "label": g.Label}
	return c.settle(ctx, func() error {
		_, err := c.do(ctx, r)
		return err
	}, func() (bool, error) {
		now, err := c.PropertyGroups(ctx, objectType)
		return slices.Contains(now, g), err
	})
}

// AddOptions adds options to a property that has others: the present ones are
// read and sent together with them, because HubSpot replaces the list.
func (c *Client) AddOptions(ctx context.Context, objectType, property string, more []record.Option) error {
	return c.settle(ctx, func() error { return c.addOptions(ctx, objectType, property, more) }, func() (bool, error) {
		now, err := c.Property(ctx, objectType, property)
		return err == nil && hasOptions(now, more), err
	})
}

func (c *Client) addOptions(ctx context.Context, objectType, property string, more []record.Option) error {
	return c.Unit(ctx, objectType, 2, func(ctx context.Context) error {
		read, err := propertyRequest("read a property", objectType, http.MethodGet, property)
		if err != nil {
			return err
		}
		var now wireNewProperty
		read.out = &now
		if _, err := c.do(ctx, read); err != nil {
			return err
		}
		options := slices.Clone(now.Options)
		for _, o := range newOptions(more) {
			if slices.ContainsFunc(options, func(x wireOption) bool { return x.Value == o.Value }) {
				continue
			}
			o.DisplayOrder = len(options)
			options = append(options, o)
		}
		write, err := propertyRequest("add options to a property", objectType, http.MethodPatch, property)
		if err != nil {
			return err
		}
		write.body = map[string]any{"options": options}
		_, err = c.do(ctx, write)
		return err
	})
}

func stageBody(s Stage, order int) map[string]any {
	metadata := make(map[string]string, len(s.Metadata))
	maps.Copy(metadata, s.Metadata)
	return map[string]any{"label": s.Label, "displayOrder": order, "metadata": metadata}
}

// CreatePipeline makes a pipeline with its stages, whose ids HubSpot chooses. One
// of the same label that exists is an error that [IsConflict]. HubSpot says nowhere
// that it keeps labels of pipelines unique (facts §7.1), so that is looked for before,
// and where the answer is lost it takes minutes until it is sent again.
func (c *Client) CreatePipeline(ctx context.Context, objectType string, p Pipeline) (Pipeline, error) {
	op := "create a pipeline of " + objectType
	path, err := segments(op, "crm", "pipelines", APIVersion, objectType)
	if err != nil {
		return Pipeline{}, err
	}
	stages := make([]map[string]any, len(p.Stages))
	for i, s := range p.Stages {
		stages[i] = stageBody(s, i)
	}
	before, err := c.Pipelines(ctx, objectType)
	if err != nil {
		return Pipeline{}, err
	}
	if slices.ContainsFunc(before, func(x Pipeline) bool { return strings.EqualFold(x.Label, p.Label) }) {
		return Pipeline{}, &Error{Op: op, Status: http.StatusConflict, Category: "CONFLICT", Message: fmt.Sprintf("there is a pipeline with the label %q already", p.Label)}
	}
	var made Pipeline
	r := &request{op: op, method: http.MethodPost, path: path, objectType: lockName(objectType),
		body: map[string]any{"label": p.Label, "displayOrder": 99, "stages": stages}}
	err = c.settleWithin(ctx, landsLater, func() error {
		var out wirePipeline
		r.out = &out
		_, err := c.do(ctx, r)
		made = out.pipeline()
		return err
	}, func() (bool, error) {
		now, err := c.Pipelines(ctx, objectType)
		i := slices.IndexFunc(now, func(x Pipeline) bool { return samePipeline(x, p) })
		if i >= 0 {
			made = now[i]
		}
		return i >= 0, err
	})
	if err != nil {
		return Pipeline{}, err
	}
	return made, nil
}

// CreateStage adds a stage to a pipeline, at its end.
func (c *Client) CreateStage(ctx context.Context, objectType, pipelineID string, s Stage) error {
	op := "create a stage of " + objectType
	path, err := segments(op, "crm", "pipelines", APIVersion, objectType, pipelineID, "stages")
	if err != nil {
		return err
	}
	r := &request{op: op, method: http.MethodPost, path: path, objectType: lockName(objectType), body: stageBody(s, 99)}
	return c.settle(ctx, func() error {
		_, err := c.do(ctx, r)
		return err
	}, func() (bool, error) {
		now, err := c.Pipelines(ctx, objectType)
		return slices.ContainsFunc(now, func(p Pipeline) bool {
			return p.ID == pipelineID && slices.ContainsFunc(p.Stages, func(x Stage) bool { return x.Label == s.Label })
		}), err
	})
}
