package review

import (
	"context"

	"fyne.io/fyne/v2"

	"syncline/app"
	"syncline/sync/plan"
	"syncline/ui/look"
	"syncline/ui/shell"
	"syncline/ui/widgets"
	"syncline/ui/wording"
)

// proposedWords say what a proposal about a value would do.
var proposedWords = map[plan.Choice]string{plan.ChooseSource: "take the source’s value", plan.ChooseHubSpot: "take HubSpot’s value", plan.ChooseBase: "back to the base"}

// proposal puts what an assistant proposes for a conflict into a box, when it is
// known. It decides nothing until somebody presses the button.
func (s *Screen) proposal(c app.Conflict, box *fyne.Container) {
	shell.Load(s.w, func(ctx context.Context) (map[int64]app.Proposal, error) {
		return s.w.App.Proposals(ctx, []int64{c.ID})
	}, func(all map[int64]app.Proposal) {
		p, ok := all[c.ID]
		if now, still := s.currentConflict(); !ok || !still || now.ID != c.ID {
			return
		}
		what := s.choiceWord(p.Choice)
		if word, known := proposedWords[p.Choice]; known && c.Property != "" {
			what = word
		}
		if p.Choice == plan.ChooseValue {
			what = "take “" + p.Value + "”"
		}
		take := widgets.NewButton(widgets.Plain, "check", "Take it over", func() {
			s.decide([]int64{c.ID}, p.Choice, p.Value, true)
			s.list.Focus()
		})
		box.Add(widgets.NewCard(widgets.NewColumn(6,
			widgets.NewLine(wording.SentenceCase(p.Proposer)+" proposes: "+what, look.Strong, look.T1),
			widgets.NewParagraph(p.Why, look.Small, look.T2), widgets.NewRow(8, take))))
		s.detail.Refresh()
	}, nil)
}
