package engine

import (
	"context"
	"fmt"
	"strings"
	"time"

	"syncline/sync/hubspot"
	"syncline/sync/plan"
)

// edgeFate is the fate of an item about associations.
func edgeFate(it plan.Item, asRow bool) plan.Fate {
	adds, removes := 0, 0
	for _, e := range it.Edits {
		switch {
		case e.Associates():
			adds++
		case e.Dissociates():
			removes++
		}
	}
	switch {
	case it.Has(plan.EditConflict):
		return plan.FateConflict
	case it.Has(plan.EditWait):
		return plan.FateFailed
	case adds+removes > 0 && !asRow:
		return plan.FateAssociated
	case adds > 0 && removes == 0:
		return plan.FateCreated
	case adds+removes > 0:
		return plan.FateUpdated
	case it.Has(plan.EditLeft):
		return plan.FateSkipped
	}
	return plan.FateUnchanged
}

// edgeReason is the reason of that.
func edgeReason(it plan.Item) string {
	for _, action := range []plan.Action{plan.EditConflict, plan.EditWait, plan.EditHubSpot, plan.EditLeft} {
		for _, e := range it.Edits {
			if e.Action == action {
				return e.Reason
			}
		}
	}
	return it.Edits[0].Reason
}

// labelsMost is HubSpot's most labels of a portal's own for a pair of object
// types (facts §5.2).
const labelsMost = 10

// NewLabel is an association label that applying a plan makes in HubSpot.
type NewLabel struct {
	Line  string `json:"line"`
	From  string `json:"from"`
	To    string `json:"to"`
	Label string `json:"label"`
}

// sumEdges ends what a plan's summary says of associations.
func (p *planner) sumEdges() {
	for _, l := range p.summary.Labels {
		p.notes = append(p.notes, fmt.Sprintf("HubSpot has no label %q from %s to %s: it is made, so that these associations can bear it.", l.Label, l.From, l.To))
		p.summary.Calls++
	}
	for _, l := range p.lines {
		n := l.custom
		for _, label := range p.summary.Labels {
			if label.Line == l.name {
				n++
			}
		}
		if n > labelsMost && n > l.custom {
			p.notes = append(p.notes, fmt.Sprintf("HubSpot lets a portal have %d labels from %s to %s, and with those to be made it would be %d: what bears the last of them is going to wait.",
				labelsMost, strings.ToLower(l.fromT.Label), strings.ToLower(l.toT.Label), n))
		}
	}
	c := p.summary.Counts
	switch edges, _ := p.edgeCap(); {
	case edges == memberBatch:
		p.summary.Calls += batchesOf(c.Associated+c.Dissociated, edges)
	case c.Associated+c.Dissociated > 0:
		p.summary.Calls += 2*batchesOf(c.Associated, hubspot.MaxAssociationWrite) + 2*batchesOf(c.Dissociated, hubspot.MaxAssociationArchive)
	}
}

// edgesCompared keeps when all associations were compared.
func (j *job) edgesCompared(ctx context.Context, pl plan.Plan, summary Summary) error {
	if !summary.EdgesCompared {
		return nil
	}
	y := j.sync
	y.EdgesAt, y.EdgesRun = pl.Made.Truncate(time.Millisecond), y.Runs
	return j.Store.ComparedEdges(ctx, y)
}
