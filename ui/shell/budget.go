package shell

import (
	"fmt"
	"time"

	"fyne.io/fyne/v2"

	"syncline/sync/engine"
	"syncline/sync/hubspot"
	"syncline/ui/look"
	"syncline/ui/widgets"
	"syncline/ui/wording"
)

// BudgetPanel shows what is left of the portal's limits beside a run.
type BudgetPanel struct {
	Root         fyne.CanvasObject
	burst, today *widgets.Gauge
	burstRow     *widgets.FactRow
	todayRow     *widgets.FactRow
	note         *widgets.Paragraph
	calls        *widgets.FactRow
	searches     *widgets.FactRow
	refused      *widgets.FactRow
	leave        fyne.CanvasObject // that one may leave, while it goes on
	before       hubspot.Traffic   // when the run began
	started      bool
}

// NewBudgetPanel makes a panel that shows no figures yet.
func NewBudgetPanel() *BudgetPanel {
	p := &BudgetPanel{
		burst: widgets.NewGauge(widgets.Budget{}, 260, 10), today: widgets.NewGauge(widgets.Budget{}, 260, 10),
		burstRow: widgets.NewFactRow("Last 10 seconds", "–"), todayRow: widgets.NewFactRow("Today", "–"),
		note:  widgets.NewParagraph("HubSpot tells the limits with its first answer", look.Caption, look.T2),
		calls: widgets.NewFactRow("Calls in this run", "0"), searches: widgets.NewFactRow("of them searches", "0"), refused: widgets.NewFactRow("Refused for rate", "0"),
	}
	p.leave = widgets.NewInfoBox("You may leave this screen, or quit: Home offers then to go on from here, with no row lost or doubled.")
	p.Root = widgets.NewCard(widgets.NewColumn(10,
		widgets.NewIconText("gauge", "API budget", look.Heading, look.T1),
		widgets.NewColumn(2, p.burstRow, p.burst),
		widgets.NewSeparator(),
		widgets.NewColumn(2, p.todayRow, p.today, p.note),
		widgets.NewSeparator(),
		widgets.NewColumn(0, p.calls, p.searches, p.refused),
		p.leave))
	return p
}

// Set shows the limits and what the run used of them.
func (p *BudgetPanel) Set(t hubspot.Traffic) {
	if t.Burst.Max == 0 {
		return // no call yet
	}
	if !p.started {
		p.before, p.started = t, true
	}
	used := t.Burst.Max - t.Burst.Remaining
	p.burst.SetBudget(widgets.Budget{Used: used, Limit: t.Burst.Max})
	p.burstRow.Label = "Last " + look.Took(max(t.Burst.Window, time.Second))
	p.burstRow.Set(fmt.Sprintf("%s of %s", look.Number(used), look.Number(t.Burst.Max)))
	if d := t.Daily; d.Known {
		p.today.SetBudget(wording.DailyBudget(t))
		p.todayRow.Set(fmt.Sprintf("%s of %s", look.Number(d.Max-d.Remaining), look.Number(d.Max)))
		p.note.SetText(fmt.Sprintf("Stops at the mark: %.0f%% stays for other apps", wording.Reserve*100))
	}
	p.Came(engine.Calls{Total: t.Total - p.before.Total, Search: t.Search - p.before.Search, Throttled: t.Throttled - p.before.Throttled})
}

// Ended takes back that one may leave while it goes on.
func (p *BudgetPanel) Ended() { p.leave.Hide() }

// Came shows the calls that the run made.
func (p *BudgetPanel) Came(c engine.Calls) {
	p.calls.Set(look.Number(c.Total))
	p.searches.Set(look.Number(c.Search))
	p.refused.Set(look.Number(c.Throttled))
}
