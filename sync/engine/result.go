package engine

import (
	"fmt"
	"strings"
	"time"

	"syncline/sync/plan"
)

// Counts are the fates of all that took part, and what was written where.
// Created + Updated + Unchanged + Conflict + Skipped + Failed + ToDo = Read.
type Counts struct {
	Read      int `json:"read"`
	Created   int `json:"created"`
	Updated   int `json:"updated"`
	Unchanged int `json:"unchanged"`
	Conflict  int `json:"conflict"`
	Skipped   int `json:"skipped"`
	Failed    int `json:"failed"`
	// ToDo is what a run that did not end has not reached: 0 of one that did.
	ToDo          int `json:"to_do,omitempty"`
	SourceCreated int `json:"source_created"`
	SourceUpdated int `json:"source_updated"`
	Archived      int `json:"archived"`
	Associated    int `json:"associated"`
	Dissociated   int `json:"dissociated"`
	// Waiting counts the associations that wait: for their record, or for a person.
	Waiting int `json:"waiting,omitempty"`
}

// Sum adds the fates up, and what is still to do.
func (c Counts) Sum() int {
	return c.Created + c.Updated + c.Unchanged + c.Conflict + c.Skipped + c.Failed + c.ToDo
}

// Plus adds what another one counted.
func (c Counts) Plus(o Counts) Counts {
	return Counts{Read: c.Read + o.Read, Created: c.Created + o.Created, Updated: c.Updated + o.Updated, Unchanged: c.Unchanged + o.Unchanged, Conflict: c.Conflict + o.Conflict,
		Skipped: c.Skipped + o.Skipped, Failed: c.Failed + o.Failed, ToDo: c.ToDo + o.ToDo, SourceCreated: c.SourceCreated + o.SourceCreated, SourceUpdated: c.SourceUpdated + o.SourceUpdated,
		Archived: c.Archived + o.Archived, Associated: c.Associated + o.Associated, Dissociated: c.Dissociated + o.Dissociated, Waiting: c.Waiting + o.Waiting}
}

// writes reports whether anything was written.
func (c Counts) writes() bool {
	return c.Created+c.Updated+c.SourceCreated+c.SourceUpdated+c.Archived+c.Associated+c.Dissociated > 0
}

func (c *Counts) add(fate plan.Fate, n int) {
	switch fate {
	case plan.FateCreated:
		c.Created += n
	case plan.FateUpdated:
		c.Updated += n
	case plan.FateUnchanged:
		c.Unchanged += n
	case plan.FateConflict:
		c.Conflict += n
	case plan.FateSkipped:
		c.Skipped += n
	case plan.FateFailed:
		c.Failed += n
	case plan.FateToDo:
		c.ToDo += n
	}
}

// Calls are the requests made to HubSpot.
type Calls struct {
	Total     int `json:"total"`
	Search    int `json:"search"`
	Throttled int `json:"throttled"`
	Verify    int `json:"verify"`           // of the total: reading back what was written
	Source    int `json:"source,omitempty"` // of the total: to the portal that is the source
}

// Result is what a preview or a run came to.
type Result struct {
	RunID  string
	PlanID string
	SyncID int64
	Sync   string
	State  plan.RunState
	Counts Counts
	Calls  Calls
	Guards []Guard  // those that stopped it
	Notes  []string // sentences worth knowing: weaker guarantees, drift, displaced edits
}

// Summary is what a plan keeps of itself.
type Summary struct {
	Counts  Counts   `json:"counts"`
	Clears  int      `json:"clears"`
	Guards  []Guard  `json:"guards,omitempty"`
	Calls   int      `json:"calls"`  // estimate for applying it
	Verify  int      `json:"verify"` // estimate for reading back what it wrote, beside Calls
	Notes   []string `json:"notes,omitempty"`
	Meaning string   `json:"meaning,omitempty"`  // hash of the definition's meaning that it was made of
	SyncKey string   `json:"sync_key,omitempty"` // property that applying creates in HubSpot
	// Mark is HubSpot's time up to which the plan's pull read changes, Full that it read all
	// records: the run that applies the plan moves the watermark there.
	Mark time.Time `json:"mark,omitzero"`
	Full bool      `json:"full,omitempty"`
	// Reading is how all records were read; nil where that is not worth telling.
	Reading *Reading `json:"reading,omitempty"`
	// Noticed is the last of HubSpot's notices that the pull followed; see store.Notice.
	Noticed int64 `json:"noticed,omitempty"`
	// Source is the version of the source that was read, for a file its SHA-256; "" where it changed
	// meanwhile. Document is the SHA-256 of the definition's text, see store.Document.
	Source   string `json:"source,omitempty"`
	Document string `json:"document,omitempty"`
	// Parts are the plans of the syncs that find the other ends of associations, which are applied
	// with this one; Labels are made in HubSpot first. EdgesCompared tells that all
	// associations were compared, not only those of rows that ask for something new.
	Parts         []string   `json:"parts,omitempty"`
	Labels        []NewLabel `json:"labels,omitempty"`
	EdgesCompared bool       `json:"edges_compared,omitempty"`
	// First are the plans that are carried out before this one and may make what its associations
	// name.
	First []string `json:"first,omitempty"`
	// Makes is the object type that applying makes in HubSpot first, nil for none.
	Makes *NewType `json:"makes,omitempty"`
	// Creating says what creating the records costs by batches and by an import, and which way is
	// taken; nil where only batches come into question.
	Creating *Creating `json:"creating,omitempty"`
	// OfEdges tells that the rows are associations themselves.
	OfEdges bool `json:"of_edges,omitempty"`
}

// Guard is a guard rail that a plan goes beyond.
type Guard struct {
	Name   string `json:"name"` // creates, updates, clears, archives, rows, records, field, blanks, owners, stages, usual-creates, usual-updates, associations
	Count  int    `json:"count"`
	Limit  int    `json:"limit"`
	Detail string `json:"detail"` // a sentence
}

// GuardError stops a plan that is unusual until a person confirms it.
type GuardError struct {
	PlanID string
	Guards []Guard
}

func (e *GuardError) Error() string {
	var all []string
	for _, g := range e.Guards {
		all = append(all, g.Detail)
	}
	return fmt.Sprintf("stopped by a guard rail: %s Nothing was written. Look at the plan %s, then confirm it.", strings.Join(all, " "), e.PlanID)
}

// SetupError says that a sync can't work as it is defined or connected.
type SetupError struct {
	Kind string // definition, sign-in, scopes, portal, source
	Msg  string
	Err  error
}

func (e *SetupError) Error() string {
	if e.Err != nil && e.Msg == "" {
		return e.Err.Error()
	}
	return e.Msg
}

// Unwrap returns the cause.
func (e *SetupError) Unwrap() error { return e.Err }
