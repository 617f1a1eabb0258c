package sets

import (
	"fmt"
	"slices"
	"strings"

	"syncline/app"
	"syncline/sync/definition"
	"syncline/sync/engine"
	"syncline/sync/plan"
	"syncline/ui/look"
	"syncline/ui/widgets/graph"
	"syncline/ui/wording"
)

// setPart is what a card of the diagram stands for: a sync, an object type or
// associations; the other two are -1.
type setPart struct{ sync, object, edges int }

// fillGraph shows the set's parts with what each would do, does or did.
func (s *Screen) fillGraph() {
	v := s.state
	var cards []graph.Card
	var lines []graph.Line
	s.cards = s.cards[:0]
	add := func(c graph.Card, p setPart) int {
		cards, s.cards = append(cards, c), append(s.cards, p)
		return len(cards) - 1
	}
	for i := range v.Syncs {
		if v.Syncs[i].Definition.Associate == nil { // else its card is that of its associations
			add(s.syncCard(i), setPart{i, -1, -1})
		}
	}
	rows := len(cards)
	for i, name := range v.Objects {
		add(s.objectCard(name), setPart{-1, i, -1})
	}
	for at := range rows {
		d := v.Syncs[s.cards[at].sync].Definition
		lines = append(lines, graph.Line{From: at, To: rows + s.object(d.HubSpot.Object), Both: d.Direction == definition.TwoWay, Back: d.Direction == definition.FromHubSpot})
	}
	for i, x := range v.Associations {
		at := add(s.edgeCard(i), setPart{-1, -1, i})
		from, to := rows+s.object(x.From), rows+s.object(x.To)
		lines = append(lines, graph.Line{From: from, To: at})
		if to != from {
			lines = append(lines, graph.Line{From: to, To: at})
		}
	}
	s.graph.Set(cards, lines)
}

// object is the place of an object type among those of the set.
func (s *Screen) object(name string) int {
	return max(slices.IndexFunc(s.state.Objects, func(o string) bool { return wording.ObjectWord(o) == wording.ObjectWord(name) }), 0)
}

func (s *Screen) objectCard(name string) graph.Card {
	linked := 0
	for i, y := range s.state.Syncs {
		if y.Definition.Associate == nil && wording.ObjectWord(y.Definition.HubSpot.Object) == wording.ObjectWord(name) {
			linked += s.state.Linked[i]
		}
	}
	sub := look.Number(linked) + " linked"
	if linked == 0 {
		sub = "none linked yet"
	}
	return graph.Card{ID: "object " + wording.ObjectWord(name), Column: graph.Objects, Icon: wording.IconOf(name), Title: wording.ObjectWord(name), Sub: sub}
}

func (s *Screen) syncCard(i int) graph.Card {
	y := s.state.Syncs[i]
	c := graph.Card{ID: "sync " + y.Document, Column: graph.Rows, Icon: "spreadsheet", Title: y.Definition.Name, Sub: sourceWords(y)}
	if k := y.Definition.Source.Kind; k != "excel" && k != "ods" {
		c.Icon = "file"
	}
	s.standing(&c, i)
	return c
}

// sourceWords name a sync's source: its file, and the sheet of a workbook.
func sourceWords(y app.SetSync) string {
	src := y.Definition.Source
	text := src.Kind
	if src.Path != "" {
		text = src.Path[strings.LastIndexAny(src.Path, `/\`)+1:]
	}
	if src.Sheet != "" {
		text = src.Sheet + " in " + text
	}
	return text
}

// standing marks a card with the state of its sync, and counts it.
func (s *Screen) standing(c *graph.Card, i int) {
	if counts, known := s.counts(i); known {
		c.Counts = fateCounts(counts)
	}
	if m := s.member(i); m != nil && s.undoes() && s.job == nil {
		c.Counts = takenOf([]app.SetPlanMember{*m}).counts()
	}
	switch {
	case s.job != nil:
		s.working(c, i)
	case s.shown() != nil:
		if m := s.member(i); m != nil && len(m.Summary.Guards) > 0 {
			c.Mark, c.MarkInk = "shield", look.Conflict.Text()
		}
		if len(c.Counts) == 0 {
			c.Note = "Nothing to do"
		}
	default:
		s.rested(c, i)
	}
}

// working is a card while a job is under way.
func (s *Screen) working(c *graph.Card, i int) {
	m, ok := s.progressOf(i)
	switch {
	case !ok || m.State == app.NotBegun:
		c.Note = "Waits for its turn"
		if !ok {
			c.Note = "Takes no part"
		}
		c.Counts = nil
	case m.State == plan.RunRunning:
		c.Mark, c.MarkInk = "run", look.T2
		p := m.Progress
		c.Done, c.Total = p.Batch.Done, max(p.Batch.Total, 1)
		if c.Note = wording.SentenceCase(progressWords(p)); p.Batch.Total == 0 {
			c.Done, c.Total = 0, 0
		}
	case m.State == plan.RunDone || m.State == plan.RunPlanned:
		c.Mark, c.MarkInk = "check-circle", look.Create.Text()
		if len(c.Counts) == 0 {
			c.Note = "Nothing to do"
		}
	default:
		c.Mark, c.MarkInk = look.Failed.Icon(), look.Failed.Text()
	}
}

// rested is a card while nothing works and no plan waits.
func (s *Screen) rested(c *graph.Card, i int) {
	r := s.run(i)
	switch {
	case s.failedLately(i):
		c.Mark, c.MarkInk, c.Note = look.Failed.Icon(), look.Failed.Text(), "It failed: see above"
	case r == nil && s.state.Last == nil:
		c.Note = "Not previewed yet"
	case r == nil:
		c.Note = "Not begun"
		c.Mark, c.MarkInk = "waiting", look.Conflict.Text()
	case s.state.Undo != nil && s.state.Undo.State == plan.RunDone:
		c.Mark, c.MarkInk, c.Note, c.Counts = "undo", look.T2, "Undone", nil
	case r.State == plan.RunDone:
		c.Mark, c.MarkInk = "check-circle", look.Create.Text()
	case r.State == plan.RunFailed:
		c.Mark, c.MarkInk = look.Failed.Icon(), look.Failed.Text()
	default:
		c.Mark, c.MarkInk, c.Note = "pause", look.Conflict.Text(), "Did not end"
	}
	if len(c.Counts) == 0 && c.Note == "" {
		c.Note = "Nothing to do"
	}
}

// failedLately reports whether the last job ended at a sync.
func (s *Screen) failedLately(i int) bool {
	if s.ended == nil || s.ended.stopped() {
		return false
	}
	return slices.ContainsFunc(s.ended.res.Members, func(m app.MemberResult) bool {
		return m.Err != nil && m.Kind() != app.Guarded && m.Document == s.state.Syncs[i].Document
	})
}

// fateCounts are the fates of rows that say something, in the one order.
func fateCounts(c engine.Counts) []graph.Count {
	var out []graph.Count
	counts := wording.MeaningCounts(c)
	for _, m := range look.Fates() {
		if counts[m] > 0 {
			out = append(out, graph.Count{Meaning: m, N: counts[m]})
		}
	}
	return out
}

// member is the plan on the screen of a sync, nil where it has none.
func (s *Screen) member(i int) *app.SetPlanMember {
	v := s.shown()
	if v == nil {
		return nil
	}
	y := s.state.Syncs[i]
	for k := range v.Members {
		m := &v.Members[k]
		if m.Document == y.Document && !s.undoes() || y.Card != nil && m.SyncID == y.Card.ID {
			return m
		}
	}
	return nil
}

// run is the last run's part of a sync, nil where it has none. One that was gone through
// again for what waited is one with what it made then.
func (s *Screen) run(i int) *app.RunCard {
	if s.state.Last == nil || s.state.Syncs[i].Card == nil {
		return nil
	}
	var card *app.RunCard
	for _, r := range s.state.Last.Runs {
		switch {
		case r.SyncID != s.state.Syncs[i].Card.ID:
		case card == nil:
			card = &r
		default:
			card.Counts.Associated += r.Counts.Associated
			card.Counts.Waiting, card.State = r.Counts.Waiting, r.State
		}
	}
	return card
}

// progressOf is how far the job is with a sync.
func (s *Screen) progressOf(i int) (app.MemberSnapshot, bool) {
	y := s.state.Syncs[i]
	for _, m := range s.snap.Members {
		if m.Document == y.Document || s.job.Kind.Undoes() && m.Document == y.Definition.Name {
			return m, true
		}
	}
	return app.MemberSnapshot{State: app.NotBegun}, len(s.snap.Members) == 0
}

// counts are what a sync would do, does or did; false where nothing is known.
func (s *Screen) counts(i int) (engine.Counts, bool) {
	if s.job != nil {
		m, ok := s.progressOf(i)
		if r := s.run(i); r != nil && s.job.Kind == app.SetRun && m.State == plan.RunDone && m.Progress.Counts.Read == 0 && r.State == plan.RunDone {
			return r.Counts, true // it was done before the run was gone on with
		}
		return m.Progress.Counts, ok && m.State != app.NotBegun
	}
	if m := s.member(i); m != nil {
		return m.Left(), true
	}
	if s.shown() != nil {
		return engine.Counts{}, false
	}
	if r := s.run(i); r != nil {
		return r.Counts, true
	}
	return engine.Counts{}, false
}

// edgeCard is the card of one kind of associations.
func (s *Screen) edgeCard(i int) graph.Card {
	x := s.state.Associations[i]
	y := s.state.Syncs[x.Sync]
	c := graph.Card{ID: "edges " + y.Document + " " + x.Line, Column: graph.Edges, Icon: "association", Title: wording.ObjectWord(x.From) + " → " + wording.ObjectWord(x.To), SubIcon: "columns", Sub: x.By}
	if x.Rows {
		c.SubIcon, c.Sub = "file", sourceWords(y)
	}
	if l := labelShort(x.Label); l != "" {
		c.Sub += " · " + l
	}
	if x.Rows {
		s.standing(&c, x.Sync)
		c.Counts = nil
	} else if s.job != nil {
		s.working(&c, x.Sync)
		m, _ := s.progressOf(x.Sync)
		if c.Done, c.Total = m.Progress.Associations.Done, m.Progress.Associations.Total; m.State != plan.RunRunning || !s.oneKind(x.Sync) {
			c.Total = 0
		}
	}
	if c.Counts = s.edgeCounts(i); c.Note == "Nothing to do" && s.job == nil {
		c.Note = ""
	}
	if len(c.Counts) == 0 && c.Note == "" {
		c.Note = "None yet"
	}
	return c
}

// labelShort is a label in a word.
func labelShort(l definition.Label) string {
	switch {
	case l.Field != "":
		return "label from “" + l.Field + "”"
	case l.Name != "":
		return "“" + l.Name + "”"
	}
	return ""
}

// edgeCounts are the numbers of a kind of associations: of the plan on the
// screen, of the work under way, else of what there is.
func (s *Screen) edgeCounts(i int) []graph.Count {
	x := s.state.Associations[i]
	var out []graph.Count
	add := func(m look.Meaning, icon look.Icon, n int) {
		if n > 0 {
			out = append(out, graph.Count{Meaning: m, Icon: icon, N: n})
		}
	}
	switch {
	case s.job != nil:
		m, _ := s.progressOf(x.Sync)
		if s.oneKind(x.Sync) {
			add(look.Associated, "", max(m.Progress.Counts.Associated, m.Progress.Associations.Done))
			add(look.Cleared, "", m.Progress.Counts.Dissociated)
		}
	case s.shown() != nil:
		m := s.member(x.Sync)
		if m == nil {
			break
		}
		e := m.Edges[x.Line]
		add(look.Associated, "", e.Make)
		add(look.Cleared, "unlink", e.Remove)
		add(look.Conflict, "", e.Conflict)
		add(look.Conflict, "waiting", e.Wait)
		add(look.Unchanged, "", e.Stay)
	default:
		e := s.edgeLine(i)
		add(look.Associated, "", e.Held)
		add(look.Conflict, "", e.Conflict)
		add(look.Conflict, "waiting", e.Waiting)
	}
	return out
}

// oneKind reports whether a sync makes one kind of associations only, so that
// its counts are those.
func (s *Screen) oneKind(sync int) bool {
	n := 0
	for _, x := range s.state.Associations {
		if x.Sync == sync {
			n++
		}
	}
	return n == 1
}

func (s *Screen) edgeLine(i int) app.EdgeLine {
	if i < len(s.state.Edges) {
		return s.state.Edges[i]
	}
	return app.EdgeLine{}
}

// edgeWords say what becomes of a kind of associations, a sentence each.
func edgeWords(e app.EdgePlan, undo bool) []string {
	var out []string
	add := func(n int, one, many string) {
		if n > 0 {
			out = append(out, fmt.Sprintf("%s %s", look.Number(n), map[bool]string{true: one, false: many}[n == 1]))
		}
	}
	if undo {
		add(e.Remove, "is removed again", "are removed again")
		add(e.Make, "is made again", "are made again")
		add(e.Stay, "stays as it is", "stay as they are")
		return out
	}
	add(e.Make, "would be made", "would be made")
	add(e.Remove, "would be removed", "would be removed")
	add(e.Conflict, "was removed in HubSpot and waits for you in Review", "were removed in HubSpot and wait for you in Review")
	add(e.Wait, "waits for its record and is made in the run in which that appears", "wait for their records and are made in the run in which those appear")
	add(e.Stay, "is there already, or stays as it is", "are there already, or stay as they are")
	add(e.Out, "was taken out by you", "were taken out by you")
	return out
}
