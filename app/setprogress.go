package app

import (
	"slices"
	"sync"

	"syncline/sync/engine"
	"syncline/sync/plan"
)

// SetProgress is how far a set is. The set writes it, anybody may read it at
// any time. The zero SetProgress is ready to use.
type SetProgress struct {
	mu      sync.Mutex
	at      int
	members []memberProgress
}

type memberProgress struct {
	document string
	state    plan.RunState
	progress *engine.Progress
}

// SetSnapshot is how far a set is at one moment.
type SetSnapshot struct {
	At      int // the member that is at work, or was last
	Members []MemberSnapshot
}

// MemberSnapshot is how far one sync of a set is.
type MemberSnapshot struct {
	Document string
	State    plan.RunState // NotBegun, running, or how it ended
	Progress engine.Snapshot
}

// Snapshot returns how far the set is. A nil SetProgress tells of nothing.
func (p *SetProgress) Snapshot() SetSnapshot {
	if p == nil {
		return SetSnapshot{}
	}
	p.mu.Lock()
	at, members := p.at, slices.Clone(p.members)
	p.mu.Unlock()
	s := SetSnapshot{At: at}
	for _, m := range members {
		s.Members = append(s.Members, MemberSnapshot{Document: m.document, State: m.state, Progress: m.progress.Snapshot()})
	}
	return s
}

func (p *SetProgress) start(documents []string) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.at, p.members = 0, nil
	for _, name := range documents {
		p.members = append(p.members, memberProgress{document: name, state: NotBegun, progress: &engine.Progress{}})
	}
}

// begin tells that a member is at work, and returns its own progress.
func (p *SetProgress) begin(i int) *engine.Progress {
	if p == nil {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.at, p.members[i].state = i, plan.RunRunning
	return p.members[i].progress
}

func (p *SetProgress) end(i int, state plan.RunState) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.members[i].state = state
}
