package engine

import (
	"fmt"
	"slices"
	"strings"

	"syncline/sync/definition"
	"syncline/sync/hubspot"
	"syncline/sync/plan"
)

// By what way many new records go to HubSpot is a choice: batches always can, and
// an import, which an export reads back, takes far fewer calls. It is used where it
// keeps the same promise.

// LaneChoice says by which way; see [Engine.Bulk].
type LaneChoice string

// The choices.
const (
	LaneAuto  LaneChoice = ""      // by what the plan's forecast says
	LaneBatch LaneChoice = "batch" // batches of 100
	LaneBulk  LaneChoice = "bulk"  // HubSpot's import wherever it keeps the promise
)

// The ways by which a plan's records are created.
const (
	ByBatch  = "batch"
	ByImport = "import"
)

// Creating is how a plan creates its records, of two ways.
type Creating struct {
	Lane  string `json:"lane"`  // ByBatch or ByImport, the one that is taken
	Batch int    `json:"batch"` // calls to create and read back in batches
	// Import is how many calls an import takes, 0 where it is refused, and Refused
	// says why it is.
	Import  int    `json:"import,omitempty"`
	Refused string `json:"refused,omitempty"`
}

const (
	// importRows is how many rows one import has. HubSpot takes ten times as many; but what an
	// import wrote is known when it is over, and what is kept of it in memory is bounded.
	importRows = 100_000
	// importLeast is from how many new records on an import is thought of.
	importLeast = 5_000
	// importPace is how many rows per second an import is thought to write, which HubSpot does not
	// tell. It decides only how many looks at it are forecast.
	importPace = 1_000
	// bulkShare is the share of the day's calls from which on the way with fewer is taken by itself.
	bulkShare = 0.02
)

// looksIn is how many times something that takes so many seconds is looked at; see
// Client.WaitImport.
func looksIn(seconds float64) (n int) {
	n = 1
	for wait := 1.0; seconds > 0; wait = min(wait*1.6, 30) {
		seconds -= wait
		n++
	}
	return n
}

// importCalls is how many calls it takes to import so many records: each import
// is started, looked at, asked for its errors, and read back by an export.
func (j *job) importCalls(creates int) (calls int) {
	for left := creates; left > 0; left -= importRows {
		rows := min(left, importRows)
		calls += 2 + looksIn(float64(rows)/importPace)
		if j.mayExport() {
			calls += 1 + looksIn(5+float64(rows)/20_000)
		} else {
			calls += batchesOf(rows, batchSize)
		}
	}
	return calls
}

// mayExport reports whether exports may be asked for, as far as it is known.
func (j *job) mayExport() bool { return j.Scopes == nil || hubspot.ExportRight.In(j.Scopes) }

// forecastCreating says what creating costs by either way, and which one is taken.
func (p *planner) forecastCreating(creates int) {
	if p.part || creates == 0 || p.Bulk == LaneBatch || p.Bulk == LaneAuto && creates < importLeast {
		return
	}
	verify := p.verifyCalls(creates, 0, 0)
	c := &Creating{Lane: ByBatch, Batch: batchesOf(creates, batchSize) + verify, Refused: p.importRefused()}
	if p.summary.Creating = c; c.Refused != "" {
		return
	}
	c.Import = p.importCalls(creates)
	if p.Definition.Verify == definition.VerifyAll {
		c.Import += batchesOf(creates, batchSize)
	}
	if p.Bulk == LaneBulk || c.Batch-c.Import > int(bulkShare*float64(p.dailyLimit())) {
		c.Lane = ByImport
	}
}

// dailyLimit is how many calls a day may have.
func (j *job) dailyLimit() int {
	if daily := j.Client.Traffic().Daily; daily.Known {
		return daily.Max
	}
	return dailyLeast
}

// importRefused says why an import would not keep what batches promise, "" where
// it does.
func (j *job) importRefused() string {
	o := j.schema.object
	label := strings.ToLower(o.Label)
	switch {
	case j.NoSyncKey && j.mapping.SyncKey == "":
		return "the records would have no property of Syncline's, by which they are told from others and never made twice"
	case len(o.Born) > 0:
		return label + " are created together with what they belong to, which an import can't do in one step"
	case o.Activity:
		return label + " are not imported"
	case j.making:
		return "the object type is made by the same run"
	case j.Scopes != nil && !hubspot.ImportRight.In(j.Scopes):
		return "the connection does not have the scope crm.import"
	}
	for _, p := range j.schema.properties {
		f := j.mapping.ByProperty[p.Name]
		if f == nil || f.Direction == definition.FromHubSpot {
			continue
		}
		switch {
		case p.Sensitive:
			return fmt.Sprintf("%s holds sensitive data, which an import's file would carry", p.Label)
		case p.Name == o.Domain && o.Domain != "" && !p.Unique && !slices.Contains(o.Unique, p.Name):
			return fmt.Sprintf("HubSpot's imports take %s of the same %s for one", label, strings.ToLower(p.Label))
		}
	}
	return ""
}

// imports reports whether a plan's records are created by imports.
func (j *job) imports(pl plan.Plan) (bool, error) {
	if pl.Kind != plan.KindSync || j.part || j.Bulk == LaneBatch {
		return false, nil
	}
	summary, err := summaryOf(pl)
	if err != nil || j.Bulk == LaneAuto {
		return summary.Creating != nil && summary.Creating.Lane == ByImport, err
	}
	return true, nil
}
