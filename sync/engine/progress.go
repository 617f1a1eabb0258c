package engine

import (
	"sync/atomic"
	"time"

	"syncline/sync/hubspot"
	"syncline/sync/plan"
)

// Phase is a part of a run.
type Phase string

// The phases, in their order.
const (
	PhaseGuard     Phase = "checking"
	PhaseRecover   Phase = "settling the last run"
	PhasePull      Phase = "reading"
	PhaseMatch     Phase = "matching"
	PhasePlan      Phase = "planning"
	PhaseApply     Phase = "writing"
	PhaseAssociate Phase = "associating"
	PhaseVerify    Phase = "verifying"
	PhaseDone      Phase = "done"
)

// Lane is the state of one of the three workers.
type Lane struct {
	State string // idle, working, waiting, done, stopped
	What  string // "Reading contacts", "Waiting for HubSpot's limit"
	Done  int
	Total int // 0 = not known yet
	// Before is how much of Done was done before Since, by a run that was
	// interrupted.
	Before int
	Calls  int       // of this lane
	Since  time.Time // start of the work, for rate and time left
	Ended  time.Time // when it was done or stopped; zero before that
}

// told notes when the lane's work began and when it ended, as its state says.
func (l *Lane) told(now time.Time) {
	if l.Since.IsZero() {
		l.Since = now
	}
	switch {
	case l.State != "done" && l.State != "stopped":
		l.Ended = time.Time{}
	case l.Ended.IsZero():
		l.Ended = now
	}
}

// Snapshot is how far a run is.
type Snapshot struct {
	Phase        Phase
	Search       Lane
	Batch        Lane
	Associations Lane
	Rows         int // of the source, read so far
	Counts       Counts
	Traffic      hubspot.Traffic
	Started      time.Time
	Waiting      string // what a wait is for, "" when nothing waits
	// First are the first rows: of the source as soon as they are read, and of the plan as soon as
	// it is known what becomes of them. The slice is replaced, never changed.
	First []FirstRow
}

// FirstRow is one of the first rows of work under way.
type FirstRow struct {
	Key    string
	Line   int
	Name   string
	Fate   plan.Fate // what it is planned to come to; "" while it is only read
	Reason string    // of the fate
}

// firstRows is how many of them are told.
const firstRows = 12

// Progress is the newest snapshot of a run. The engine writes it, anybody may
// read it at any time; readers choose their own rate.
type Progress struct {
	// Entered, when set before the work begins, is told of every phase that
	// begins, by the goroutine that does the work.
	Entered func(Snapshot)

	latest atomic.Pointer[Snapshot]
}

// Snapshot returns the newest snapshot.
func (p *Progress) Snapshot() Snapshot {
	if p == nil {
		return Snapshot{}
	}
	if s := p.latest.Load(); s != nil {
		return *s
	}
	return Snapshot{}
}

// change replaces the snapshot by a changed copy.
func (p *Progress) change(f func(*Snapshot)) {
	if p == nil {
		return
	}
	for {
		old := p.latest.Load()
		var s Snapshot
		if old != nil {
			s = *old
		}
		f(&s)
		if !p.latest.CompareAndSwap(old, &s) {
			continue
		}
		if p.Entered != nil && (old == nil || old.Phase != s.Phase) {
			p.Entered(s)
		}
		return
	}
}
