package ui

import (
	"time"

	"fyne.io/fyne/v2"

	"syncline/app"
	"syncline/sync/engine"
	"syncline/sync/hubspot"
	"syncline/ui/look"
	"syncline/ui/widgets"
)

// frameLayout places rail, content and status bar, and collapses the rail when
// the window is narrow.
type frameLayout struct{ w *window }

// Layout implements fyne.Layout.
func (l *frameLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	compact := size.Width < look.CompactBelow
	rail := look.RailWidth
	if compact {
		rail = look.RailCompact
	}
	l.w.rail.SetCompact(compact)
	if l.w.compact != compact {
		l.w.compact = compact
		l.w.bar.Compact = compact
		l.w.bar.Refresh()
		l.w.fitHead()
	}
	body := size.Height - look.StatusHeight
	move(objects[0], 0, 0, rail, body)
	move(objects[1], rail, 0, size.Width-rail, body)
	move(objects[2], 0, body, size.Width, look.StatusHeight)
}

// fitHead makes the top of the current screen low where the window is narrow,
// and lets the screen itself do with less.
func (w *window) fitHead() {
	if w.current == nil {
		return
	}
	if s, ok := w.current.(interface{ fit(compact bool) }); ok {
		s.fit(w.compact)
	}
	if h := w.current.head(); h != nil && h.Compact != w.compact {
		h.Compact = w.compact
		h.Refresh()
	}
}

// MinSize implements fyne.Layout: what the look promises to fit.
func (l *frameLayout) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(800, 520) }

func move(o fyne.CanvasObject, x, y, width, height float32) {
	o.Move(fyne.NewPos(x, y))
	o.Resize(fyne.NewSize(width, height))
}

const (
	prefSize    = "window.size"
	startWidth  = 1280
	startHeight = 800
)

func (w *window) restoreSize() {
	size := w.fyne.Preferences().FloatListWithFallback(prefSize, []float64{startWidth, startHeight})
	if len(size) != 2 {
		size = []float64{startWidth, startHeight}
	}
	w.win.Resize(fyne.NewSize(float32(size[0]), float32(size[1])))
}

// saveSize keeps the size in one change: Fyne writes a second one a tenth of a
// second later, which is after the end.
func (w *window) saveSize() {
	size := w.win.Canvas().Size()
	w.fyne.Preferences().SetFloatList(prefSize, []float64{float64(size.Width), float64(size.Height)})
}

// The panes whose widths are remembered.
const (
	prefExplanation = "pane.explanation"
	prefGroups      = "pane.groups"
	prefConflicts   = "pane.conflicts"
	prefCauses      = "pane.causes"
)

// paneWidth is the width that a person gave a pane.
func (w *window) paneWidth(pref string, usual float32) float32 {
	return float32(w.fyne.Preferences().FloatWithFallback(pref, float64(usual)))
}

// keepPane remembers the width of a pane.
func (w *window) keepPane(pref string) func(float32) {
	return func(width float32) { w.fyne.Preferences().SetFloat(pref, float64(width)) }
}

// status is what the frame shows of the work under way.
type status struct {
	bar       widgets.Status
	conflicts int
	failed    int
}

// followStatus keeps the frame's status fresh until the window ends. It runs
// off the UI thread.
func (w *window) followStatus() {
	w.wg.Add(1)
	go func() {
		defer w.wg.Done()
		tick := time.NewTicker(500 * time.Millisecond)
		defer tick.Stop()
		var last status
		for {
			select {
			case <-w.ctx.Done():
				return
			case <-tick.C:
			}
			now, err := w.readStatus()
			if err != nil || now == last {
				continue
			}
			last = now
			w.post(func() { w.showStatus(now) })
		}
	}()
}

// refreshStatus reads the status once, now.
func (w *window) refreshStatus() {
	w.wg.Add(1)
	go func() {
		defer w.wg.Done()
		if now, err := w.readStatus(); err == nil && w.ctx.Err() == nil {
			w.post(func() { w.showStatus(now) })
		}
	}()
}

// readStatus gathers the status; it runs off the UI thread.
func (w *window) readStatus() (status, error) {
	var s status
	all, err := w.app.Connections(w.ctx)
	if err != nil {
		return s, err
	}
	s.bar.Lanes = [3]widgets.LaneLine{{Name: "Search", Short: "Search", Rate: "idle"}, {Name: "Batch", Short: "Batch", Rate: "idle"}, {Name: "Associations", Short: "Assoc.", Rate: "idle"}}
	s.bar.Portal = look.Neutral
	if c, ok := w.portalShown(all); ok {
		s.bar.Portal, s.bar.Name = portalMeaning(c.Kind, c.AccountType), c.Name
		if t, ok := w.app.Traffic(c.ID); ok {
			s.bar.Budget = dailyBudget(t)
		}
	}
	for _, snap := range w.snapshots() {
		s.bar.Lanes[0] = laneLine(s.bar.Lanes[0], snap.Search)
		s.bar.Lanes[1] = laneLine(s.bar.Lanes[1], snap.Batch)
		s.bar.Lanes[2] = laneLine(s.bar.Lanes[2], snap.Associations)
	}
	if s.conflicts, err = w.app.OpenConflicts(w.ctx); err != nil {
		return s, err
	}
	s.failed, err = w.app.FailedCount(w.ctx)
	return s, err
}

// snapshots tell how far the work under way is: each job, and of each set the
// sync that is at work.
func (w *window) snapshots() (all []engine.Snapshot) {
	for _, job := range w.app.Running() {
		all = append(all, job.Progress.Snapshot())
	}
	for _, job := range w.app.RunningSets() {
		if p := job.Progress.Snapshot(); p.At < len(p.Members) {
			all = append(all, p.Members[p.At].Progress)
		}
	}
	return all
}

// reserve is the share of a day's calls that stays for the portal's other apps.
const reserve = 0.2

// dailyBudget is today's use of the portal's calls, empty before HubSpot told
// it. This program may have begun yesterday: it used no more than all together.
func dailyBudget(t hubspot.Traffic) widgets.Budget {
	d := t.Daily
	if !d.Known {
		return widgets.Budget{}
	}
	spent := max(0, d.Max-d.Remaining)
	used := min(t.Total, spent)
	return widgets.Budget{Used: used, Others: spent - used, Limit: d.Max, Reserve: reserve}
}

// portalShown is the portal that the frame shows: that of the work under way,
// else that of the plan on the screen, else the one with which a mistake would
// cost most.
func (w *window) portalShown(all []app.Connection) (app.Connection, bool) {
	byID := make(map[int64]app.Connection, len(all))
	var worst app.Connection
	for _, c := range all {
		byID[c.PortalID] = c
		if worst.ID == "" || danger(c) > danger(worst) {
			worst = c
		}
	}
	for _, job := range w.app.Running() {
		if c, ok := byID[w.app.PortalOfJob(w.ctx, job)]; ok {
			return c, true
		}
	}
	if c, ok := byID[w.onScreen.Load()]; ok {
		return c, true
	}
	return worst, worst.ID != ""
}

func danger(c app.Connection) int {
	switch portalMeaning(c.Kind, c.AccountType) {
	case look.Production:
		return 2
	case look.Sandbox:
		return 1
	}
	return 0
}

func laneLine(l widgets.LaneLine, lane engine.Lane) widgets.LaneLine {
	l.State = laneState(lane.State)
	if l.State == widgets.LaneWorking {
		if rate := perSecond(lane, time.Now()); rate != "" {
			l.Rate = rate
		} else {
			l.Rate = "working"
		}
	}
	return l
}

func laneState(state string) widgets.LaneState {
	switch state {
	case "working":
		return widgets.LaneWorking
	case "waiting":
		return widgets.LaneWaiting
	case "done":
		return widgets.LaneDone
	case "stopped":
		return widgets.LaneStopped
	}
	return widgets.LaneIdle
}

// perSecond is a lane's rate in records, "" before it can be told.
func perSecond(l engine.Lane, now time.Time) string {
	took := now.Sub(l.Since).Seconds()
	if l.Since.IsZero() || took < 0.5 || l.Done == l.Before {
		return ""
	}
	return look.Number(int(float64(l.Done-l.Before)/took)) + "/s"
}

func (w *window) showStatus(s status) {
	if w.lastErr != nil {
		s.bar.Error = w.lastErr.What
	}
	w.bar.Set(s.bar)
	w.rail.SetCount(int(placeReview), s.conflicts)
	for _, h := range []*widgets.Header{w.review.header, w.failed.header} {
		h.Segment.Items[0].Count, h.Segment.Items[1].Count = look.Number(s.conflicts), look.Number(s.failed)
		h.Segment.Refresh()
	}
}

// portalMeaning is the kind of portal as the window colours it.
func portalMeaning(kind, accountType string) look.Meaning {
	switch {
	case kind == app.KindPractice:
		return look.Practice
	case accountType == "SANDBOX" || accountType == "DEVELOPER_TEST":
		return look.Sandbox
	}
	return look.Production
}
