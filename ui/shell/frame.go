package shell

import (
	"time"

	"fyne.io/fyne/v2"

	"syncline/app"
	"syncline/sync/engine"
	"syncline/ui/layouts"
	"syncline/ui/look"
	"syncline/ui/widgets"
	"syncline/ui/wording"
)

// frameLayout places rail, content and status bar, and collapses the rail when
// the window is narrow.
type frameLayout struct{ w *Window }

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
	layouts.Move(objects[0], 0, 0, rail, body)
	layouts.Move(objects[1], rail, 0, size.Width-rail, body)
	layouts.Move(objects[2], 0, body, size.Width, look.StatusHeight)
}

// fitHead makes the top of the current screen low where the window is narrow,
// and lets the screen itself do with less.
func (w *Window) fitHead() {
	if w.current == nil {
		return
	}
	if s, ok := w.current.(fitter); ok {
		s.Fit(w.compact)
	}
	if h := w.current.Head(); h != nil && h.Compact != w.compact {
		h.Compact = w.compact
		h.Refresh()
	}
}

// MinSize implements fyne.Layout: what the look promises to fit.
func (l *frameLayout) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(800, 520) }

const (
	prefSize    = "window.size"
	startWidth  = 1280
	startHeight = 800
)

func (w *Window) restoreSize() {
	size := w.Fyne.Preferences().FloatListWithFallback(prefSize, []float64{startWidth, startHeight})
	if len(size) != 2 {
		size = []float64{startWidth, startHeight}
	}
	w.Win.Resize(fyne.NewSize(float32(size[0]), float32(size[1])))
}

// saveSize keeps the size in one change: Fyne writes a second one a tenth of a
// second later, which is after the end.
func (w *Window) saveSize() {
	size := w.Win.Canvas().Size()
	w.Fyne.Preferences().SetFloatList(prefSize, []float64{float64(size.Width), float64(size.Height)})
}

// PrefExplanation is the width of the pane that explains what is chosen, which is
// one in all rooms.
const PrefExplanation = "pane.explanation"

// PaneWidth is the width that a person gave a pane.
func (w *Window) PaneWidth(pref string, usual float32) float32 {
	return float32(w.Fyne.Preferences().FloatWithFallback(pref, float64(usual)))
}

// KeepPane remembers the width of a pane.
func (w *Window) KeepPane(pref string) func(float32) {
	return func(width float32) { w.Fyne.Preferences().SetFloat(pref, float64(width)) }
}

// status is what the frame shows of the work under way.
type status struct {
	bar       widgets.Status
	conflicts int
	failed    int
}

// FollowStatus keeps the frame's status fresh until the window ends. It runs
// off the UI thread.
func (w *Window) FollowStatus() {
	w.wg.Go(func() {
		tick := time.NewTicker(500 * time.Millisecond)
		defer tick.Stop()
		var last status
		for {
			select {
			case <-w.Ctx.Done():
				return
			case <-tick.C:
			}
			now, err := w.readStatus()
			if err != nil || now == last {
				continue
			}
			last = now
			w.Post(func() { w.showStatus(now) })
		}
	})
}

// RefreshStatus reads the status once, now.
func (w *Window) RefreshStatus() {
	w.wg.Go(func() {
		if now, err := w.readStatus(); err == nil && w.Ctx.Err() == nil {
			w.Post(func() { w.showStatus(now) })
		}
	})
}

// readStatus gathers the status; it runs off the UI thread.
func (w *Window) readStatus() (status, error) {
	var s status
	all, err := w.App.Connections(w.Ctx)
	if err != nil {
		return s, err
	}
	s.bar.Lanes = [3]widgets.LaneLine{{Name: "Search", Short: "Search", Rate: "idle"}, {Name: "Batch", Short: "Batch", Rate: "idle"}, {Name: "Associations", Short: "Assoc.", Rate: "idle"}}
	s.bar.Portal = look.Neutral
	if c, ok := w.portalShown(all); ok {
		s.bar.Portal, s.bar.Name = wording.PortalMeaning(c.Kind, c.AccountType), c.Name
		if t, ok := w.App.Traffic(c.ID); ok {
			s.bar.Budget = wording.DailyBudget(t)
		}
	}
	for _, snap := range w.snapshots() {
		s.bar.Lanes[0] = laneLine(s.bar.Lanes[0], snap.Search)
		s.bar.Lanes[1] = laneLine(s.bar.Lanes[1], snap.Batch)
		s.bar.Lanes[2] = laneLine(s.bar.Lanes[2], snap.Associations)
	}
	if s.conflicts, err = w.App.OpenConflicts(w.Ctx); err != nil {
		return s, err
	}
	s.failed, err = w.App.FailedCount(w.Ctx)
	return s, err
}

// snapshots tell how far the work under way is: each job, and of each set the
// sync that is at work.
func (w *Window) snapshots() (all []engine.Snapshot) {
	for _, job := range w.App.Running() {
		all = append(all, job.Progress.Snapshot())
	}
	for _, job := range w.App.RunningSets() {
		if p := job.Progress.Snapshot(); p.At < len(p.Members) {
			all = append(all, p.Members[p.At].Progress)
		}
	}
	return all
}

// portalShown is the portal that the frame shows: that of the work under way,
// else that of the plan on the screen, else the one with which a mistake would
// cost most.
func (w *Window) portalShown(all []app.Connection) (app.Connection, bool) {
	byID := make(map[int64]app.Connection, len(all))
	var worst app.Connection
	for _, c := range all {
		byID[c.PortalID] = c
		if worst.ID == "" || danger(c) > danger(worst) {
			worst = c
		}
	}
	for _, job := range w.App.Running() {
		if c, ok := byID[w.App.PortalOfJob(w.Ctx, job)]; ok {
			return c, true
		}
	}
	if c, ok := byID[w.onScreen.Load()]; ok {
		return c, true
	}
	return worst, worst.ID != ""
}

func danger(c app.Connection) int {
	switch wording.PortalMeaning(c.Kind, c.AccountType) {
	case look.Production:
		return 2
	case look.Sandbox:
		return 1
	}
	return 0
}

func laneLine(l widgets.LaneLine, lane engine.Lane) widgets.LaneLine {
	l.State = wording.LaneState(lane.State)
	if l.State == widgets.LaneWorking {
		if rate := perSecond(lane, time.Now()); rate != "" {
			l.Rate = rate
		} else {
			l.Rate = "working"
		}
	}
	return l
}

// perSecond is a lane's rate in records, "" before it can be told.
func perSecond(l engine.Lane, now time.Time) string {
	took := now.Sub(l.Since).Seconds()
	if l.Since.IsZero() || took < 0.5 || l.Done == l.Before {
		return ""
	}
	return look.Number(int(float64(l.Done-l.Before)/took)) + "/s"
}

func (w *Window) showStatus(s status) {
	if w.lastErr != nil {
		s.bar.Error = w.lastErr.What
	}
	w.bar.Set(s.bar)
	w.rail.SetCount(int(PlaceReview), s.conflicts)
	for _, both := range w.waiting {
		both.Items[0].Count, both.Items[1].Count = look.Number(s.conflicts), look.Number(s.failed)
		both.Refresh()
	}
}
