package newsync

import (
	"fmt"
	"slices"
	"strings"

	"syncline/app/suggest"
	"syncline/ui/look"
	"syncline/ui/widgets"
	"syncline/ui/wording"
)

// canBeLoose reports whether rows may do without a match key: records are made, and
// no pair would be a good one.
func (k *keyStep) canBeLoose() bool {
	return k.creates() && !slices.ContainsFunc(k.keys, func(c suggest.Key) bool { return c.Verdict <= suggest.Good })
}

// loosen does without a key.
func (k *keyStep) loosen() {
	k.take(nil)
	k.loose, k.outcome, k.samples = true, nil, nil
	k.show()
	k.s.refresh()
}

// showLoose says what doing without a key leads to.
func (k *keyStep) showLoose() {
	one := wording.Lower(k.s.draft.Object.LabelSingular)
	k.panel.Add(widgets.NewLine("Without a key", look.Heading, look.T1))
	k.panel.Add(widgets.NewParagraph(fmt.Sprintf("Each row becomes a new %s, once. Later runs know it by the row's %s. A %s that is in HubSpot already is not looked for.",
		one, strings.Join(k.s.draft.Definition.Source.Key, " and "), one), look.Small, look.T2))
	k.panel.Refresh()
}
