package plan

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"syncline/sync/engine"
	"syncline/ui/layouts"
	"syncline/ui/look"
	"syncline/ui/widgets"
)

// lanes are the ways by which new records can go to HubSpot, in the order of their choice.
var lanes = []engine.LaneChoice{engine.LaneBulk, engine.LaneBatch}

// makeWays shows by which way many new records go to HubSpot, what each would cost, and lets one
// be chosen; nil where there is only one and nothing to say.
func (s *Screen) makeWays() fyne.CanvasObject {
	c := s.view.Summary.Creating
	if c == nil || s.applied || s.undoes() {
		return nil
	}
	if c.Refused != "" {
		return widgets.NewInfoBox("The new records go to HubSpot in batches, " + look.Count(c.Batch, "call", "calls") + ", and not by one import: " + c.Refused + ".")
	}
	chosen := 1
	if c.Lane == engine.ByImport {
		chosen = 0
	}
	text := widgets.NewColumn(2, widgets.NewLine("How the new records go to HubSpot", look.Strong, look.T1),
		widgets.NewLine("An import takes few of the day’s calls; batches tell sooner what became of each row.", look.Small, look.T2))
	if s.set != nil {
		return widgets.NewCard(text)
	}
	pick := widgets.NewTextSegment([]string{"Import · " + look.Count(c.Import, "call", "calls"), "Batches · " + look.Count(c.Batch, "call", "calls")}, chosen, func(i int) {
		s.lane = lanes[i]
		s.count()
	})
	return widgets.NewCard(container.NewBorder(nil, nil, nil, container.New(layouts.Middle{}, pick), text))
}

// makeReading tells by which way very many records were read; nil where that is not worth
// telling.
func (s *Screen) makeReading() fyne.CanvasObject {
	r := s.view.Summary.Reading
	if r == nil || s.applied || s.undoes() {
		return nil
	}
	records := look.Count(r.Records, "record was", "records were")
	list := look.Count(r.List, "call", "calls")
	if r.Way == engine.ByExport {
		return widgets.NewInfoBox(records + " read from an export of HubSpot’s, about " + look.Count(r.Export, "call", "calls") + " instead of " + list + ", and what changed meanwhile was searched.")
	}
	if r.Refused == "" {
		return nil
	}
	return widgets.NewInfoBox(records + " listed a hundred at a time, " + list + ", and not read from an export of HubSpot’s: " + r.Refused + ".")
}

// moreCalls is how many calls the way that is chosen takes beyond those of the plan's forecast.
func (s *Screen) moreCalls() int {
	c := s.view.Summary.Creating
	switch {
	case c == nil || c.Refused != "" || s.lane == engine.LaneAuto:
		return 0
	case s.lane == engine.LaneBulk && c.Lane == engine.ByBatch:
		return c.Import - c.Batch
	case s.lane == engine.LaneBatch && c.Lane == engine.ByImport:
		return c.Batch - c.Import
	}
	return 0
}
