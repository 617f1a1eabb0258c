package hubspot

import (
	"cmp"
	"context"
	"net/http"
	"slices"
)

// Pipeline is a row of stages that records move through.
type Pipeline struct {
	ID     string
	Label  string
	Stages []Stage // in the order people see
}

// Stage is one step of a pipeline. Its id is unique within the pipeline only.
type Stage struct {
	ID     string
	Label  string
	Closed bool // deals that are won or lost, tickets that are done
	// Metadata is what HubSpot keeps of it beside: the probability of a deal's, the
	// ticketState of a ticket's.
	Metadata map[string]string
}

type wirePipeline struct {
	ID       ident       `json:"id"`
	Label    text        `json:"label"`
	Order    float64     `json:"displayOrder"`
	Archived bool        `json:"archived"`
	Stages   []wireStage `json:"stages"`
}

// key is "" where a stage has no id.
func (w wirePipeline) key() string {
	for _, s := range w.Stages {
		if s.ID == "" {
			return ""
		}
	}
	return string(w.ID)
}

type wireStage struct {
	ID       ident           `json:"id"`
	Label    text            `json:"label"`
	Order    float64         `json:"displayOrder"`
	Archived bool            `json:"archived"`
	Metadata map[string]text `json:"metadata"`
}

// Pipelines returns the pipelines of an object type in the order people see
// them, archived ones left out. Types without pipelines answer with an error
// or with none.
func (c *Client) Pipelines(ctx context.Context, objectType string) ([]Pipeline, error) {
	op := "read pipelines of " + objectType
	if err := checkObjectType(op, objectType); err != nil {
		return nil, err
	}
	path, err := segments(op, "crm", "pipelines", APIVersion, objectType)
	if err != nil {
		return nil, err
	}
	listed, err := collect[wirePipeline](ctx, c, &request{op: op, method: http.MethodGet, path: path, read: true})
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(listed, func(a, b wirePipeline) int { return cmp.Compare(a.Order, b.Order) })
	pipelines := make([]Pipeline, 0, len(listed))
	for _, w := range listed {
		if !w.Archived {
			pipelines = append(pipelines, w.pipeline())
		}
	}
	return pipelines, nil
}

func (w wirePipeline) pipeline() Pipeline {
	p := Pipeline{ID: string(w.ID), Label: string(w.Label)}
	slices.SortStableFunc(w.Stages, func(a, b wireStage) int { return cmp.Compare(a.Order, b.Order) })
	for _, s := range w.Stages {
		if !s.Archived {
			metadata := make(map[string]string, len(s.Metadata))
			for name, v := range s.Metadata {
				metadata[name] = string(v)
			}
			p.Stages = append(p.Stages, Stage{
				ID: string(s.ID), Label: string(s.Label), Metadata: metadata,
				Closed: s.Metadata["isClosed"] == "true" || s.Metadata["ticketState"] == "CLOSED",
			})
		}
	}
	return p
}
